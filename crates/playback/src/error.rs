//! Why playback cannot go on, or had to try again.

use crate::{Failure, StreamId};

/// What went wrong and where. [`Error::remedy`] says what helps.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The browser plays none of the streams of a kind.
    #[error("this browser does not play {mime}")]
    Unsupported {
        /// The type with its codecs.
        mime: String,
    },
    /// A request failed too often.
    #[error("{url}: {failure}, {} times in a row", history.len())]
    Network {
        /// Of which stream.
        stream: StreamId,
        /// Relative to the manifest.
        url: String,
        /// The last failure.
        failure: Failure,
        /// All of them, the oldest first.
        history: Vec<Attempt>,
    },
    /// The server says that the chunk is not there, or not for us: trying again would not help.
    #[error("{url}: {failure}")]
    Refused {
        /// Of which stream.
        stream: StreamId,
        /// Relative to the manifest.
        url: String,
        /// What it says.
        failure: Failure,
    },
    /// The server has something else under the chunk's address, such as a page that says that there is nothing.
    #[error("{url}: {failure}")]
    WrongObject {
        /// Of which stream.
        stream: StreamId,
        /// Relative to the manifest.
        url: String,
        /// In what it differs.
        failure: Failure,
    },
    /// The same bytes came damaged again and again, past every cache.
    #[error("{url}: bytes from {start} on came damaged {} times", history.len())]
    Integrity {
        /// Of which stream.
        stream: StreamId,
        /// Of the chunk, relative to the manifest.
        url: String,
        /// First byte of the fragment.
        start: u64,
        /// Each time, the oldest first.
        history: Vec<Attempt>,
    },
    /// The bytes cannot be checked, though [`crate::Integrity::Required`] asks for it.
    #[error("{url}: the film cannot be checked: {what}")]
    Uncheckable {
        /// Of the fragment table, relative to the manifest; empty when nothing can be hashed.
        url: String,
        /// Why.
        what: String,
    },
    /// The chunk is gone, and the manifest names another cut of the film.
    #[error("{url} is gone, for the film has been replaced")]
    ContentChanged {
        /// Of the chunk, relative to the manifest.
        url: String,
        /// The new cut's content id; a plain array has none.
        id: Option<String>,
    },
    /// The chunk is not fragmented MP4 that belongs to this film.
    #[error("{url}: {what}")]
    Malformed {
        /// Of which stream.
        stream: StreamId,
        /// Relative to the manifest.
        url: String,
        /// What is wrong.
        what: String,
    },
    /// The browser's decoder or SourceBuffer gave up.
    #[error("the browser refused the media: {what}")]
    Decoder {
        /// Of which stream.
        stream: StreamId,
        /// What the browser says.
        what: String,
    },
}

impl Error {
    /// A short name that does not change, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unsupported { .. } => "unsupported",
            Self::Network { .. } => "network",
            Self::Refused { .. } => "refused",
            Self::WrongObject { .. } => "wrong-object",
            Self::Integrity { .. } => "integrity",
            Self::Uncheckable { .. } => "uncheckable",
            Self::ContentChanged { .. } => "content-changed",
            Self::Malformed { .. } => "malformed",
            Self::Decoder { .. } => "decoder",
        }
    }

    /// What helps, as a clause to put after the message.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Unsupported { .. } => "use another browser, or cut the film with --transcode",
            Self::Network { .. } => "check the connection and try again",
            Self::Refused { .. } => "load the film again: it may have been replaced or withdrawn",
            Self::WrongObject { .. } => "see that the server has the whole film, and answers 404 for what it has not",
            Self::Integrity { .. } => "publish the film again, or cut it again",
            Self::Uncheckable { .. } => "serve page and film over https, or do not require integrity",
            Self::ContentChanged { .. } => "load the film again",
            Self::Malformed { .. } => "cut the whole film again: splitter FILM --out media/current",
            Self::Decoder { .. } => "try again, or use another browser",
        }
    }
}

impl Error {
    /// Of a chunk that the server answers for, but not with its bytes.
    pub(crate) fn refused(stream: StreamId, url: String, failure: Failure) -> Self {
        match failure {
            Failure::WrongTotal { .. } | Failure::WrongType { .. } => Self::WrongObject { stream, url, failure },
            _ => Self::Refused { stream, url, failure },
        }
    }
}

/// One failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When, on the shell's clock.
    pub at: crate::Now,
    /// From which byte on.
    pub offset: u64,
    /// How it failed.
    pub failure: Failure,
}
