//! Why a file cannot be sent, and what is answered instead.

use std::io;

use http::header::{HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

use crate::body::Body;
use crate::handler;

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

impl Fault {
    /// The answer, which no cache keeps; what is more than "not there" is logged. Clients are not told of what goes on behind.
    pub(crate) fn response(&self, name: &str) -> Response<Body> {
        let (status, what) = match self {
            Self::Missing => return handler::error(StatusCode::NOT_FOUND, "no such file"),
            Self::Unreadable(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the file cannot be read at the moment"),
            Self::Refused(_) => (StatusCode::BAD_GATEWAY, "the store refuses to show the file"),
            Self::Changed | Self::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "the file cannot be had at the moment"),
        };
        tracing::error!(name, fault = %self, "a file cannot be sent");
        let mut response = handler::error(status, what);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{InvalidFilename, IsADirectory, NotADirectory, NotFound, PermissionDenied};
        match error.kind() {
            // `PermissionDenied` is also what a symbolic link that leads out of the root comes to.
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
