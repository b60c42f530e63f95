//! What the engine tells the shell to do.

use manifest::MediaTime;

use crate::{Event, Now};

/// A stream's place in [`manifest::Film::streams`].
pub type StreamId = usize;

/// Names one request; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u32);

/// Names one check of a fragment; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub u32);

/// An effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Make a media source with a SourceBuffer for each of these, all before the first append, then answer
    /// [`crate::Input::Opened`].
    Open {
        /// What to make.
        streams: Vec<OpenStream>,
        /// `MediaSource.duration`, where it is known.
        duration: Option<MediaTime>,
    },
    /// Ask for bytes. The answers are [`crate::Input::Head`], then one answer for each [`Output::Read`].
    Fetch(Fetch),
    /// Take the next piece of a body; answered by [`crate::Input::Bytes`], [`crate::Input::End`] or
    /// [`crate::Input::Failed`]. What is not read waits in the network: that is the backpressure.
    Read {
        /// Of which request.
        request: RequestId,
        /// Where in the object something large ends that is hashed and appended in one, if that is known. A shell that reads
        /// no further, and has room for all of it in one place, need not copy it together.
        until: Option<u64>,
        /// So many bytes are worth an answer, at most what is left of the body. A shell that can be woken less often waits
        /// for them; the last may be fewer.
        least: u64,
    },
    /// Give a request up.
    Abort {
        /// Which.
        request: RequestId,
    },
    /// Append the init of a stream. One operation is in flight on a SourceBuffer at a time; each is answered by
    /// [`crate::Input::Done`] or [`crate::Input::OperationFailed`].
    AppendInit {
        /// Which stream.
        stream: StreamId,
        /// Which of its inits: 0 is the one that it begins with, others were told by [`crate::Input::Init`].
        init: usize,
    },
    /// Append bytes of a chunk that have been received.
    Append {
        /// Which stream.
        stream: StreamId,
        /// Zero-based number of the chunk.
        chunk: usize,
        /// First byte.
        start: u64,
        /// Behind the last byte.
        end: u64,
    },
    /// Work out the SHA-256 digest of received bytes; answered by [`crate::Input::Hashed`].
    Hash {
        /// Its name.
        check: CheckId,
        /// Which stream.
        stream: StreamId,
        /// Zero-based number of the chunk.
        chunk: usize,
        /// First byte.
        start: u64,
        /// Behind the last byte.
        end: u64,
    },
    /// Read the fragment table that has been received whole; answered by [`crate::Input::Table`].
    ReadTable {
        /// Which stream.
        stream: StreamId,
        /// Of which chunk.
        chunk: usize,
    },
    /// Get the manifest again, past the browser's cache; answered by [`crate::Input::Manifest`].
    ReloadManifest,
    /// Forget the received bytes of a stream before this one.
    Release {
        /// Which stream.
        stream: StreamId,
        /// Zero-based number of the chunk; all of the chunks before it go too.
        chunk: usize,
        /// Bytes of the chunk before this go.
        offset: u64,
    },
    /// Forget the received bytes of a stream from this one on.
    Discard {
        /// Which stream.
        stream: StreamId,
        /// Zero-based number of the chunk; all of the chunks after it go too.
        chunk: usize,
        /// Bytes of the chunk from this on go.
        offset: u64,
    },
    /// Forget all received bytes of a stream.
    ReleaseAll {
        /// Which stream.
        stream: StreamId,
    },
    /// Look what a SourceBuffer holds; answered by [`crate::Input::Buffered`].
    Inspect {
        /// Which stream.
        stream: StreamId,
    },
    /// `SourceBuffer.abort()`: what comes next begins a fragment. Never while an operation is in flight; not answered.
    ResetParser {
        /// Which stream.
        stream: StreamId,
    },
    /// The SourceBuffer of one stream is another's from now on. Never while an operation is in flight on it; not answered.
    Switch {
        /// Whose it was.
        from: StreamId,
        /// Whose it is. Its init comes next.
        to: StreamId,
    },
    /// `SourceBuffer.changeType(mime)`: an init of that type comes next. Never while an operation is in flight or within a
    /// fragment; not answered.
    ChangeType {
        /// Which stream.
        stream: StreamId,
        /// The type with codecs.
        mime: String,
    },
    /// `SourceBuffer.timestampOffset = offset`. Never while an operation is in flight or within a fragment; not answered.
    SetTimestampOffset {
        /// Which stream.
        stream: StreamId,
        /// What is added to the times in the bytes that follow.
        offset: MediaTime,
    },
    /// `SourceBuffer.remove(from, to)`; answered like an append.
    Remove {
        /// Which stream.
        stream: StreamId,
        /// From.
        from: MediaTime,
        /// To; [`MediaTime::MAX`] is infinity.
        to: MediaTime,
    },
    /// Set `MediaSource.duration`. Never while an operation is in flight.
    SetDuration(MediaTime),
    /// `MediaSource.endOfStream()`. Never while an operation is in flight.
    EndOfStream,
    /// Set `currentTime`.
    SetPlayhead(MediaTime),
    /// Tell the page.
    Event(Event),
    /// Nothing more until the next input, or until that time: then a fresh [`crate::Input::Playhead`].
    Wait(Option<Now>),
}

/// A SourceBuffer to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStream {
    /// For which stream.
    pub stream: StreamId,
    /// With codecs.
    pub mime: String,
}

/// A request to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Its name.
    pub request: RequestId,
    /// What to get.
    pub object: Object,
    /// First byte: `Range: bytes=start-`.
    pub start: u64,
    /// Behind the last byte, where the request is bounded.
    pub end: Option<u64>,
    /// Fetch's cache mode.
    pub cache: CacheMode,
    /// Whether a picture waits for it.
    pub urgent: bool,
}

/// What can be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    /// A chunk, to be played.
    Chunk {
        /// Of which stream.
        stream: StreamId,
        /// Zero-based number.
        chunk: usize,
    },
    /// The beginning of a chunk without an index, to learn when it starts. Its bytes are not kept.
    ChunkHead {
        /// Of which stream.
        stream: StreamId,
        /// Zero-based number.
        chunk: usize,
    },
    /// The fragment table of a chunk. Its bytes are kept until [`Output::ReadTable`], or until the request is given up.
    Table {
        /// Of which stream.
        stream: StreamId,
        /// Zero-based number.
        chunk: usize,
    },
}

impl Object {
    /// Of which stream, and the zero-based number of the chunk.
    #[must_use]
    pub fn place(self) -> (StreamId, usize) {
        match self {
            Self::Chunk { stream, chunk } | Self::ChunkHead { stream, chunk } | Self::Table { stream, chunk } => {
                (stream, chunk)
            }
        }
    }
}

/// Fetch's cache mode (Fetch standard, `RequestCache`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CacheMode {
    /// What the headers allow.
    #[default]
    Default,
    /// Neither from the browser's cache nor into it, so that it is not taken notice of.
    Unstored,
    /// Past the browser's cache.
    Reload,
    /// Past every cache: past the browser's, and with a query in the URL that no cache has seen.
    Bypass,
}
