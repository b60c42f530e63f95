//! Why a manifest was refused.

use crate::MediaTime;

/// Why a manifest, or a table that belongs to one, was refused: its [`Cause`], behind a pointer, so that what may fail
/// hands on little.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(Box<Cause>);

impl Error {
    /// What is wrong.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.0
    }

    /// What helps, as a clause to put after the message.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match *self.0 {
            Cause::TooLarge { .. } => "check that the address is that of a manifest",
            Cause::Json(_) => "check that the address is that of a manifest, or cut the film again",
            Cause::Version { .. } => "update the player, or cut the film again",
            Cause::Invalid { .. } | Cause::Order { .. } => "cut the film again",
            Cause::FragmentTable(_) => "publish the film again, or cut it again",
        }
    }
}

impl From<Cause> for Error {
    fn from(cause: Cause) -> Self {
        Self(Box::new(cause))
    }
}

/// What is wrong with a manifest, or a table that belongs to one, and where. [`Error::remedy`] says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// Larger than any film's manifest can be.
    #[error("the manifest has {bytes} bytes, more than the {limit} that are read")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The most that is read.
        limit: usize,
    },
    /// Not JSON, or JSON of another shape.
    #[error("the manifest is not what the splitter writes: {0}")]
    Json(String),
    /// Written by a splitter that this player does not know.
    #[error("the manifest has version {found}, this player reads version {known}")]
    Version {
        /// What the manifest says.
        found: u64,
        /// What this code reads.
        known: u32,
    },
    /// A number or text that contradicts the rest.
    #[error("the manifest contradicts itself at {place}: {what}")]
    Invalid {
        /// A path into the JSON, such as `streams[0].chunks[3]`.
        place: String,
        /// What is wrong there.
        what: String,
    },
    /// A fragment table that does not fit its chunk.
    #[error("a fragment table is damaged: {0}")]
    FragmentTable(&'static str),
    /// What was learned from the chunks contradicts what was known.
    #[error("chunk {chunk} starts at {found}, not after {known}: its chunks are not in order, or overlap")]
    Order {
        /// Zero-based number of the chunk.
        chunk: usize,
        /// What the chunk says.
        found: MediaTime,
        /// What the chunk before it says.
        known: MediaTime,
    },
}
