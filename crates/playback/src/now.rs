//! The shell's clock, as an argument.

use std::ops::{Add, Sub};
use std::time::Duration;

use manifest::MediaTime;

/// A point on the shell's monotonic clock, counted from any fixed moment. Never compared with wall-clock or media time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Now(Duration);

impl Now {
    /// The moment `elapsed` after the clock's zero.
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

/// A span of `seconds`, as the DOM has them, to the microsecond. `None` where that is no span of time. The standard library's
/// own conversion is exact for any exponent, and so takes three times as much code.
#[must_use]
pub fn span(seconds: f64) -> Option<Duration> {
    let micros = MediaTime::from_seconds(seconds)?.as_micros();
    u64::try_from(micros).ok().map(Duration::from_micros)
}

/// Length of the film that passes in `span` at the normal rate.
pub(crate) fn film_in(span: Duration) -> MediaTime {
    MediaTime::from_micros(i64::try_from(span.as_micros()).unwrap_or(i64::MAX))
}

/// Length of the film that passes in `span` at `rate`.
pub(crate) fn film_in_at(span: Duration, rate: f64) -> MediaTime {
    MediaTime::from_micros((span.as_micros() as f64 * rate.max(0.0)) as i64)
}

/// How long `film` plays at `rate`, which is taken to be a hundredth at least.
pub(crate) fn time_to_play(film: MediaTime, rate: f64) -> Duration {
    let micros = film.or_zero().as_micros() as f64 / rate.max(0.01);
    Duration::from_micros(micros.round() as u64)
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
