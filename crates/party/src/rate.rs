//! How fast a film is played.

use manifest::MediaTime;
use serde::{Deserialize, Serialize};

use crate::Span;

/// Film played in a unit of time, in millionths: 1,000,000 is the film's own speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32")]
pub struct Rate(u32);

impl Rate {
    /// The film's own speed.
    pub const ONE: Self = Self(1_000_000);
    /// The slowest that a room plays: a quarter.
    pub const SLOWEST: Self = Self(250_000);
    /// The fastest that a room plays: four times.
    pub const FASTEST: Self = Self(4_000_000);

    /// From millionths; `None` outside of [`Self::SLOWEST`] to [`Self::FASTEST`].
    #[must_use]
    pub fn from_millionths(millionths: u32) -> Option<Self> {
        let rate = Self(millionths);
        (Self::SLOWEST <= rate && rate <= Self::FASTEST).then_some(rate)
    }

    /// From `playbackRate`; `None` outside of what rooms play.
    #[must_use]
    pub fn from_ratio(ratio: f64) -> Option<Self> {
        // `as` saturates, and NaN is 0, which is too slow.
        Self::from_millionths((ratio * 1e6).round() as u32)
    }

    /// The one that is played next to `playbackRate`: a player that goes faster than any room does must not count as one that
    /// goes at the film's own speed.
    #[must_use]
    pub fn nearest(ratio: f64) -> Self {
        Self(((ratio * 1e6).round() as u32).clamp(Self::SLOWEST.0, Self::FASTEST.0))
    }

    /// As `playbackRate` wants it.
    #[must_use]
    pub fn ratio(self) -> f64 {
        f64::from(self.0) / 1e6
    }

    /// Millionths.
    #[must_use]
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// Faster by `by` millionths of itself; slower where that is below zero.
    #[must_use]
    pub(crate) fn nudged(self, by: i32) -> Self {
        let millionths = i64::from(self.0) + i64::from(self.0) * i64::from(by) / 1_000_000;
        Self(u32::try_from(millionths).unwrap_or(0))
    }

    /// Length of the film that passes in `span`.
    #[must_use]
    pub fn film(self, span: Span) -> MediaTime {
        MediaTime::from_micros(scaled(span.as_micros(), self.0.into(), 1_000_000))
    }

    /// How long this length of the film takes.
    #[must_use]
    pub fn span(self, film: MediaTime) -> Span {
        Span::from_micros(scaled(film.as_micros(), 1_000_000, self.0.max(1).into()))
    }
}

impl Default for Rate {
    fn default() -> Self {
        Self::ONE
    }
}

impl TryFrom<u32> for Rate {
    type Error = &'static str;
    fn try_from(millionths: u32) -> Result<Self, Self::Error> {
        Self::from_millionths(millionths).ok_or("a rate is from 250000 to 4000000 millionths")
    }
}

/// `value × by / of` without a loss in between; saturates.
fn scaled(value: i64, by: i64, of: i64) -> i64 {
    let exact = i128::from(value) * i128::from(by) / i128::from(of);
    i64::try_from(exact).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn film_and_time_are_each_others_inverse() {
        let rate = Rate::from_ratio(1.25).expect("it is played");
        assert_eq!(rate.film(Span::from_secs(4)), MediaTime::from_millis(5_000));
        assert_eq!(rate.span(MediaTime::from_millis(5_000)), Span::from_secs(4));
        assert_eq!(Rate::FASTEST.film(Span::MAX), MediaTime::MAX);
    }

    #[test]
    fn nonsense_is_no_rate() {
        for ratio in [f64::NAN, 0.0, -1.0, 0.2, 4.1, f64::INFINITY] {
            assert_eq!(Rate::from_ratio(ratio), None, "{ratio}");
        }
    }

    #[test]
    fn a_player_that_is_faster_or_slower_than_rooms_are_is_not_at_the_films_own_speed() {
        for (ratio, expected) in
            [(0.0, Rate::SLOWEST), (0.1, Rate::SLOWEST), (8.0, Rate::FASTEST), (16.0, Rate::FASTEST), (1.0, Rate::ONE)]
        {
            assert_eq!(Rate::nearest(ratio), expected, "{ratio}");
        }
        assert_eq!(Rate::nearest(f64::NAN), Rate::SLOWEST);
    }

    #[test]
    fn a_nudge_is_a_share_of_the_rate() {
        assert_eq!(Rate::FASTEST.nudged(10_000).millionths(), 4_040_000);
        assert_eq!(Rate::ONE.nudged(-50_000).millionths(), 950_000);
    }
}
