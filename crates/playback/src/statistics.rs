//! The numbers behind the picture.

use std::time::Duration;

use manifest::ChunkIndex;

use crate::{EdgeStatus, Sorted, StallCause, StreamId};

/// Counted from [`crate::Input::Load`] on. Of one film it never grows beyond an entry for each chunk. Lengths of time are those of
/// what is over: a stall counts once it has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The way to the first frame of the film.
    pub start: Start,
    /// Requests sent.
    pub requests: u64,
    /// Failures of requests that may be sent again, counted when they happen: also those after which nothing is sent.
    pub retries: u64,
    /// Bytes of chunks.
    pub media_bytes: u64,
    /// Bytes of fragment tables.
    pub table_bytes: u64,
    /// Bytes read to learn when chunks without an index begin.
    pub survey_bytes: u64,
    /// Bytes of chunks that were read past, because a server ignores Range.
    pub passed_bytes: u64,
    /// Bytes of chunks that came and were thrown away before they were appended: after a seek, a digest failure or a change.
    pub dropped_bytes: u64,
    /// Bytes of groups of which something has been shown. A group that is fetched, appended and shown again counts again.
    pub shown_bytes: u64,
    /// Bytes that were appended and have gone, removed or replaced or lost by the browser, before any of their group was
    /// shown. At every moment `media_bytes` is the sum of `passed_bytes`, `dropped_bytes`, `shown_bytes`, these, and
    /// [`crate::Player::waiting_bytes`].
    pub unseen_bytes: u64,
    /// Fragments that are what was cut.
    pub checked_fragments: u64,
    /// Bytes of those.
    pub checked_bytes: u64,
    /// Bytes that nothing could check.
    pub unchecked_bytes: u64,
    /// Fragments that came damaged, each time counted.
    pub damaged_fragments: u64,
    /// Fragment tables that came damaged, each time counted.
    pub damaged_tables: u64,
    /// Appends that found a SourceBuffer full.
    pub quota_errors: u64,
    /// Gaps stepped over.
    pub holes: u64,
    /// Times that a playhead with data before it was moved on.
    pub nudges: u64,
    /// Seeks, by whomever.
    pub seeks: u64,
    /// Why and how long playback stood still. All of a stall counts for the cause that was told when it began, whatever it waited for
    /// later; what is not told, because it is short or the page was hidden, counts nowhere.
    pub stalls: Sorted<StallCause, Stalls>,
    /// What the edge cache said when a chunk was last asked for.
    pub edge: Sorted<(StreamId, ChunkIndex), EdgeStatus>,
    /// Of each chunk the bytes whose digests were right. What was fetched twice is checked and counted twice.
    pub verified: Sorted<(StreamId, ChunkIndex), u64>,
}

/// Times since [`crate::Input::Load`], of the first start only: each is set once, and neither a seek, another stream nor another
/// decoder changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// The SourceBuffers exist.
    pub opened: Option<Duration>,
    /// The first answer's head.
    pub head: Option<Duration>,
    /// The first byte of media.
    pub byte: Option<Duration>,
    /// The first media are in a SourceBuffer.
    pub appended: Option<Duration>,
    /// The first frame.
    pub frame: Option<Duration>,
}

/// Stalls of one cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stalls {
    /// How many.
    pub count: u64,
    /// How long those lasted that are over.
    pub time: Duration,
}
