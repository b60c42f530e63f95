//! What is in a cut, by its manifest: its streams, and which of them are rungs of one switching set.

use std::path::PathBuf;

use manifest::{Document, Kind, StreamEntry};
use serde::Serialize;

use crate::Error;
use crate::playlist::peak_bandwidth;
use crate::verify::{Ladder, Place, ladders, read_manifest};

/// What a manifest says.
#[derive(Clone, Debug, Serialize)]
pub struct Cut {
    /// The manifest, without the query of its address.
    pub path: PathBuf,
    /// The content id.
    pub id: String,
    /// The film's name, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// In seconds.
    pub duration: f64,
    /// In the order of the manifest.
    pub streams: Vec<Stream>,
    /// Streams that a player may switch between at every group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ladders: Vec<Ladder>,
    /// Rungs whose groups do not begin when those of the one above them do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// One stream of a [`Cut`].
#[derive(Clone, Debug, Serialize)]
pub struct Stream {
    /// Its number in the manifest, from 0.
    pub id: usize,
    /// What it carries.
    pub kind: Kind,
    /// Its media type with the `codecs` parameter (RFC 6381).
    pub mime: String,
    /// Shown width and height in pixels (pictures).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
    /// Its language (BCP 47), where the film says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The switching set that it is a rung of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set: Option<u32>,
    /// Its place in that set, counted from the lowest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rung: Option<usize>,
    /// Whether it is the stream of its kind to begin with.
    pub default: bool,
    /// Average over the whole stream, in bits per second.
    pub bandwidth: u64,
    /// The most bits per second that any one group takes.
    pub peak_bandwidth: u64,
    /// Length of all chunks together.
    pub bytes: u64,
    /// Number of chunks.
    pub chunks: usize,
    /// Number of groups: places that a seek can go to without decoding what is not shown.
    pub groups: usize,
    /// Length of the longest of them, in seconds.
    pub longest_group_seconds: f64,
}

/// Reads a cut's manifest, and no other file.
///
/// # Errors
/// When there is none, or it is no manifest of a cut.
pub fn inspect_cut(place: &Place) -> Result<Cut, Error> {
    let (path, document) = read_manifest(place)?;
    let (ladders, problems) = ladders(&document);
    let streams = (0..document.streams.len()).map(|id| stream(&document, id)).collect();
    let duration = document.duration.as_seconds();
    Ok(Cut { path, id: document.id, name: document.name, duration, streams, ladders, problems })
}

fn stream(document: &Document, id: usize) -> Stream {
    let (entry, lower) = (&document.streams[id], &document.streams[id + 1..]);
    let is_below = |set| lower.iter().filter(|other| other.set == Some(set)).count();
    let longest = entry.chunks.iter().flat_map(|chunk| &chunk.groups.ticks).map(|(ticks, _)| *ticks).max();
    Stream {
        id,
        kind: entry.kind,
        mime: entry.mime.clone(),
        size: entry.width.zip(entry.height),
        language: entry.language.clone(),
        set: entry.set,
        rung: entry.set.map(is_below),
        default: entry.default,
        bandwidth: entry.bandwidth,
        peak_bandwidth: peak_bandwidth(document, entry),
        bytes: bytes(entry),
        chunks: entry.chunks.len(),
        groups: entry.chunks.iter().map(|chunk| chunk.groups.bytes.len()).sum(),
        longest_group_seconds: longest.unwrap_or(0) as f64 / f64::from(entry.timescale.get()),
    }
}

/// Whoever wrote the manifest may claim any length of each chunk.
fn bytes(entry: &StreamEntry) -> u64 {
    entry.chunks.iter().fold(0, |sum, chunk| sum.saturating_add(chunk.bytes))
}
