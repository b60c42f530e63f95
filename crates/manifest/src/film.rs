//! A film as the player sees it: checked, with times and offsets worked out.

use crate::index::Group;
use crate::{ChapterEntry, Digest, Kind, MediaTime};

/// A film whose every known number agrees with every other.
///
/// From a full manifest everything is known. From a plain array only URLs and lengths are; the rest is learned from the
/// chunks by [`Stream::learn_start`] and [`Stream::learn_fragment`].
#[derive(Clone, Debug, PartialEq)]
pub struct Film {
    /// The content id; a plain array has none.
    pub id: Option<String>,
    /// For people.
    pub name: Option<String>,
    /// Length of the longest stream.
    pub duration: Option<MediaTime>,
    /// At least one.
    pub streams: Vec<Stream>,
    /// WebVTT files.
    pub subtitles: Vec<Subtitles>,
    /// Pictures for the seek bar.
    pub thumbnails: Option<Thumbnails>,
    /// Where parts of the film begin, in order.
    pub chapters: Vec<ChapterEntry>,
}

/// One init and its chunks.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// What it carries; unknown until the init of a plain array has been seen.
    pub kind: Option<Kind>,
    /// With codecs (RFC 6381); unknown until the init of a plain array has been seen.
    pub mime: Option<String>,
    /// Average, in bits per second.
    pub bandwidth: Option<u64>,
    /// Display size in pixels.
    pub size: Option<(u32, u32)>,
    /// A fraction such as `24000/1001`.
    pub frame_rate: Option<String>,
    /// Channels.
    pub channels: Option<u16>,
    /// Samples in a second.
    pub sample_rate: Option<u32>,
    /// BCP 47 language tag.
    pub language: Option<String>,
    /// For a menu.
    pub label: Option<String>,
    /// Whether it is the one of its kind to begin with.
    pub default: bool,
    /// The switching set that it is a rung of. Rungs of a set are of one kind and language, their groups begin at the same times (to
    /// the microsecond), and the highest bandwidth comes first.
    pub set: Option<u32>,
    /// The init that the chunks do not carry themselves.
    pub init: Option<Init>,
    /// At least one, in order.
    pub chunks: Vec<Chunk>,
}

/// `ftyp` + `moov`, in a file of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Init {
    /// Relative to the manifest.
    pub url: String,
    /// Its length.
    pub bytes: u64,
    /// Of those bytes.
    pub sha256: Digest,
    /// The bytes themselves, where the manifest brings them.
    pub data: Option<Vec<u8>>,
}

/// A file of whole groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// Relative to the manifest.
    pub url: String,
    /// Its length.
    pub bytes: u64,
    /// Of the whole file.
    pub sha256: Option<Digest>,
    /// Presentation time of its first sync sample.
    pub start: Option<MediaTime>,
    /// Where the next chunk starts or the stream ends.
    pub end: Option<MediaTime>,
    /// The groups that are known, without holes from offset 0 on.
    pub groups: Vec<Group>,
    /// Where the digests of its fragments are.
    pub fragments: Option<FragmentTableRef>,
}

/// Where a chunk's [`crate::FragmentTable`] is.
#[derive(Clone, Debug, PartialEq)]
pub struct FragmentTableRef {
    /// Relative to the manifest.
    pub url: String,
    /// Its length.
    pub bytes: u64,
    /// Of those bytes.
    pub sha256: Digest,
}

/// One WebVTT file on the film's timeline.
#[derive(Clone, Debug, PartialEq)]
pub struct Subtitles {
    /// Relative to the manifest.
    pub url: String,
    /// BCP 47 language tag.
    pub language: Option<String>,
    /// For a menu.
    pub label: Option<String>,
    /// Whether to show it unasked.
    pub default: bool,
}

/// A WebVTT file whose cues name regions of sprite pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Thumbnails {
    /// Relative to the manifest.
    pub url: String,
}

impl Film {
    /// Whether the times of all groups are known from the start.
    #[must_use]
    pub fn is_indexed(&self) -> bool {
        self.id.is_some()
    }
}

impl Stream {
    /// A stream of which nothing but its chunks is known.
    pub(crate) fn unknown(chunks: Vec<Chunk>) -> Self {
        Self {
            kind: None,
            mime: None,
            bandwidth: None,
            size: None,
            frame_rate: None,
            channels: None,
            sample_rate: None,
            language: None,
            label: None,
            default: true,
            set: None,
            init: None,
            chunks,
        }
    }
}
