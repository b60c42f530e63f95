//! Media time: a point or length on the film's presentation timeline.

use std::fmt;
use std::num::NonZeroU32;
use std::ops::{Add, Neg, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::whole::whole;

/// A time or a length of time on the film's presentation timeline, in microseconds.
///
/// Signed, because audio priming lies before zero. The range is about ±292,000 years; arithmetic saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaTime(i64);

impl MediaTime {
    /// The film's first moment.
    pub const ZERO: Self = Self(0);
    /// Later than every moment of every film.
    pub const MAX: Self = Self(i64::MAX);

    /// From whole microseconds.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole milliseconds.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// From seconds as the DOM has them, rounded to the microsecond. `None` for NaN and infinities.
    #[must_use]
    pub fn from_seconds(seconds: f64) -> Option<Self> {
        // `as` saturates, so that an absurd but finite number stays absurd.
        seconds.is_finite().then(|| Self((seconds * 1e6).round() as i64))
    }

    /// Whole microseconds.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Seconds, as the DOM wants them.
    #[must_use]
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }

    /// The length without its sign; [`Self::MAX`] for the one that has no counterpart.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// Half of this length, towards zero.
    #[must_use]
    pub const fn half(self) -> Self {
        Self(self.0 / 2)
    }

    /// A third of this length, towards zero.
    #[must_use]
    pub const fn third(self) -> Self {
        Self(self.0 / 3)
    }

    /// The share of this length that `part` is of `whole`, towards zero; none where there is no whole. Saturates.
    #[must_use]
    pub fn share(self, part: u64, whole: u64) -> Self {
        let micros = i64::try_from(proportion(self.0.unsigned_abs(), part, whole)).unwrap_or(i64::MAX);
        Self(if self.0 < 0 { -micros } else { micros })
    }

    /// The part of this length that is a length: never below zero.
    #[must_use]
    pub fn or_zero(self) -> Self {
        self.max(Self::ZERO)
    }
}

/// The share of `of` that `part` is of `whole`, rounded down; 0 where there is no whole. Saturates.
#[must_use]
pub fn proportion(of: u64, part: u64, whole: u64) -> u64 {
    // What a film's times and bytes make of one another: no bit of the product is lost.
    if of.leading_zeros() + part.leading_zeros() >= u64::BITS {
        return (of * part).checked_div(whole).unwrap_or(0);
    }
    // Bit by bit, as on paper: a division of 128 bits is 1 kB of code that nothing else needs.
    let (Some(times), Some(left)) = (of.checked_div(whole), of.checked_rem(whole)) else { return 0 };
    let (mut share, mut rest) = (0_u64, 0_u64);
    for bit in (0..u64::BITS).rev() {
        let digit = (part >> bit) & 1;
        share = share.saturating_add(share).saturating_add(digit * times);
        // Both are below the whole.
        for more in [rest, digit * left] {
            match rest.checked_sub(whole - more) {
                Some(over) => (rest, share) = (over, share.saturating_add(1)),
                None => rest += more,
            }
        }
    }
    share
}

impl Add for MediaTime {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for MediaTime {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for MediaTime {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl fmt::Display for MediaTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In whole numbers: writing floats takes more code than all of this crate.
        let millis = self.0.unsigned_abs().saturating_add(500) / 1_000;
        let sign = if self.0 < 0 && millis > 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:03} s", millis / 1_000, millis % 1_000)
    }
}

/// In JSON a media time is a number of seconds.
impl Serialize for MediaTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_seconds())
    }
}

impl<'de> Deserialize<'de> for MediaTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        Self::from_seconds(seconds).ok_or_else(|| de::Error::custom("a time is a finite number of seconds"))
    }
}

/// Ticks in a second of one stream (ISO/IEC 14496-12, `mdhd.timescale`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Timescale(NonZeroU32);

impl<'de> Deserialize<'de> for Timescale {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(whole(deserializer)?).ok_or_else(|| de::Error::custom("a timescale of 0"))
    }
}

impl Timescale {
    /// `None` for zero, which no clock can tick at.
    #[must_use]
    pub fn new(ticks_per_second: u32) -> Option<Self> {
        NonZeroU32::new(ticks_per_second).map(Self)
    }

    /// Ticks in a second.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// The media time of a tick, rounded down to the microsecond; saturates at the ends of [`MediaTime`].
    #[must_use]
    pub fn media_time(self, ticks: i64) -> MediaTime {
        let second = i64::from(self.get());
        let (seconds, rest) = (ticks.div_euclid(second), ticks.rem_euclid(second));
        let limit = if ticks < 0 { i64::MIN } else { i64::MAX };
        let micros = seconds.checked_mul(1_000_000).and_then(|micros| micros.checked_add(rest * 1_000_000 / second));
        MediaTime(micros.unwrap_or(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_share_of_a_length_is_exact_and_saturates() {
        let ten = MediaTime::from_micros(10);
        assert_eq!(
            (ten.share(1, 3), ten.third(), ten.half()),
            (MediaTime::from_micros(3), MediaTime::from_micros(3), MediaTime::from_micros(5))
        );
        assert_eq!(MediaTime::from_micros(-10).share(1, 3), MediaTime::from_micros(-3));
        assert_eq!(MediaTime::MAX.share(u64::MAX, u64::MAX), MediaTime::MAX);
        assert_eq!(MediaTime::MAX.share(2, 1), MediaTime::MAX);
        assert_eq!(MediaTime::MAX.share(2, 0), MediaTime::ZERO);
    }

    proptest! {
        #[test]
        fn a_proportion_is_what_a_division_of_128_bits_says(of: u64, part: u64, whole: u64, shift in 0..64_u32) {
            // Products of up to 128 bits, and those that fit into 64.
            let values = [(of, part, whole), (of, part, whole >> shift), (of >> shift, part >> (63 - shift), whole >> shift)];
            for (of, part, whole) in values {
                let exact = (u128::from(of) * u128::from(part)).checked_div(whole.into()).unwrap_or(0);
                prop_assert_eq!(proportion(of, part, whole), u64::try_from(exact).unwrap_or(u64::MAX));
            }
        }

        #[test]
        fn ticks_are_what_a_division_of_128_bits_says(ticks in -(1_i64 << 43)..1 << 43, timescale in 1..u32::MAX) {
            let exact = (i128::from(ticks) * 1_000_000).div_euclid(timescale.into());
            let timescale = Timescale::new(timescale).expect("not zero");
            prop_assert_eq!(i128::from(timescale.media_time(ticks).as_micros()), exact);
        }
    }

    #[test]
    fn ticks_become_microseconds_rounded_down() {
        let timescale = Timescale::new(90_000).expect("not zero");
        assert_eq!(timescale.media_time(90_000), MediaTime::from_millis(1_000));
        assert_eq!(timescale.media_time(1), MediaTime::from_micros(11));
        assert_eq!(timescale.media_time(-1), MediaTime::from_micros(-12));
        assert_eq!(Timescale::new(0), None);
    }

    #[test]
    fn a_time_is_shown_to_the_millisecond() {
        let shown = |micros| MediaTime::from_micros(micros).to_string();
        assert_eq!(shown(83_333), "0.083 s");
        assert_eq!(shown(1_999_500), "2.000 s");
        assert_eq!(shown(-61_250_400), "-61.250 s");
        assert_eq!(shown(-499), "0.000 s");
        assert_eq!(shown(i64::MIN), "-9223372036854.776 s");
    }

    #[test]
    fn nan_is_no_time() {
        assert_eq!(MediaTime::from_seconds(f64::NAN), None);
        assert_eq!(MediaTime::from_seconds(f64::INFINITY), None);
        assert_eq!(MediaTime::from_seconds(1.5), Some(MediaTime::from_millis(1_500)));
    }

    proptest! {
        #[test]
        fn a_time_of_any_film_survives_json(micros in -1_000_000_000_000_i64..1_000_000_000_000) {
            let time = MediaTime::from_micros(micros);
            let json = serde_json::to_string(&time).expect("a number");
            prop_assert_eq!(serde_json::from_str::<MediaTime>(&json).expect("a number"), time);
        }

        #[test]
        fn no_tick_overflows(ticks in any::<i64>(), scale in 1..=u32::MAX) {
            let _ = Timescale::new(scale).expect("not zero").media_time(ticks);
        }
    }
}
