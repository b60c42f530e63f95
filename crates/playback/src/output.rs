//! What the engine tells the shell to do.

use manifest::{ChunkIndex, MediaTime};

use crate::{BufferId, CheckId, Event, InitId, Position, Question, RequestId, Span, StreamId, Wait};

/// An effect.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Make a media source with a SourceBuffer for each of these, all before the first append, then answer
    /// [`crate::Input::Opened`]. If there is one already its decoder has failed, or it has been emptied: it is let go, with
    /// whatever is in flight on its SourceBuffers, and [`Output::Resume`] follows.
    Open {
        /// The type of each, with codecs; the place is its [`BufferId`].
        mimes: Vec<String>,
        /// `MediaSource.duration`, where it is known.
        duration: Option<MediaTime>,
    },
    /// The media element does as it did before it got another media source, which has paused it and set its rate back.
    Resume {
        /// `paused`.
        paused: bool,
        /// `playbackRate`.
        rate: f64,
    },
    /// Ask for bytes. The answers are [`crate::Answer::Head`], then one for each [`Output::Read`].
    Fetch(Fetch),
    /// Take the next piece of a body; answered by [`crate::Answer::Bytes`], [`crate::Answer::End`] or
    /// [`crate::Answer::Failed`]. What is not read waits in the network: that is the backpressure.
    Read {
        /// Of which request.
        request: RequestId,
        /// Where in the object something large ends that is hashed and appended in one, if that is known. A shell that reads
        /// no further, and has room for all of it in one place, need not copy it together.
        until: Option<u64>,
        /// Bytes that are worth an answer, at most what is left of the body. A shell that can be woken less often waits
        /// for them; the last may be fewer.
        least: u64,
    },
    /// Give a request up.
    Abort {
        /// Which.
        request: RequestId,
    },
    /// Say which rung a group is fetched from; answered by [`crate::Input::Chosen`].
    Choose(Question),
    /// Append the init of a stream. One operation is in flight on a SourceBuffer at a time; each is answered by
    /// [`crate::Input::Done`] or [`crate::Input::OperationFailed`].
    AppendInit {
        /// To which SourceBuffer.
        buffer: BufferId,
        /// Of which stream.
        stream: StreamId,
        /// Which of its inits; all but the first were told by [`crate::Input::Init`].
        init: InitId,
    },
    /// Append bytes of a chunk that have been received.
    Append {
        /// To which SourceBuffer.
        buffer: BufferId,
        /// Of which stream.
        stream: StreamId,
        /// Which bytes.
        span: Span,
    },
    /// Work out the SHA-256 digest of received bytes; answered by [`crate::Input::Hashed`].
    Hash {
        /// Its name.
        check: CheckId,
        /// Of which stream.
        stream: StreamId,
        /// Which bytes.
        span: Span,
    },
    /// Read the fragment table that has been received whole; answered by [`crate::Input::Table`].
    ReadTable {
        /// Of which stream.
        stream: StreamId,
        /// Of which chunk.
        chunk: ChunkIndex,
    },
    /// Get the manifest again, past the browser's cache; answered by [`crate::Input::Manifest`].
    ReloadManifest,
    /// Forget the received bytes of a stream before this one.
    Release {
        /// Of which stream.
        stream: StreamId,
        /// The first byte that stays.
        before: Position,
    },
    /// Forget the received bytes of a stream from this one on.
    Discard {
        /// Of which stream.
        stream: StreamId,
        /// The first byte that goes.
        from: Position,
    },
    /// Forget all received bytes of a stream.
    ReleaseAll {
        /// Of which stream.
        stream: StreamId,
    },
    /// Look what a SourceBuffer holds; answered by [`crate::Input::Buffered`].
    Inspect {
        /// Which SourceBuffer.
        buffer: BufferId,
    },
    /// `SourceBuffer.abort()`, for which an ended MediaSource has to be opened again: what comes next is an init, or begins with one.
    /// Never while an operation is in flight; not answered.
    ResetParser {
        /// Which SourceBuffer.
        buffer: BufferId,
    },
    /// `SourceBuffer.changeType(mime)`: an init of that type comes next. Never while an operation is in flight or within a
    /// fragment; not answered.
    ChangeType {
        /// Which SourceBuffer.
        buffer: BufferId,
        /// The type with codecs.
        mime: String,
    },
    /// `SourceBuffer.timestampOffset = offset`. Never while an operation is in flight or within a fragment; not answered.
    SetTimestampOffset {
        /// Which SourceBuffer.
        buffer: BufferId,
        /// What is added to the times in the bytes that follow.
        offset: MediaTime,
    },
    /// `SourceBuffer.remove(from, to)`; answered like an append.
    Remove {
        /// Which SourceBuffer.
        buffer: BufferId,
        /// From.
        from: MediaTime,
        /// To; [`MediaTime::MAX`] is infinity.
        to: MediaTime,
    },
    /// Set `MediaSource.duration`. Never while an operation is in flight.
    SetDuration(MediaTime),
    /// `MediaSource.endOfStream()`. Never while an operation is in flight. The next operation or [`Self::SetTimestampOffset`] opens
    /// it again.
    EndOfStream,
    /// Set `currentTime`.
    SetPlayhead(MediaTime),
    /// Tell the page.
    Event(Event),
    /// Nothing more until the next input, or until that time: then a fresh [`crate::Input::Playhead`].
    Wait(Option<Wait>),
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
    /// One past the last byte, where the request is bounded.
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
        /// Which.
        chunk: ChunkIndex,
    },
    /// The beginning of a chunk without an index, to learn when it starts. Its bytes are not kept.
    ChunkHead {
        /// Of which stream.
        stream: StreamId,
        /// Which.
        chunk: ChunkIndex,
    },
    /// The fragment table of a chunk. Its bytes are kept until [`Output::ReadTable`], or until the request is given up.
    Table {
        /// Of which stream.
        stream: StreamId,
        /// Which.
        chunk: ChunkIndex,
    },
}

impl Object {
    /// Of which stream and chunk.
    #[must_use]
    pub fn place(self) -> (StreamId, ChunkIndex) {
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
