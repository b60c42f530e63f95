//! The shell's clock, as an argument.

use std::ops::{Add, Sub};
use std::time::Duration;

use manifest::MediaTime;

/// A point on the shell's monotonic clock, counted from any fixed moment. Never compared with wall-clock or media time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Now(Duration);

impl Now {
    /// That long after the clock's zero.
    #[must_use]
    pub const fn since_zero(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// From milliseconds as `performance.now()` has them; anything that is no such time is the clock's zero.
    #[must_use]
    pub fn from_millis(millis: f64) -> Self {
        Self(span(millis / 1e3).unwrap_or_default())
    }

    /// How long after the clock's zero.
    #[must_use]
    pub const fn elapsed(self) -> Duration {
        self.0
    }
}

/// So many seconds, to the microsecond, as the DOM has them. `None` where that is no span of time. The standard library's
/// own way is exact for any exponent, and so three times as large.
#[must_use]
pub fn span(seconds: f64) -> Option<Duration> {
    let micros = MediaTime::from_seconds(seconds)?.as_micros();
    u64::try_from(micros).ok().map(Duration::from_micros)
}

impl Add<Duration> for Now {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span))
    }
}

impl Sub for Now {
    type Output = Duration;
    /// Zero when `earlier` is later.
    fn sub(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}
