//! How a link changes with time: known beforehand, so that a packet's turn is worked out over all the rates that it meets.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A stretch of time in which a link does not change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// How long it lasts.
    pub lasts: Duration,
    /// Bits per second, of IP packets. None come through where it is 0.
    pub rate: u64,
    /// From one end to the other.
    pub delay: Duration,
}

/// Step after step, and again from the first.
#[derive(Debug)]
pub struct Course {
    steps: Vec<Step>,
    round: Duration,
    began: Mutex<Instant>,
}

impl Course {
    /// `None` where nothing ever comes through.
    #[must_use]
    pub fn new(mut steps: Vec<Step>) -> Option<Self> {
        steps.retain(|step| !step.lasts.is_zero());
        let round = steps.iter().map(|step| step.lasts).sum();
        let carries = steps.iter().any(|step| step.rate > 0);
        carries.then(|| Self { steps, round, began: Mutex::new(Instant::now()) })
    }

    /// A link that does not change.
    #[must_use]
    pub fn steady(rate: u64, delay: Duration) -> Self {
        let step = Step { lasts: Duration::from_secs(3_600), rate: rate.max(1), delay };
        Self { steps: vec![step], round: step.lasts, began: Mutex::new(Instant::now()) }
    }

    /// Bits per second on average.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let bits = self.steps.iter().map(|step| step.rate as f64 * step.lasts.as_secs_f64());
        bits.sum::<f64>() / self.round.as_secs_f64()
    }

    /// Begins again with the first step.
    pub fn begin(&self) {
        *self.began.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// When bytes have been sent whose sending begins at `from`.
    #[must_use]
    pub fn sent(&self, bytes: usize, from: Instant) -> Instant {
        let (mut at, mut left) = self.place(from);
        let (mut bits, mut passed) = (bytes as f64 * 8.0, Duration::ZERO);
        loop {
            let rate = self.steps[at].rate as f64;
            let most = rate * left.as_secs_f64();
            if bits <= most && rate > 0.0 {
                return from + passed + Duration::from_secs_f64(bits / rate);
            }
            bits -= most;
            passed += left;
            at = (at + 1) % self.steps.len();
            left = self.steps[at].lasts;
        }
    }

    /// What a packet that leaves at a time takes to the other end.
    pub(crate) fn delay(&self, leaves: Instant) -> Duration {
        self.steps[self.place(leaves).0].delay
    }

    /// The step that a time is in, and what is left of it.
    fn place(&self, time: Instant) -> (usize, Duration) {
        let began = *self.began.lock().unwrap_or_else(PoisonError::into_inner);
        let nanos = time.saturating_duration_since(began).as_nanos() % self.round.as_nanos();
        let mut at = Duration::from_nanos(u64::try_from(nanos).unwrap_or(0));
        for (index, step) in self.steps.iter().enumerate() {
            match at.checked_sub(step.lasts) {
                Some(rest) => at = rest,
                None => return (index, step.lasts - at),
            }
        }
        (0, self.steps[0].lasts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(seconds: u64, rate: u64, millis: u64) -> Step {
        Step { lasts: Duration::from_secs(seconds), rate, delay: Duration::from_millis(millis) }
    }

    #[test]
    fn a_packet_meets_every_rate_on_its_way() {
        let course = Course::new(vec![step(1, 8_000, 10), step(2, 0, 10), step(1, 80_000, 50)]).expect("it carries");
        course.begin();
        let began = *course.began.lock().expect("nobody else");
        let at = |seconds: f64| began + Duration::from_secs_f64(seconds);
        assert_eq!(course.sent(500, at(0.0)), at(0.5));
        assert_eq!(course.sent(1_500, at(0.0)), at(3.05), "1,000 bytes, nothing for two seconds, then the rest");
        assert_eq!(course.sent(1_000, at(4.0)), at(5.0), "again from the first");
        assert_eq!(course.delay(at(3.5)), Duration::from_millis(50));
    }

    #[test]
    fn a_course_carries_something() {
        assert!(Course::new(vec![step(1, 0, 0), step(0, 5, 0)]).is_none());
        let course = Course::new(vec![step(1, 100, 0), step(3, 20, 0)]).expect("it carries");
        assert!((course.mean() - 40.0).abs() < 1e-9);
    }
}
