//! From drift to a change of the rate.

use crate::Span;

/// Drift up to which the rate is changed by 1 % at most, which nobody hears.
const GENTLE: Span = Span::from_millis(250);
/// Drift up to which the rate is changed by 5 % at most. Beyond it only a seek helps: a change of the rate would take half a minute.
pub(super) const SEEK: Span = Span::from_millis(1_500);

/// Seconds in which drift is to be gone, where the bands allow it: the least time between two changes of the rate.
const HORIZON: i64 = 2;

/// Seconds in which drift is to be gone with which a player has begun: as soon as it is seen whether it is.
const EARLY_HORIZON: i64 = 1;

/// The same above [`GENTLE`]: a tab in the background is looked at once a second, and passes the others by if it is much faster for longer.
const LATE_HORIZON: i64 = 4;

/// Drift with which a player begins and that is worth a larger change: a tick of a display.
const SEEN: Span = Span::from_millis(16);

/// The largest change of the rate for drift up to [`GENTLE`], in millionths.
const GENTLE_NUDGE: i32 = 10_000;
/// The same of a player that has just begun, for drift that is seen: there is no steady rate yet from which a listener could tell it.
const EARLY_NUDGE: i32 = 30_000;
/// The largest change of the rate for drift up to [`SEEK`], in millionths.
const FIRM_NUDGE: i32 = 50_000;
/// The same of a player that has just begun: 5 % would take twenty seconds after a start that is a second late.
const LATE_NUDGE: i32 = 100_000;
/// Steps in which the rate is changed, in millionths: smaller ones would only follow the noise of samples.
const STEP: i32 = 1_000;

/// The change of the rate that takes a drift away, in millionths: below zero for a member that is ahead. `is_early` until
/// the drift is gone with which a player has begun.
pub(super) fn nudge(drift: Span, least: i32, is_early: bool) -> i32 {
    let (most, horizon) = match drift.abs() {
        far if is_early && far > GENTLE => (LATE_NUDGE, LATE_HORIZON),
        far if far > GENTLE => (FIRM_NUDGE, HORIZON),
        seen if is_early && seen > SEEN => (EARLY_NUDGE, EARLY_HORIZON),
        _ => (GENTLE_NUDGE, HORIZON),
    };
    let wanted = i32::try_from(drift.abs().as_micros() / horizon).unwrap_or(i32::MAX);
    let nudge = (wanted.min(most) / STEP * STEP).max(least);
    if drift > Span::ZERO { -nudge } else { nudge }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn each_band_has_its_most() {
        let nudge = |millis| nudge(Span::from_millis(millis), 2_000, false);
        assert_eq!([nudge(3), nudge(-12), nudge(30), nudge(-250)], [-2_000, 6_000, -10_000, 10_000]);
        assert_eq!([nudge(251), nudge(-1_500)], [-50_000, 50_000]);
    }

    #[test]
    fn what_is_seen_at_the_beginning_goes_sooner() {
        let nudge = |millis| nudge(Span::from_millis(millis), 2_000, true);
        assert_eq!(
            [nudge(-12), nudge(20), nudge(-60), nudge(250), nudge(260), nudge(-400), nudge(-1_500)],
            [6_000, -20_000, 30_000, -30_000, -65_000, 100_000, 100_000]
        );
    }

    proptest! {
        #[test]
        fn it_is_against_the_drift_and_within_its_most(micros in any::<i64>(), is_early in any::<bool>()) {
            let nudge = nudge(Span::from_micros(micros), 2_000, is_early);
            let most = if is_early { 100_000 } else { 50_000 };
            prop_assert!((2_000..=most).contains(&nudge.abs()));
            prop_assert!((nudge < 0) == (micros > 0));
        }
    }
}
