//! Why a relay does not start.

use std::io;
use std::path::PathBuf;

/// Why a relay does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The secret cannot be read.
    #[error("cannot read the secret for tokens, {path:?}: {source}")]
    Secret {
        /// As configured.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The secret can be guessed.
    #[error("the secret for tokens, {path:?}, has fewer than 16 bytes; make one by `openssl rand -hex 32`")]
    ShortSecret {
        /// As configured.
        path: PathBuf,
    },
    /// The Redis cannot be used.
    #[error("cannot use the Redis of --party-redis: {0}")]
    Redis(#[from] redis::RedisError),
    /// There is no randomness to be had.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}
