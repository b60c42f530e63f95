//! A recorded link, played again from its beginning when it ends.

use serde::Deserialize;

/// A stretch of time in which a link does not change.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Period {
    /// How long it lasts, in milliseconds.
    pub(crate) duration_ms: f64,
    /// Bits in a millisecond.
    pub(crate) bandwidth_kbps: f64,
    /// From a request to the first bit of its answer, in milliseconds.
    pub(crate) latency_ms: f64,
}

/// A link as it was recorded.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    periods: Vec<Period>,
}

impl Trace {
    /// `None` where a period is no period, or where nothing ever comes.
    pub(crate) fn new(periods: Vec<Period>) -> Option<Self> {
        let is_sound = |period: &Period| {
            (period.duration_ms > 0.0 && period.duration_ms.is_finite())
                && (period.bandwidth_kbps >= 0.0 && period.bandwidth_kbps.is_finite())
                && (period.latency_ms >= 0.0 && period.latency_ms.is_finite())
        };
        let carries = periods.iter().any(|period| period.bandwidth_kbps > 0.0);
        (carries && periods.iter().all(is_sound)).then_some(Self { periods })
    }

    /// Mean bandwidth over one round, in kbit/s.
    pub(crate) fn mean_kbps(&self) -> f64 {
        let bits: f64 = self.periods.iter().map(|period| period.duration_ms * period.bandwidth_kbps).sum();
        bits / self.periods.iter().map(|period| period.duration_ms).sum::<f64>()
    }
}

/// A place in time on a link. Copies go on by themselves, which is how the oracle tries things.
#[derive(Clone, Debug)]
pub(crate) struct Link<'a> {
    trace: &'a Trace,
    index: usize,
    /// What is left of the present period, in milliseconds.
    left: f64,
    /// Milliseconds since the beginning.
    pub(crate) now: f64,
}

impl<'a> Link<'a> {
    pub(crate) fn new(trace: &'a Trace) -> Self {
        Self { trace, index: 0, left: trace.periods[0].duration_ms, now: 0.0 }
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, mut millis: f64) {
        while millis > self.left {
            millis -= self.left;
            self.next_period();
        }
        self.pass(millis);
    }

    /// Waits for the first bit of an answer; returns how long that took. A latency that changes meanwhile counts by parts.
    pub(crate) fn answer(&mut self) -> f64 {
        let (began, mut share) = (self.now, 1.0);
        loop {
            let latency = self.period().latency_ms;
            if share * latency <= self.left {
                self.pass(share * latency);
                return self.now - began;
            }
            share -= self.left / latency;
            self.next_period();
        }
    }

    /// Receives `bits`, or what comes until `until`; returns how many.
    pub(crate) fn receive(&mut self, bits: f64, until: f64) -> f64 {
        let mut missing = bits;
        loop {
            let bandwidth = self.period().bandwidth_kbps;
            let span = self.left.min(until - self.now).max(0.0);
            if missing <= span * bandwidth {
                self.pass(missing / bandwidth.max(f64::MIN_POSITIVE));
                return bits;
            }
            missing -= span * bandwidth;
            if span < self.left {
                self.pass(span);
                return bits - missing;
            }
            self.next_period();
            if self.now >= until {
                return bits - missing;
            }
        }
    }

    fn period(&self) -> Period {
        self.trace.periods[self.index]
    }

    fn pass(&mut self, millis: f64) {
        self.left -= millis;
        self.now += millis;
    }

    fn next_period(&mut self) {
        self.now += self.left;
        self.index = (self.index + 1) % self.trace.periods.len();
        self.left = self.period().duration_ms;
    }
}
