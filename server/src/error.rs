//! Why an origin does not start.

use std::io;
use std::path::PathBuf;

use crate::listen::Listen;
use crate::path::Refusal;

/// Why an origin does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A directory to serve cannot be opened.
    #[error("cannot open the directory {path:?}: {source}; name one that exists and is readable")]
    Directory {
        /// As configured.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The bucket cannot be asked.
    #[error("--media: {0}")]
    Store(#[from] store::Error),
    /// The URL path of the media directory is none.
    #[error("{path:?} cannot be a URL path for media: {source}; use something like /media/current/")]
    MediaPath {
        /// As configured.
        path: String,
        /// What is wrong with it.
        source: Refusal,
    },
    /// The keys of links cannot be used.
    #[error("--share-key: {0}")]
    ShareKey(#[from] signing::Error),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] crate::tls::Error),
    /// The relay cannot begin.
    #[error(transparent)]
    Party(#[from] relay::Error),
    /// The place cannot be listened on.
    #[error("cannot listen on {place}: {source}; choose a free port with --listen, or port 0 for any")]
    Listen {
        /// As configured.
        place: Listen,
        /// What the system says.
        source: io::Error,
    },
}
