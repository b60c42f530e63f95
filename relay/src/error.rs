//! Why a relay does not start.

/// Why a relay does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The secret cannot be used.
    #[error("--party-secret: {0}")]
    Secret(#[from] signing::Error),
    /// The Redis cannot be used.
    #[error("cannot use the Redis of --party-redis: {0}")]
    Redis(#[from] redis::RedisError),
    /// There is no randomness to be had.
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}
