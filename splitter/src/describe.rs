//! The manifest of a cut, and its content id.

use std::iter;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use manifest::{
    ChunkEntry, Digest, Document, FileEntry, GroupIndex, ID_DIGITS, InitEntry, StreamEntry, Timescale, VERSION,
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use signing::Keys;

use crate::beside::Beside;
use crate::chunk::Written;
use crate::language::bcp47;
use crate::plan::{ChunkPlan, StreamPlan};
use crate::stream::Stream;
use crate::subtitles::Subtitles;
use crate::thumbnails::Thumbnails;
use crate::track::Track;
use crate::{Warning, chapters};

/// The longest init that stands in the manifest itself, in bytes: a player need not wait for another answer.
const SMALL_INIT: usize = 8 << 10;

/// Everything that is known of a stream once it is written.
pub(crate) struct CutStream<'a> {
    pub(crate) stream: &'a Stream<'a>,
    pub(crate) plan: &'a StreamPlan,
    pub(crate) written: &'a [Written],
}

impl<'a> CutStream<'a> {
    /// Those of a film: each stream with its plan and its chunks, in the same order.
    pub(crate) fn all(streams: &'a [Stream<'a>], plans: &'a [StreamPlan], written: &'a [Vec<Written>]) -> Vec<Self> {
        let known = streams.iter().zip(plans).zip(written);
        known.map(|((stream, plan), written)| Self { stream, plan, written }).collect()
    }
}

/// A manifest with what is missing of the film, which no player needs to know.
#[derive(Serialize)]
pub(crate) struct Reported<'a> {
    #[serde(flatten)]
    document: &'a Document,
    /// What was published although film is missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    report: Vec<&'a Warning>,
}

impl<'a> Reported<'a> {
    pub(crate) fn new(document: &'a Document, warnings: &'a [Warning]) -> Self {
        Self { document, report: warnings.iter().filter(|warning| warning.is_loss()).collect() }
    }
}

/// The manifest of these streams, with its content id and all URLs under it.
///
/// The content id is the SHA-256 of the compact JSON of the same manifest with an empty `id`, without `name`, and with
/// URLs relative to the cut's directory (`video-1/0001.mp4`), cut to the first 32 hexadecimal digits. Since that names a
/// digest for every file, equal ids mean equal bytes; and a film can be renamed without being downloaded again.
///
/// Whoever has the film can cut it, too, and knows that id. Where there are keys, 32 digits follow that only they make.
pub(crate) fn document(
    streams: &[CutStream<'_>],
    beside: &Beside,
    thumbnails: Option<&Thumbnails>,
    name: Option<String>,
    private: Option<&Keys>,
) -> Document {
    let end = |cut: &CutStream<'_>| {
        let last = cut.plan.chunks.last().expect("a plan has at least one chunk");
        timescale(cut.stream.lead()).media_time(last.start.saturating_add_unsigned(last.duration))
    };
    let duration = streams.iter().map(end).max().unwrap_or_default();
    let mut document = Document {
        version: VERSION,
        id: String::new(),
        name: None,
        duration,
        streams: streams.iter().map(entry).collect(),
        subtitles: beside.subtitles.iter().map(Subtitles::entry).collect(),
        thumbnails: thumbnails.map(Thumbnails::entry),
        chapters: chapters::entries(beside.chapters.clone(), duration),
    };
    document.id = hash(&document);
    if let Some(keys) = private {
        document.id += &keys.secret_name(&document.id);
    }
    document.name = name;
    let prefix = format!("{}/", document.id);
    urls(&mut document).for_each(|url| url.insert_str(0, &prefix));
    document
}

/// The content id that a manifest should have; that of a private cut only begins with it.
pub(crate) fn content_id(document: &Document) -> String {
    let prefix = format!("{}/", document.id);
    let mut canonical = Document { id: String::new(), name: None, ..document.clone() };
    for url in urls(&mut canonical) {
        if let Some(relative) = url.strip_prefix(&prefix) {
            *url = relative.to_owned();
        }
    }
    hash(&canonical)
}

fn hash(canonical: &Document) -> String {
    let json = serde_json::to_vec(canonical).expect("a manifest has nothing that JSON lacks");
    Digest(Sha256::digest(json).into()).to_string()[..ID_DIGITS].to_owned()
}

/// Every URL of a manifest.
fn urls(document: &mut Document) -> impl Iterator<Item = &mut String> {
    let of_streams = document.streams.iter_mut().flat_map(|stream| {
        let of_chunks = stream
            .chunks
            .iter_mut()
            .flat_map(|chunk| iter::once(&mut chunk.url).chain(chunk.fragments.as_mut().map(|table| &mut table.url)));
        iter::once(&mut stream.init.url).chain(of_chunks)
    });
    let of_texts = document.subtitles.iter_mut().map(|text| &mut text.url);
    let of_thumbnails = document.thumbnails.iter_mut().flat_map(|thumbnails| {
        iter::once(&mut thumbnails.url).chain(thumbnails.pictures.iter_mut().map(|picture| &mut picture.url))
    });
    of_streams.chain(of_texts).chain(of_thumbnails)
}

fn timescale(track: &Track) -> Timescale {
    Timescale::new(track.timing.timescale).expect("a track with timescale 0 is refused when it is read")
}

fn entry(cut: &CutStream<'_>) -> StreamEntry {
    let CutStream { stream, plan, written } = cut;
    let lead = stream.lead();
    let video = stream.tracks.iter().find(|track| track.is_video);
    let audio = stream.tracks.iter().find(|track| !track.is_video);
    let size = stream.size();
    let sound = audio.map(|track| track.track.entry());
    StreamEntry {
        kind: stream.kind,
        mime: stream.mime.to_string(),
        timescale: timescale(lead),
        bandwidth: plan.bandwidth(lead.timing.timescale),
        width: size.map(|(width, _)| width),
        height: size.map(|(_, height)| height),
        frame_rate: video.and_then(|track| track.table.constant_duration().and_then(|ticks| frame_rate(track, ticks))),
        channels: sound.map(|sound| sound.channels).filter(|&channels| channels > 0),
        sample_rate: sound.map(|sound| sound.sample_rate).filter(|&rate| rate > 0),
        // People ask what is spoken, not what is shown.
        language: audio.unwrap_or(&lead).track.language.as_deref().and_then(bcp47),
        label: audio.unwrap_or(&lead).label.clone(),
        default: stream.is_default,
        set: stream.set,
        open_gop: stream.tracks.iter().any(|track| track.keyframes.open_gop),
        init: init(stream),
        chunks: (1..)
            .zip(plan.chunks.iter().zip(*written))
            .map(|(number, (plan, written))| chunk(&stream.name, number, plan, written))
            .collect(),
    }
}

/// Such as `24000/1001`.
fn frame_rate(track: &Track, ticks: u32) -> Option<String> {
    let (mut divisor, mut rest) = (track.timing.timescale, ticks);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (ticks > 0).then(|| format!("{}/{}", track.timing.timescale / divisor, ticks / divisor))
}

fn init(stream: &Stream<'_>) -> InitEntry {
    InitEntry {
        url: format!("{}/init.mp4", stream.name),
        bytes: stream.init.len() as u64,
        sha256: Digest(Sha256::digest(&stream.init).into()),
        data: (stream.init.len() <= SMALL_INIT).then(|| STANDARD.encode(&stream.init)),
    }
}

fn chunk(name: &str, number: u32, plan: &ChunkPlan, written: &Written) -> ChunkEntry {
    let table = written.fragments.encode();
    let mut ticks: Vec<(u64, u32)> = Vec::new();
    for &length in &plan.group_ticks {
        match ticks.last_mut() {
            Some((last, count)) if *last == length => *count += 1,
            _ => ticks.push((length, 1)),
        }
    }
    ChunkEntry {
        url: format!("{name}/{number:04}.mp4"),
        bytes: plan.bytes,
        sha256: written.sha256,
        start: plan.start,
        duration: plan.duration,
        groups: GroupIndex { bytes: plan.group_bytes.clone(), ticks },
        fragments: Some(FileEntry {
            url: format!("{name}/{number:04}.bin"),
            bytes: table.len() as u64,
            sha256: Digest(Sha256::digest(&table).into()),
        }),
    }
}
