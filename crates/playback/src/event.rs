//! What the page is told.

use std::time::Duration;

use manifest::MediaTime;

use crate::Error;

/// Something that a page may want to show or act on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The film is known and its SourceBuffers exist.
    Loaded,
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
        origin: Origin,
    },
    /// It ended: the picture is there.
    Seeked {
        /// Where.
        to: MediaTime,
        /// Who wanted it.
        origin: Origin,
    },
    /// Playback stands still though nobody paused it.
    Stalled(StallCause),
    /// It goes on.
    Recovered {
        /// How long it stood.
        after: Duration,
    },
    /// A request failed and is tried again.
    Retrying {
        /// What happened, with the place.
        error: Error,
        /// When it is tried again, from now.
        after: Duration,
    },
    /// A hole was stepped over.
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

/// Who wanted a seek.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The person before the screen.
    User,
    /// The others.
    Party,
    /// The player itself or the page.
    Program,
}

/// Why playback stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StallCause {
    /// The bytes are not here yet.
    Network,
    /// A seek has not found its bytes yet.
    Seek,
    /// The bytes are here and the decoder shows nothing.
    Decoder,
}
