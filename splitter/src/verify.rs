//! Whether a published cut is whole: every file read to its last bit and held against the manifest, and the manifest
//! against the boxes.
//!
//! 1. The manifest: does it agree with itself, and is its content id that of what it says?
//! 2. Each init: length, digest, does it hold what the manifest says of the stream, and does a decoder take it?
//! 3. Each chunk, read once: length, digest, the digest of every fragment, and every box. Do groups begin where the index
//!    says, at a sync sample and at that time? Is each sample framed as its codec has it?
//! 4. Across chunks: does every track's decode time go on without a step?
//! 5. Across rungs: do the groups of a switching set begin at the same times, to the tick?
//! 6. The playlists of other players: are they those of this manifest?
//! 7. Subtitles, thumbnails and their pictures: are they what their names, which hold a digest, say?
//!
//! Damage is a [`Finding`], not an error; only a cut that cannot be looked at is.

mod alignment;
mod bucket;
mod chunk;
mod decode;
mod init;
mod media;
mod place;
mod problem;
mod text;

use std::path::PathBuf;

use manifest::{Document, Film, is_content_id, whole_id};
use serde::Serialize;

pub use alignment::Ladder;
pub use bucket::Bucket;
pub use decode::decode;
pub use place::Place;
pub use problem::{Finding, Problem};

use crate::{Error, Progress, Stop, describe, parallel, playlist, waits};

/// What was looked at and what was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The content id.
    pub id: String,
    /// Files that were read.
    pub files: usize,
    /// Bytes that were read, or should have been.
    pub bytes: u64,
    /// What was missing of the film when it was cut, in words; that is no finding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub report: Vec<String>,
    /// Streams that a player may switch between at every group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ladders: Vec<Ladder>,
    /// What is wrong; empty when all is well.
    pub findings: Vec<Finding>,
}

/// The largest manifest that is read, in bytes.
const LARGEST_MANIFEST: u64 = Film::LARGEST_MANIFEST as u64;
/// The largest init that is read, in bytes.
const LARGEST_INIT: u64 = 32 << 20;
/// The largest subtitles or pictures that are read, in bytes.
const LARGEST_TEXT: u64 = 64 << 20;

/// Reads a whole cut and says what is wrong with it.
///
/// # Errors
/// When there is no manifest to go by, or it was asked to stop.
pub fn verify(place: &Place, progress: &dyn Progress, stop: &Stop) -> Result<Verdict, Error> {
    match place {
        Place::Store(bucket) => waits::told(bucket.waits(), progress, || look(place, progress, stop)),
        Place::Directory(_) | Place::Web(..) => look(place, progress, stop),
    }
}

fn look(place: &Place, progress: &dyn Progress, stop: &Stop) -> Result<Verdict, Error> {
    let bytes = place.manifest(LARGEST_MANIFEST)?;
    let (document, film) = document(place, &bytes)?;
    let report = report(&bytes);
    let chunks = || document.streams.iter().flat_map(|stream| &stream.chunks);
    progress.planned(chunks().map(|chunk| chunk.bytes).sum());

    let mut findings = Vec::new();
    let expected = describe::content_id(&document);
    // The digits behind it of a private cut are known to its key alone.
    // What is there of a film that is going up is named by the id of all of it.
    let is_growing = whole_id(&document.id) != document.id;
    let is_its =
        is_growing || document.id == expected || is_content_id(&document.id) && document.id.starts_with(&expected);
    if !is_its {
        findings.push(Finding::new("manifest.json", Problem::Id { expected, found: document.id.clone() }));
    }
    let (mut files, mut bytes) = (1, bytes.len() as u64);
    for (entry, known) in document.streams.iter().zip(&film.streams) {
        stop.check()?;
        files += 1;
        bytes += entry.init.bytes;
        let Some(init) = init::check(place, entry, known, &mut findings) else { continue };
        let numbers: Vec<_> = (0..entry.chunks.len()).collect();
        let job = |&number: &usize| chunk::check(place, &init, entry, number, progress, stop);
        let looked = parallel::run(&numbers, job)?;
        chunk::check_borders(entry, &looked, &mut findings);
        looked.into_iter().for_each(|looked| findings.extend(looked.findings));
        files += 2 * entry.chunks.len();
        bytes += entry.chunks.iter().map(|chunk| chunk.bytes).sum::<u64>();
    }
    let ladders = alignment::check(&document, &mut findings);
    // Other players are given nothing of it.
    for (url, expected) in if is_growing { Vec::new() } else { playlist::all(&document) } {
        files += 1;
        bytes += expected.len() as u64;
        match place.read(&url, LARGEST_TEXT) {
            Ok(found) if found == expected.as_bytes() => {}
            Ok(_) => findings.push(Finding::new(&url, Problem::Playlist)),
            Err(why) => findings.push(Finding::new(&url, Problem::Unreadable { why })),
        }
    }
    let texts = document.subtitles.iter().map(|entry| text::check(place, entry, &mut findings));
    let mut looked: Vec<u64> = texts.collect();
    if let Some(thumbnails) = &document.thumbnails {
        looked.extend(text::check_thumbnails(place, thumbnails, &mut findings));
    }
    files += looked.len();
    bytes += looked.iter().sum::<u64>();
    Ok(Verdict { id: document.id, files, bytes, report, ladders, findings })
}

/// A cut's manifest, and where it is.
pub(crate) fn read_manifest(place: &Place) -> Result<(PathBuf, Document), Error> {
    let (document, _) = document(place, &place.manifest(LARGEST_MANIFEST)?)?;
    Ok((place.manifest_path(), document))
}

/// The switching sets of a manifest, and what is wrong with them.
pub(crate) fn ladders(document: &Document) -> (Vec<Ladder>, Vec<String>) {
    let mut findings = Vec::new();
    let ladders = alignment::check(document, &mut findings);
    (ladders, findings.iter().map(ToString::to_string).collect())
}

/// The manifest of a cut that there is something to hold against, as it stands there and as a player takes it.
fn document(place: &Place, bytes: &[u8]) -> Result<(Document, Film), Error> {
    let in_manifest = |cause| Error::Manifest { path: place.manifest_path(), cause };
    let film = Film::parse(bytes).map_err(in_manifest)?;
    if !film.is_indexed() {
        return Err(Error::PlainManifest { path: place.manifest_path() });
    }
    Ok((Document::parse(bytes).map_err(in_manifest)?, film))
}

/// What the manifest says of film that is missing.
fn report(manifest: &[u8]) -> Vec<String> {
    #[derive(serde::Deserialize)]
    struct Reported {
        #[serde(default)]
        report: Vec<String>,
    }
    let manifest = manifest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(manifest);
    serde_json::from_slice(manifest).map_or(Vec::new(), |Reported { report }| report)
}
