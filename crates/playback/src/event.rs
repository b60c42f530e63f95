//! What the page is told.

use std::time::Duration;

use manifest::MediaTime;

use crate::{Error, Failure, StreamId};

/// Something that a page may want to show or act on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The film is known and its SourceBuffers exist. Again after [`Event::Reopening`].
    Loaded,
    /// The decoder has failed, or the page has had the media element load anew; the film goes on where it was with another
    /// media source: [`Event::Loaded`] follows.
    Reopening {
        /// What has happened, in the browser's words where a decoder has failed.
        what: String,
    },
    /// The first picture (or sound) can be shown.
    FirstFrame {
        /// Since [`crate::Input::Load`].
        after: Duration,
    },
    /// A seek began.
    Seeking {
        /// Where to.
        to: MediaTime,
        /// Who wanted it.
        origin: SeekOrigin,
    },
    /// It ended: the picture is there.
    Seeked {
        /// Where.
        to: MediaTime,
        /// Who wanted it.
        origin: SeekOrigin,
    },
    /// A seek has come to rest: no other has begun for [`crate::Options::seek_rest`]. The picture may not be there yet.
    Rested {
        /// Where.
        to: MediaTime,
        /// Who wanted it.
        origin: SeekOrigin,
    },
    /// Playback stands still though nobody paused it.
    Stalled(StallCause),
    /// At the rate at which bytes come, playback will stand still. Told again when it comes
    /// much sooner than thought, or after it no longer looked so.
    StallPredicted {
        /// Where in the film.
        at: MediaTime,
        /// When, from now.
        within: Duration,
    },
    /// It goes on.
    Recovered {
        /// How long it stood.
        after: Duration,
    },
    /// After a fatal [`Error::Network`] bytes come again, without anybody having asked for that.
    Reconnected,
    /// A request failed and is tried again.
    Retrying {
        /// What happened, with the place.
        error: Error,
        /// When it is tried again, from now.
        after: Duration,
    },
    /// Bytes came that are not those that were cut. They are fetched again.
    Damaged {
        /// Of which stream.
        stream: StreamId,
        /// Of which chunk, relative to the manifest.
        url: String,
        /// First byte of the fragment.
        start: u64,
        /// One past its last byte.
        end: u64,
    },
    /// Something plays that nothing has checked.
    Unchecked(Unchecked),
    /// Another cut of the film has been published. The old one keeps playing.
    NewCut {
        /// Its content id; a plain array has none.
        id: Option<String>,
    },
    /// Another audio stream plays from here on.
    AudioSelected {
        /// Which.
        stream: StreamId,
    },
    /// A gap was stepped over.
    SteppedOver {
        /// Where it begins.
        from: MediaTime,
        /// Where it ends.
        to: MediaTime,
    },
    /// Everything up to the end of the film is buffered.
    Complete,
    /// The film is over.
    Ended,
    /// Playback cannot go on by itself; [`crate::Input::Retry`] continues from here.
    Fatal(Error),
}

/// What is not checked, and why.
#[derive(Clone, Debug, PartialEq)]
pub enum Unchecked {
    /// The whole film: the browser hashes only in secure contexts (https or localhost).
    Hashing,
    /// A chunk: its fragment table is not to be had.
    Table {
        /// Of which stream.
        stream: StreamId,
        /// Of the table, relative to the manifest.
        url: String,
        /// What went wrong last.
        failure: Failure,
    },
}

/// Who wanted a seek.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeekOrigin {
    /// The person before the screen.
    User,
    /// The room of a party, for all its members.
    Party,
    /// The player itself or the page.
    Program,
}

/// Why playback stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StallCause {
    /// The bytes are not here yet.
    Network,
    /// The bytes are not here, and the browser says that it has no network.
    Offline,
    /// A seek has not found its bytes yet.
    Seek,
    /// The bytes are here and the decoder shows nothing.
    Decoder,
}
