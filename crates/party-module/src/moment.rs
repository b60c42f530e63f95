//! Moments: microseconds here, milliseconds of `performance.now()` in JavaScript.

use party::Now;

/// To the nearest microsecond: cut off, the moment that a page was to call at would not have come when it does, and it would call again
/// at once, for as long as its clock stands.
pub(crate) fn time(millis: f64) -> Now {
    Now::from_micros((millis * 1e3).round_ties_even() as i64)
}

pub(crate) fn millis(at: Now) -> f64 {
    at.as_micros() as f64 / 1e3
}
