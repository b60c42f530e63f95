//! Where a film is, as a function of time.

use std::ops::{Add, Sub};

use manifest::MediaTime;

use crate::{Rate, RoomTime, Span};

/// A place in the film at one moment, and whether it moves from then on; it stands there before. `T` is the clock: the
/// room's, or a member's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeline<T = RoomTime> {
    /// The place.
    pub position: MediaTime,
    /// The moment.
    pub at: T,
    /// How fast it moves from then on; `None` where it stands.
    pub rate: Option<Rate>,
}

impl<T: Copy + PartialOrd + Sub<Output = Span> + Add<Span, Output = T>> Timeline<T> {
    /// The place at a moment.
    #[must_use]
    pub fn position(&self, now: T) -> MediaTime {
        let moved = self.rate.map_or(MediaTime::ZERO, |rate| rate.film((now - self.at).or_zero()));
        self.position + moved
    }

    /// When a place is passed; `None` where it never is. What lies behind was passed before [`Self::at`], had it moved then.
    #[must_use]
    pub fn when(&self, position: MediaTime) -> Option<T> {
        self.rate.map(|rate| self.at + rate.span(position - self.position))
    }

    /// The same on another clock, on which this one's `at` is `at`.
    #[must_use]
    pub fn on<U>(self, at: U) -> Timeline<U> {
        Timeline { position: self.position, at, rate: self.rate }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn it_stands_until_its_moment_and_moves_then() {
        let at = RoomTime::from_micros(5_000_000);
        let moving = Timeline { position: MediaTime::from_millis(1_000), at, rate: Rate::from_ratio(2.0) };
        assert_eq!(moving.position(at - Span::from_secs(3)), MediaTime::from_millis(1_000));
        assert_eq!(moving.position(at + Span::from_secs(3)), MediaTime::from_millis(7_000));
        assert_eq!(moving.when(MediaTime::from_millis(7_000)), Some(at + Span::from_secs(3)));
        let standing = Timeline { rate: None, ..moving };
        assert_eq!(standing.position(at + Span::from_secs(3)), MediaTime::from_millis(1_000));
        assert_eq!(standing.when(MediaTime::ZERO), None);
    }
}
