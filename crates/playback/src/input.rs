//! What the shell tells the engine.

use std::rc::Rc;
use std::time::Duration;

use manifest::{Digest, Film, FragmentTable, Kind, MediaTime};

use crate::{CheckId, Origin, Ranges, RequestId, StreamId};

/// A fact. Facts about a request that the engine has given up are ignored.
#[derive(Clone, Debug)]
pub enum Input {
    /// A film to play from `start` on. `supported` says for each stream whether the browser can play its `mime`
    /// (`true` where that is not known yet). Once, first of all.
    Load {
        /// The manifest.
        film: Rc<Film>,
        /// One for each stream.
        supported: Vec<bool>,
        /// Where to begin.
        start: MediaTime,
        /// Whether the shell can answer [`crate::Output::Hash`]; browsers only let secure contexts.
        can_hash: bool,
    },
    /// The media source is open and has a SourceBuffer for each stream of [`crate::Output::Open`].
    Opened,
    /// It could not be made: the browser does not play that type.
    Unsupported {
        /// The type.
        mime: String,
    },
    /// A response's head.
    Head {
        /// Of which request.
        request: RequestId,
        /// What it says.
        head: ResponseHead,
    },
    /// The answer to one [`crate::Output::Read`]: that many bytes of a body. The shell keeps those that were asked for; a
    /// server that ignores Range sends others first.
    Bytes {
        /// Of which request.
        request: RequestId,
        /// How many.
        count: u64,
    },
    /// A body's end, as the network sees it.
    End {
        /// Of which request.
        request: RequestId,
    },
    /// A request that broke.
    Failed {
        /// Which.
        request: RequestId,
        /// How.
        failure: Failure,
    },
    /// An init was seen in the bytes of a stream without an index.
    Init {
        /// Which stream.
        stream: StreamId,
        /// Zero-based number of the chunk that begins with it.
        chunk: usize,
        /// Its number among the stream's inits, from 0 in the order in which they were seen; equal ones have the same.
        init: usize,
        /// What it carries.
        kind: Kind,
        /// Its type with codecs.
        mime: String,
        /// The length of the film, where the init says (`mehd`).
        duration: Option<MediaTime>,
    },
    /// The head (`moof`) of a fragment was seen in the bytes of a stream without an index.
    Fragment {
        /// Which stream.
        stream: StreamId,
        /// What it says.
        facts: FragmentFacts,
    },
    /// The answer to [`crate::Output::Hash`].
    Hashed {
        /// Which check.
        check: CheckId,
        /// Of the bytes; `None` when it could not be worked out.
        digest: Option<Digest>,
    },
    /// The answer to [`crate::Output::ReadTable`].
    Table {
        /// Of which stream.
        stream: StreamId,
        /// Of which chunk.
        chunk: usize,
        /// Of the table's bytes; `None` when it could not be worked out.
        digest: Option<Digest>,
        /// What they say.
        table: Result<FragmentTable, manifest::Error>,
    },
    /// The answer to [`crate::Output::ReloadManifest`]; `None` when there is none to be had.
    Manifest(Option<Box<Film>>),
    /// Look whether there is a new cut of the film.
    Reload,
    /// Play another audio stream instead of the one that plays. One that the browser does not play is ignored.
    SelectAudio {
        /// Which.
        stream: StreamId,
    },
    /// The bytes of a stream are not what can be played.
    Malformed {
        /// Which stream.
        stream: StreamId,
        /// Zero-based number of the chunk.
        chunk: usize,
        /// What is wrong, for people.
        what: String,
    },
    /// The one operation in flight on a stream's SourceBuffer is done.
    Done {
        /// Which stream.
        stream: StreamId,
        /// `SourceBuffer.buffered` now.
        buffered: Ranges,
    },
    /// The answer to [`crate::Output::Inspect`], or the browser has dropped something by itself.
    Buffered {
        /// Which stream.
        stream: StreamId,
        /// `SourceBuffer.buffered` now.
        buffered: Ranges,
    },
    /// The one operation in flight on a stream's SourceBuffer failed.
    OperationFailed {
        /// Which stream.
        stream: StreamId,
        /// How.
        error: OperationError,
        /// `SourceBuffer.buffered` now.
        buffered: Ranges,
    },
    /// The media element has an error, or the MediaSource refused what only it can do.
    MediaFailed {
        /// What the browser says.
        what: String,
    },
    /// Where the playhead is; on every media event and before every timer.
    Playhead(Playhead),
    /// Somebody wants to be elsewhere.
    Seek {
        /// Where.
        to: MediaTime,
        /// Who.
        origin: Origin,
    },
    /// Whether the browser wants data: a ManagedMediaSource says so, others always do. What is needed for the picture at
    /// the playhead is fetched all the same.
    Streaming(bool),
    /// `navigator.onLine` changed.
    Online(bool),
    /// Try again after a fatal error.
    Retry,
}

/// What a response's head says, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// RFC 9110 section 15.
    pub status: u16,
    /// RFC 9110 section 14.4.
    pub content_range: Option<ContentRange>,
    /// RFC 9110 section 8.6.
    pub content_length: Option<u64>,
    /// RFC 9110 section 8.8.3, as sent.
    pub etag: Option<String>,
    /// RFC 9110 section 10.2.3.
    pub retry_after: Option<Duration>,
    /// What an edge cache says of itself.
    pub edge: Option<EdgeStatus>,
}

/// Whether a cache on the way had the bytes (Cloudflare's `CF-Cache-Status`, otherwise `Age`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeStatus {
    /// It had them.
    Hit,
    /// It asked further up.
    Miss,
    /// Anything else, such as `DYNAMIC`: it does not keep them.
    Other,
}

impl EdgeStatus {
    /// Reads the field's value.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        match value.trim() {
            "HIT" | "STALE" | "UPDATING" | "REVALIDATED" => Self::Hit,
            "MISS" | "EXPIRED" => Self::Miss,
            _ => Self::Other,
        }
    }
}

/// `bytes first-last/total`, the end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    /// First byte.
    pub start: u64,
    /// Behind the last byte.
    pub end: u64,
    /// Of the whole representation; `None` for `*`.
    pub total: Option<u64>,
}

impl ContentRange {
    /// Reads the field's value; `None` for an unsatisfied range, another unit or nonsense.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (range, total) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let (start, end) = (first.trim().parse().ok()?, last.trim().parse::<u64>().ok()?.checked_add(1)?);
        let total = match total.trim() {
            "*" => None,
            total => Some(total.parse().ok()?),
        };
        (start < end && total.is_none_or(|total| end <= total)).then_some(Self { start, end, total })
    }
}

/// Why a request broke.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No connection, or one that was cut. Browsers do not say which.
    #[error("the connection failed")]
    Network,
    /// Neither a head nor a byte for [`crate::Options::silence`].
    #[error("nothing arrived for too long")]
    Silence,
    /// The body ended early.
    #[error("the body ended {missing} bytes early")]
    Truncated {
        /// How many bytes are missing.
        missing: u64,
    },
    /// An answer that is no success.
    #[error("the server answered {status}")]
    Status {
        /// RFC 9110 section 15.
        status: u16,
        /// What the server asks for.
        retry_after: Option<Duration>,
    },
    /// A 206 for other bytes than those asked for.
    #[error("the server sent another range than asked for")]
    WrongRange,
    /// The object is not as long as the manifest says.
    #[error("the object has {found} bytes, the manifest says {expected}")]
    WrongTotal {
        /// What the server says.
        found: u64,
        /// What the manifest says.
        expected: u64,
    },
    /// The object is no longer the one that the first bytes came from.
    #[error("the object changed while it was read")]
    Changed,
    /// The bytes are not those that were cut.
    #[error("its SHA-256 digest is not the manifest's")]
    Digest,
    /// A fragment table that contradicts its chunk.
    #[error("{0}")]
    Table(manifest::Error),
    /// A chunk without an index does not say when it starts.
    #[error("there is no fragment in its first {searched} bytes")]
    Headless {
        /// How many bytes were searched.
        searched: u64,
    },
}

/// What the head of a fragment in a stream without an index says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentFacts {
    /// Zero-based number of the chunk.
    pub chunk: usize,
    /// Where in the chunk the fragment ends.
    pub end_offset: u64,
    /// Presentation time of its first sample.
    pub start: MediaTime,
    /// Where its last sample ends.
    pub end: MediaTime,
    /// Whether it begins with a sync sample.
    pub sync: bool,
}

/// Why a SourceBuffer refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationError {
    /// `QuotaExceededError`.
    Quota,
    /// Anything else; the media element's error where it has one.
    Refused(String),
}

/// A sample of the media element.
#[derive(Clone, Debug, PartialEq)]
pub struct Playhead {
    /// `currentTime`.
    pub time: MediaTime,
    /// `readyState`.
    pub ready: ReadyState,
    /// `paused`.
    pub paused: bool,
    /// `seeking`.
    pub seeking: bool,
    /// `ended`.
    pub ended: bool,
    /// Whether the page is hidden.
    pub hidden: bool,
    /// `playbackRate`.
    pub rate: f64,
}

impl Playhead {
    /// Whether it stands still by right: paused, or at a rate of 0.
    pub(crate) fn rests(&self) -> bool {
        self.paused || self.rate <= 0.0
    }
}

impl Default for Playhead {
    fn default() -> Self {
        let (time, ready) = (MediaTime::ZERO, ReadyState::Nothing);
        Self { time, ready, paused: false, seeking: false, ended: false, hidden: false, rate: 1.0 }
    }
}

/// `HTMLMediaElement.readyState`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadyState {
    /// 0
    #[default]
    Nothing,
    /// 1
    Metadata,
    /// 2
    CurrentData,
    /// 3
    FutureData,
    /// 4
    EnoughData,
}

impl From<u16> for ReadyState {
    fn from(value: u16) -> Self {
        match value {
            0 => Self::Nothing,
            1 => Self::Metadata,
            2 => Self::CurrentData,
            3 => Self::FutureData,
            _ => Self::EnoughData,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_content_range_is_read_as_sent() {
        let range = |start, end, total| Some(ContentRange { start, end, total });
        assert_eq!(ContentRange::parse("bytes 0-0/1"), range(0, 1, Some(1)));
        assert_eq!(ContentRange::parse("bytes 5-9/*"), range(5, 10, None));
        for nonsense in
            ["bytes */10", "bytes 9-5/10", "bytes 0-10/10", "items 0-1/2", "", "bytes 0-18446744073709551615/*"]
        {
            assert_eq!(ContentRange::parse(nonsense), None, "{nonsense}");
        }
    }
}
