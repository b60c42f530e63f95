//! Why a box was refused.

use std::fmt;

use crate::BoxPath;

/// Why a box was refused. Offsets count bytes from the start of the file, or of the stream that was walked.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The box ends in the middle of a field, or a box inside it reaches past its end.
    #[error("{path} at byte {offset}: {what} reaches past the end of the box")]
    Truncated {
        /// The box.
        path: BoxPath,
        /// Where the part that does not fit begins.
        offset: u64,
        /// That part.
        what: &'static str,
    },
    /// A field holds what it must not.
    #[error("{path} at byte {offset}: {what}")]
    Invalid {
        /// The box.
        path: BoxPath,
        /// Where it, or the field, begins.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// A box that must be there is not.
    #[error("{path} at byte {offset}: has no {missing} box")]
    Missing {
        /// The box that should hold it.
        path: BoxPath,
        /// Where that box begins.
        offset: u64,
        /// The type of the box that is missing.
        missing: &'static str,
    },
}

/// For people too. Derived, it would bring the `Debug` of strings into the player: 7 kB of code that nothing else needs.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
