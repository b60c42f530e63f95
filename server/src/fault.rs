//! Why a file cannot be sent.

use std::io;

/// Why a file cannot be sent.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// Nothing has this name.
    #[error("no such file")]
    Missing,
    /// It was replaced while it was read.
    #[error("the file was replaced while it was read")]
    Changed,
    /// The disk of this machine fails.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// The store refuses, and will go on refusing until somebody does something about it.
    #[error("{0}")]
    Refused(String),
    /// The store cannot at the moment.
    #[error("the store cannot be read from at the moment: {0}")]
    Busy(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{InvalidFilename, IsADirectory, NotADirectory, NotFound, PermissionDenied};
        match error.kind() {
            // The system's own word for it: somebody has taken leave away that files of the media need.
            PermissionDenied if error.raw_os_error().is_some() => Self::Unreadable(error.to_string()),
            // What a symbolic link that leads out of the root comes to.
            NotFound | NotADirectory | IsADirectory | InvalidFilename | PermissionDenied => Self::Missing,
            _ if is_loop(&error) => Self::Missing,
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Missing { .. } => Self::Missing,
            store::Error::Changed { .. } => Self::Changed,
            store::Error::GaveUp { attempts, why, .. } => Self::Busy(format!("{why} (asked {attempts} times)")),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// A symbolic link that leads to itself.
fn is_loop(error: &io::Error) -> bool {
    #[cfg(unix)]
    return error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error());
    #[cfg(not(unix))]
    return false;
}
