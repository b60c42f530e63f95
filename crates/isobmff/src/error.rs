//! Why a box was refused.

use std::fmt;

use crate::BoxPath;

/// Why a box was refused, and where: its path, and an offset that counts from the start of the file, or of the stream that
/// was walked.
///
/// No larger than a pointer: nearly every function here may fail, and what it returns is handed on at every step.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Flaw>);

#[derive(Clone, PartialEq, Eq)]
struct Flaw {
    kind: ErrorKind,
    path: BoxPath,
    offset: u64,
    what: &'static str,
}

/// What sort of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The box ends in the middle of a field, or a box inside it reaches past its end.
    Truncated,
    /// A field holds what it must not.
    Invalid,
    /// A box that must be there is not.
    Missing,
}

impl Error {
    /// Of the box at `path`, in which `what` begins at `offset` and does not fit.
    #[must_use]
    #[cold]
    pub fn truncated(path: BoxPath, offset: u64, what: &'static str) -> Self {
        Self(Box::new(Flaw { kind: ErrorKind::Truncated, path, offset, what }))
    }

    /// Of the box at `path`: what is wrong with it, or with the field at `offset`.
    #[must_use]
    #[cold]
    pub fn invalid(path: BoxPath, offset: u64, what: &'static str) -> Self {
        Self(Box::new(Flaw { kind: ErrorKind::Invalid, path, offset, what }))
    }

    /// Of the box at `path` that begins at `offset` and should hold a box of type `what`.
    #[must_use]
    #[cold]
    pub fn missing(path: BoxPath, offset: u64, what: &'static str) -> Self {
        Self(Box::new(Flaw { kind: ErrorKind::Missing, path, offset, what }))
    }

    /// What sort of fault it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Flaw { kind, path, offset, what } = &*self.0;
        let (before, behind) = match kind {
            ErrorKind::Truncated => ("", " reaches past the end of the box"),
            ErrorKind::Invalid => ("", ""),
            ErrorKind::Missing => ("has no ", " box"),
        };
        write!(f, "{path} at byte {offset}: {before}{what}{behind}")
    }
}

/// For people too. Derived, it would bring the `Debug` of strings into the player: 7 kB of code that nothing else needs.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
