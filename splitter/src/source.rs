//! The film as it comes: its tracks, and the bytes of their samples.
//!
//! 1. Step over the boxes of the top level; read `moov` and every `moof` whole, nothing else.
//! 2. Build each track's table of samples from the one or the others.
//! 3. Hold the tables against the file's length.

mod fragmented;
mod input;
mod pictures;
mod places;
mod undecodable;

use std::ops::Range;

use isobmff::{
    BoxPath, BoxRef, Children, Init, SampleEntry, SampleTable, Track, TrackKind, check_configuration, nal_units, write,
};

pub(crate) use input::{Input, is_first_box};

use crate::subtitles::{Subtitles, is_text};
use crate::timeline::edits;
use crate::{Error, Options, Warning};

/// The most bytes of a sample that are searched for parameter sets, which stand at its beginning.
const MAX_PARAMETER_SETS: u32 = 1 << 20;

/// A film that can be cut.
pub(crate) struct Source {
    pub(crate) input: Input,
    /// Ticks in a second of the movie's own clock.
    pub(crate) timescale: u32,
    /// Those that can be played, in file order; at least one.
    pub(crate) tracks: Vec<SourceTrack>,
    /// Tracks of text that can be read.
    pub(crate) texts: Vec<SourceTrack>,
    /// What is WebVTT already.
    pub(crate) subtitles: Vec<Subtitles>,
    /// Whether samples come in fragments.
    pub(crate) is_fragmented: bool,
    pub(crate) warnings: Vec<Warning>,
}

/// A track with samples.
pub(crate) struct SourceTrack {
    pub(crate) track: Track,
    /// The body of an `stsd` with the entry that its samples use.
    pub(crate) sample_entries: Vec<u8>,
    /// Path and place of the `stsd` in the film.
    stsd: (BoxPath, u64),
    /// Display size as it stands in `tkhd`: 16.16 fixed point.
    pub(crate) size: [u32; 2],
    /// Decode time of the first sample in ticks, before the edit list.
    pub(crate) first_decode_time: u64,
    pub(crate) table: SampleTable,
}

impl Source {
    /// Reads the boxes of a film.
    pub(crate) fn read(input: Input, options: &Options) -> Result<Self, Error> {
        let top = input.scan()?;
        let Some((moov_offset, moov_bytes)) = &top.moov else {
            return Err(Error::NoMoov { path: input.path.clone(), bytes: input.bytes });
        };
        let in_box = |cause| Error::Box { path: input.path.clone(), cause };
        let moov = BoxRef::parse(moov_bytes, *moov_offset).map_err(in_box)?;
        let init = Init::from_moov(&moov).map_err(in_box)?;
        let mut warnings = Vec::new();
        let mut tracks = Vec::new();
        let traks = traks(&moov).map_err(in_box)?;
        for (track, trak) in init.tracks.iter().zip(&traks) {
            let is_unwanted = options.audio_only && track.kind == TrackKind::Video;
            if is_unwanted || !is_playable(&input, track, &mut warnings)? {
                continue;
            }
            tracks.push(source_track(track, trak, input.bytes).map_err(in_box)?);
            check_count(&tracks).map_err(|what| in_box(trak.invalid(what)))?;
        }
        if init.is_fragmented {
            fragmented::read(&input, &top.moofs, &init, &mut tracks)?;
        }
        tracks.retain(|track| track.table.count() > 0);
        let is_text = |track: &SourceTrack| track.track.kind == TrackKind::Text;
        let (texts, mut tracks): (Vec<_>, Vec<_>) = tracks.into_iter().partition(is_text);
        if !options.audio_only {
            pictures::check(&input, &init, &traks, &tracks, &mut warnings)?;
        }
        if tracks.is_empty() {
            return Err(Error::NoStreams { path: input.path });
        }
        let listed = tracks.iter().chain(&texts).map(|track| track.table.bytes()).sum();
        if listed > input.bytes {
            return Err(Error::Overlapping { path: input.path, listed, bytes: input.bytes });
        }
        if let Some(Range { start, end }) = places::overlap(&tracks) {
            return Err(Error::Overlap { path: input.path, start, end });
        }
        warnings.extend(edits::settle(&mut tracks, &traks, init.timescale, &input.path)?);
        tracks.iter_mut().try_for_each(|track| track.settle_entry(&input))?;
        let is_fragmented = init.is_fragmented;
        let (timescale, subtitles) = (init.timescale, Vec::new());
        Ok(Self { input, timescale, tracks, texts, subtitles, is_fragmented, warnings })
    }
}

/// Refuses tracks that together ask for more memory than any film: samples without bytes cost a file nothing.
fn check_count(tracks: &[SourceTrack]) -> Result<(), &'static str> {
    /// A month of audio.
    const MOST_SAMPLES: u64 = 1 << 25;
    let samples: u64 = tracks.iter().map(|track| u64::from(track.table.count())).sum();
    if samples > MOST_SAMPLES { Err("the tracks together have more samples than any film") } else { Ok(()) }
}

fn traks<'a>(moov: &BoxRef<'a>) -> Result<Vec<BoxRef<'a>>, isobmff::Error> {
    moov.children().filter(|child| child.as_ref().map_or(true, |child| child.kind == b"trak")).collect()
}

/// Whether a track becomes a stream. One that carries no film is left out with a warning; one that a browser cannot
/// decode stops everything, because a film without its picture or sound is not what was asked for.
fn is_playable(input: &Input, track: &Track, warnings: &mut Vec<Warning>) -> Result<bool, Error> {
    const CODECS: [&[u8; 4]; 15] = [
        b"avc1", b"avc3", b"hvc1", b"hev1", b"dvh1", b"dvhe", b"av01", b"vp08", b"vp09", b"mp4a", b"Opus", b"fLaC",
        b"ac-3", b"ec-3", b".mp3",
    ];
    const PICTURES: [&[u8; 4]; 3] = [b"jpeg", b"png ", b"mjpg"];
    let entry = track.entry();
    let left_out = match track.kind {
        TrackKind::Video => PICTURES.iter().any(|&picture| entry.format == picture) || entry.codec == "mp4v.6C",
        TrackKind::Audio => false,
        TrackKind::Text => !is_text(entry.format),
        TrackKind::Other(_) => true,
    };
    if left_out {
        warnings.push(Warning::LeftOut { track: track.id, codec: entry.codec.clone() });
        return Ok(false);
    }
    if track.kind == TrackKind::Text {
        return Ok(true);
    }
    if matches!(&entry.format.0, b"encv" | b"enca") {
        return Err(Error::Encrypted { path: input.path.clone(), track: track.id });
    }
    if !CODECS.iter().any(|&codec| entry.format == codec) {
        return Err(Error::Codec { path: input.path.clone(), track: track.id, codec: entry.codec.clone() });
    }
    Ok(true)
}

fn source_track(track: &Track, trak: &BoxRef<'_>, file_bytes: u64) -> Result<SourceTrack, isobmff::Error> {
    let stbl = trak.need("mdia")?.need("minf")?.need("stbl")?;
    let stsd = stbl.need("stsd")?;
    let has_samples = SampleTable::listed(&stbl)? > 0;
    let table = if has_samples { SampleTable::from_stbl(&stbl, file_bytes)? } else { SampleTable::default() };
    Ok(SourceTrack {
        track: track.clone(),
        sample_entries: stsd.body.to_vec(),
        stsd: (stsd.path, stsd.offset),
        size: [track.width << 16, track.height << 16],
        first_decode_time: 0,
        table,
    })
}

impl SourceTrack {
    /// A track without a file, for tests of what follows.
    #[cfg(test)]
    pub(crate) fn made_up(track: Track, table: SampleTable) -> Self {
        let stsd = (BoxPath::default(), 0);
        Self { track, sample_entries: Vec::new(), stsd, size: [0; 2], first_decode_time: 0, table }
    }

    /// Makes the entry that the samples use the only one, as every player reads it.
    fn settle_entry(&mut self, input: &Input) -> Result<(), Error> {
        let in_box = |cause| Error::Box { path: input.path.clone(), cause };
        let (path, offset) = self.stsd;
        let missing = || isobmff::Error::missing(path, offset, "entry that the samples use");
        let entries = self.sample_entries.get(8..).unwrap_or_default();
        let mut entries = Children::new(entries, path, offset + 16);
        let entry = entries.nth((self.table.description() as usize).saturating_sub(1)).ok_or_else(missing);
        let entry = entry.and_then(|entry| entry).map_err(in_box)?;
        let parsed = SampleEntry::parse(&entry, self.track.kind).map_err(in_box)?;
        self.track.entries = vec![parsed];

        let length_bytes = write::parameter_sets_in_samples(&entry).map_err(in_box)?;
        let sample = match self.table.iter().next().filter(|_| length_bytes.is_some()) {
            Some(sample) => input.read_box(sample.offset, u64::from(sample.size.min(MAX_PARAMETER_SETS)))?,
            None => Vec::new(),
        };
        let units: Vec<_> = length_bytes.map_or(Vec::new(), |bytes| nal_units(&sample, bytes).collect());
        self.sample_entries = write::sample_entries(&entry, self.track.kind, &units).map_err(in_box)?;
        let written = self.sample_entries.get(8..).unwrap_or_default();
        let written = Children::new(written, path, offset + 16).next().ok_or_else(missing).and_then(|entry| entry);
        written.and_then(|entry| check_configuration(&entry, self.track.kind)).map_err(in_box)
    }
}
