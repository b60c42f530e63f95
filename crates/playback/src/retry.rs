//! How often, and when, to try again: capped exponential backoff with seeded jitter, and a budget.

use std::time::Duration;

use crate::{Attempt, Failure, Now, Options};

/// The longest time between two looks whether a network that has failed is back; the shortest is half of it.
const PROBE: Duration = Duration::from_secs(15);

/// Bytes received since a failure from which on the next failure is the first of a new series.
const PROGRESS: u64 = 64 << 10;

/// The failures of one stream since it last made progress.
#[derive(Debug, Default)]
pub(crate) struct Retry {
    history: Vec<Attempt>,
    received: u64,
    not_before: Option<Now>,
    /// The budget has been spent, and there has been no progress since.
    is_spent: bool,
}

impl Retry {
    /// Takes note of bytes; enough of them clear the history.
    pub(crate) fn progress(&mut self, bytes: u64) {
        self.received = self.received.saturating_add(bytes);
        if self.received >= PROGRESS {
            self.history.clear();
            self.is_spent = false;
        }
    }

    /// Takes note of a failure. `Err` with the history when the budget is spent, otherwise the wait before the next try.
    pub(crate) fn failed(
        &mut self,
        now: Now,
        options: &Options,
        jitter: &mut fastrand::Rng,
        offset: u64,
        failure: Failure,
    ) -> Result<Duration, Vec<Attempt>> {
        self.received = 0;
        let asked = match &failure {
            Failure::Status { retry_after, .. } => *retry_after,
            _ => None,
        };
        self.history.push(Attempt { at: now, offset, failure });
        if self.is_spent || self.history.len() as u64 >= u64::from(options.attempts.max(1)) {
            self.is_spent = true;
            return Err(std::mem::take(&mut self.history));
        }
        let doublings = u32::try_from(self.history.len() - 1).unwrap_or(u32::MAX).min(16);
        let backoff = options.backoff.saturating_mul(1 << doublings).min(options.longest_backoff);
        let wait = spread(backoff, jitter);
        // A server may ask for more patience, but not for the whole evening.
        let wait = wait.max(asked.unwrap_or_default().min(Duration::from_secs(60)));
        self.not_before = Some(now + wait);
        Ok(wait)
    }

    /// Whether the budget has been spent, and there has been no progress since.
    pub(crate) fn is_spent(&self) -> bool {
        self.is_spent
    }

    /// All that was asked for has come.
    pub(crate) fn complete(&mut self) {
        self.is_spent = false;
    }

    /// Whether there has been a failure since there was progress.
    pub(crate) fn is_troubled(&self) -> bool {
        !self.history.is_empty()
    }

    /// When the next try may begin; `None` is at once.
    pub(crate) fn not_before(&self) -> Option<Now> {
        self.not_before
    }

    /// Whether the next try may begin.
    pub(crate) fn is_due(&self, now: Now) -> bool {
        self.not_before.is_none_or(|at| at <= now)
    }

    /// Try at once, with a new budget.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Try then, whatever has been spent.
    pub(crate) fn wait_until(&mut self, at: Now) {
        self.not_before = Some(at);
    }

    /// Try at once, with what is left of the budget.
    pub(crate) fn hurry(&mut self) {
        self.not_before = None;
    }
}

/// How long to wait before looking whether a network that has failed is back.
pub(crate) fn probe_wait(jitter: &mut fastrand::Rng) -> Duration {
    spread(PROBE, jitter)
}

/// Between half of a wait and all of it: viewers of one film fail together and must not return together.
fn spread(longest: Duration, jitter: &mut fastrand::Rng) -> Duration {
    Duration::from_micros((longest.as_micros() as f64 * (0.5 + 0.5 * jitter.f64())) as u64)
}

impl Failure {
    /// Whether the same request may fare better in a moment.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        may_retry(self)
    }
}

/// Whether the same request may fare better in a moment (RFC 9110 section 15, RFC 6585).
pub(crate) fn may_retry(failure: &Failure) -> bool {
    match failure {
        Failure::Status { status, .. } => matches!(status, 408 | 416 | 425 | 429 | 500..),
        Failure::WrongTotal { .. } | Failure::WrongType { .. } | Failure::TooLarge { .. } => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn waits_grow_are_capped_and_end() {
        let (options, mut jitter) = (Options::default(), fastrand::Rng::with_seed(7));
        let mut retry = Retry::default();
        for doubling in 0..7 {
            let full = Duration::from_millis(250 << doubling).min(options.longest_backoff);
            let wait = retry.failed(Now::default(), &options, &mut jitter, 0, Failure::Network).expect("budget left");
            assert!(full / 2 <= wait && wait <= full, "{wait:?} of {full:?}");
        }
        let history = retry.failed(Now::default(), &options, &mut jitter, 9, Failure::Silence).expect_err("spent");
        assert_eq!((history.len(), history[7].offset), (8, 9));
    }

    #[test]
    fn progress_renews_the_budget_and_a_trickle_does_not() {
        let (options, mut jitter) = (Options { attempts: 2, ..Options::default() }, fastrand::Rng::with_seed(7));
        let mut retry = Retry::default();
        for _ in 0..5 {
            retry.failed(Now::default(), &options, &mut jitter, 0, Failure::Network).expect("budget left");
            retry.progress(PROGRESS);
        }
        retry.failed(Now::default(), &options, &mut jitter, 0, Failure::Network).expect("budget left");
        retry.progress(1);
        retry.failed(Now::default(), &options, &mut jitter, 0, Failure::Network).expect_err("spent");
    }

    #[test]
    fn the_server_may_ask_for_a_minute_at_most() {
        let (options, mut jitter) = (Options::default(), fastrand::Rng::with_seed(7));
        let ask = |seconds| Failure::Status { status: 429, retry_after: Some(Duration::from_secs(seconds)) };
        let mut wait = |seconds| Retry::default().failed(Now::default(), &options, &mut jitter, 0, ask(seconds));
        assert_eq!(wait(20), Ok(Duration::from_secs(20)));
        assert_eq!(wait(86_400), Ok(Duration::from_secs(60)));
    }
}
