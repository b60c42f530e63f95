//! `manifest.json`, letter for letter. Unknown fields are ignored; every URL is relative to the manifest's own.

use serde::{Deserialize, Serialize};

use crate::whole::{whole, whole_list, whole_option, whole_pairs};
use crate::{Digest, MediaTime, Timescale};

/// The `version` that this code writes and reads.
pub const VERSION: u32 = 1;

/// One cut of one film.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub struct Document {
    /// [`VERSION`].
    #[serde(deserialize_with = "whole")]
    pub version: u32,
    /// The content id: lower-case hexadecimal, equal only for byte-equal cuts.
    pub id: String,
    /// The film's name, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Length of the longest stream, in seconds.
    pub duration: MediaTime,
    /// At least one; video before audio, the default of a kind (or its switching set) first.
    pub streams: Vec<StreamEntry>,
    /// WebVTT files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subtitles: Vec<SubtitlesEntry>,
    /// Pictures for the seek bar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnails: Option<ThumbnailsEntry>,
    /// Where parts of the film begin, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chapters: Vec<ChapterEntry>,
}

/// What a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One video track.
    Video,
    /// One audio track.
    Audio,
    /// Video and audio in the same fragments.
    Muxed,
}

/// One init and its chunks, played through one SourceBuffer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub struct StreamEntry {
    /// What it carries.
    pub kind: Kind,
    /// With the codecs parameter (RFC 6381), as `MediaSource.isTypeSupported` takes it.
    pub mime: String,
    /// Ticks in a second, for every `start`, `duration` and `ticks` below.
    pub timescale: Timescale,
    /// Average over the whole stream, in bits per second.
    #[serde(deserialize_with = "whole")]
    pub bandwidth: u64,
    /// Display width in pixels (video).
    #[serde(default, deserialize_with = "whole_option", skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Display height in pixels (video).
    #[serde(default, deserialize_with = "whole_option", skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Frames in a second as a fraction such as `24000/1001` (video of constant rate).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<String>,
    /// Channels (audio).
    #[serde(default, deserialize_with = "whole_option", skip_serializing_if = "Option::is_none")]
    pub channels: Option<u16>,
    /// Samples in a second (audio).
    #[serde(default, deserialize_with = "whole_option", skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    /// BCP 47 language tag; absent where the film does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// For a menu.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether this is the stream of its kind to begin with.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// The switching set that it is a rung of: streams of one number are the same pictures, or the same sound, at other rates, and all
    /// of their groups begin at the same times. Numbers ascend along the list; within a set the highest bandwidth comes first, and
    /// `default` is the rung to play where nothing is known.
    #[serde(default, deserialize_with = "whole_option", skip_serializing_if = "Option::is_none")]
    pub set: Option<u32>,
    /// Whether pictures at the beginning of a group may need the group before (open GOPs, which begin at a CRA picture of
    /// H.265).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open_gop: bool,
    /// The init, shared by all chunks.
    pub init: InitEntry,
    /// In order, without holes.
    pub chunks: Vec<ChunkEntry>,
}

/// `ftyp` + `moov`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub struct InitEntry {
    /// Where it is.
    pub url: String,
    /// Its length.
    #[serde(deserialize_with = "whole")]
    pub bytes: u64,
    /// Digest of those bytes.
    pub sha256: Digest,
    /// The bytes themselves in base64 (RFC 4648 section 4), where small: it saves a round trip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

/// A file of whole groups.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub struct ChunkEntry {
    /// Where it is.
    pub url: String,
    /// Its length.
    #[serde(deserialize_with = "whole")]
    pub bytes: u64,
    /// Of the whole file.
    pub sha256: Digest,
    /// Presentation time of its first sync sample, in ticks. Negative where audio priming lies before zero.
    #[serde(deserialize_with = "whole")]
    pub start: i64,
    /// In ticks, up to the start of the next chunk or the end of the stream.
    #[serde(deserialize_with = "whole")]
    pub duration: u64,
    /// Its groups.
    pub groups: GroupIndex,
    /// The [`crate::FragmentTable`] of its fragments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fragments: Option<FileEntry>,
}

/// The groups of a chunk, in order. Group *n* begins where group *n* − 1 ends, in bytes and in time.
///
/// A group begins at a sync sample. Where every sample is one (audio), the splitter sets the bounds, about 2 s apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub struct GroupIndex {
    /// Length of each, in bytes.
    #[serde(deserialize_with = "whole_list")]
    pub bytes: Vec<u64>,
    /// Length of each in ticks of presentation time, run-length coded: `[ticks, how many groups in a row]`.
    #[serde(deserialize_with = "whole_pairs")]
    pub ticks: Vec<(u64, u32)>,
}

/// A file that is named, with its digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub struct FileEntry {
    /// Where it is.
    pub url: String,
    /// Its length.
    #[serde(deserialize_with = "whole")]
    pub bytes: u64,
    /// Digest of those bytes.
    pub sha256: Digest,
}

/// One WebVTT file on the film's timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub struct SubtitlesEntry {
    /// Where it is.
    pub url: String,
    /// Its length.
    #[serde(default, deserialize_with = "whole_option", skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Digest of those bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// BCP 47 language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// For a menu.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether to show it unasked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
}

/// A WebVTT file whose cues name regions of sprite pictures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub struct ThumbnailsEntry {
    /// Where it is.
    pub url: String,
    /// Its length.
    #[serde(default, deserialize_with = "whole_option", skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Digest of those bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// The sprites.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<FileEntry>,
}

/// A part of the film with a name. It lasts until the next begins or the film ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub struct ChapterEntry {
    /// When it begins, in seconds; never negative, and later than the one before.
    pub start: MediaTime,
    /// For people; may be empty.
    pub title: String,
}
