//! What is to be expected of a link.

use std::time::Duration;

/// A link's throughput as a distribution, and how its answers are delayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Bytes in a second: the mean of what came lately.
    pub expected: u64,
    /// Bytes in a second that lately were exceeded nine times of ten.
    pub low: u64,
    /// Bytes in a second in the last second or so.
    pub now: u64,
    /// From a request to its answer's first byte.
    pub latency: Duration,
    /// The longest time by which the link has fallen behind a film of about the lowest rung: the buffer that would have been
    /// needed to play on.
    pub shortfall: Duration,
}

/// How long `bytes` take at `rate` bytes in a second.
pub(crate) fn time_of(bytes: u64, rate: u64) -> Duration {
    let micros = u128::from(bytes) * 1_000_000 / u128::from(rate.max(1));
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

/// `permille` thousandths of a number.
pub(crate) fn permille(of: u64, permille: u64) -> u64 {
    u64::try_from(u128::from(of) * u128::from(permille) / 1_000).unwrap_or(u64::MAX)
}

/// `share` thousandths of a length of time.
pub(crate) fn part(of: Duration, share: u64) -> Duration {
    Duration::from_micros(permille(u64::try_from(of.as_micros()).unwrap_or(u64::MAX), share))
}
