//! When to probe: often while little is known, and for ever after, because clocks drift and edges cut what is idle.

use crate::{Now, Span};

/// Time between two probes at first, and whenever a clock may have jumped.
const BURST: Span = Span::from_millis(120);
/// Probes sent at that pace.
const BURST_PROBES: u32 = 8;
/// Time between two probes after that, while single ones still move the estimate.
const SOON: Span = Span::from_millis(500);
/// Answered probes from which on single ones hardly move the estimate.
const SOON_PROBES: usize = 20;
/// Time between two probes from then on: often enough to follow the clocks' drift, and far below the 100 s after which edges cut
/// connections that are idle.
const STEADY: Span = Span::from_secs(3);

#[derive(Clone, Debug)]
pub(super) struct Schedule {
    next: Now,
    burst: u32,
    known: usize,
    dice: fastrand::Rng,
}

impl Schedule {
    pub(super) fn new(seed: u64) -> Self {
        let next = Now::from_micros(i64::MIN);
        Self { next, burst: BURST_PROBES, known: 0, dice: fastrand::Rng::with_seed(seed) }
    }

    /// Begins again with a burst, at once.
    pub(super) fn hurry(&mut self) {
        self.next = Now::from_micros(i64::MIN);
        self.burst = BURST_PROBES;
        self.known = 0;
    }

    /// `known` probes have been answered and are kept.
    pub(super) fn heard(&mut self, known: usize) {
        self.known = known;
    }

    pub(super) fn next(&self) -> Now {
        self.next
    }

    pub(super) fn poll(&mut self, now: Now) -> bool {
        if now < self.next {
            return false;
        }
        let wait = match (self.burst, self.known) {
            (1.., _) => BURST,
            (0, ..SOON_PROBES) => SOON,
            (0, _) => STEADY,
        };
        self.burst = self.burst.saturating_sub(1);
        // A fifth more or less: members that came together must not stay together.
        let jitter = wait.as_micros() / 5;
        self.next = now + wait + Span::from_micros(self.dice.i64(-jitter..=jitter));
        true
    }
}
