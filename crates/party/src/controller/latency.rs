//! How long this player takes for what it is told, learned from what it took before.

use crate::Span;

/// Duration of a seek above which it says nothing of the next one: it waited for the network.
const LONGEST_SEEK: Span = Span::from_millis(1_500);

/// From a seek to a picture that can be played on from: mean and deviation, as TCP has them (RFC 6298).
#[derive(Clone, Copy, Debug)]
pub(super) struct SeekLatency {
    mean: Span,
    deviation: Span,
    is_known: bool,
}

impl SeekLatency {
    pub(super) fn learn(&mut self, took: Span) {
        let took = took.or_zero();
        if took > LONGEST_SEEK {
            return;
        }
        if !self.is_known {
            *self = Self { mean: took, deviation: half(took), is_known: true };
            return;
        }
        let off = took - self.mean;
        self.deviation = self.deviation + quarter(off.abs() - self.deviation);
        self.mean = self.mean + quarter(off);
    }

    /// Nearly every seek is done by then.
    pub(super) fn expected(&self) -> Span {
        (self.mean + self.deviation * 2 + Span::from_millis(30)).min(LONGEST_SEEK)
    }
}

impl Default for SeekLatency {
    /// What a seek within the buffer takes, and some seeks that are not.
    fn default() -> Self {
        Self { mean: Span::from_millis(200), deviation: Span::from_millis(100), is_known: false }
    }
}

/// From `play()` to a moving picture, as the drift after starts tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct StartLatency {
    latency: Span,
    starts: u32,
}

impl StartLatency {
    /// The drift that was left after a start for which this latency was allowed.
    pub(super) fn learn(&mut self, drift: Span) {
        // The first starts say most; later ones only refine.
        let share = i64::from(self.starts.min(2)) + 1;
        let change = Span::from_micros(drift.as_micros() / share).max(-LARGEST_CHANGE).min(LARGEST_CHANGE);
        self.latency = (self.latency - change).or_zero().min(LONGEST_START);
        self.starts += 1;
    }

    pub(super) fn expected(&self) -> Span {
        self.latency
    }
}

/// The most that one start changes what is expected of the next: a busy machine may be much later once.
const LARGEST_CHANGE: Span = Span::from_millis(100);
/// The longest start that is allowed for.
const LONGEST_START: Span = Span::from_millis(500);

impl Default for StartLatency {
    fn default() -> Self {
        Self { latency: Span::from_millis(45), starts: 0 }
    }
}

fn half(span: Span) -> Span {
    Span::from_micros(span.as_micros() / 2)
}

fn quarter(span: Span) -> Span {
    Span::from_micros(span.as_micros() / 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn seeks_of_one_length_are_expected_to_take_it() {
        let mut latency = SeekLatency::default();
        for _ in 0..20 {
            latency.learn(Span::from_millis(80));
        }
        let expected = latency.expected();
        assert!(expected >= Span::from_millis(80) && expected < Span::from_millis(115), "{expected:?}");
        latency.learn(Span::MAX);
        assert_eq!(latency.expected(), expected, "one that waited for its bytes says nothing");
    }

    #[test]
    fn starts_that_come_late_are_made_sooner() {
        let mut latency = StartLatency::default();
        for _ in 0..10 {
            // A player that takes 75 ms.
            let drift = latency.expected() - Span::from_millis(75);
            latency.learn(drift);
        }
        assert!((latency.expected() - Span::from_millis(75)).abs() < Span::from_millis(3));
    }
}
