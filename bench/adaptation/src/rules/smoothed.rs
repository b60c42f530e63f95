//! Throughput as dash.js has it: the smaller of two exponentially weighted means, of short and long memory.

use crate::session::Transfer;

/// Half-lives in milliseconds of transfer.
const HALF_LIVES: [f64; 2] = [3_000.0, 8_000.0];

/// What the last groups came at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    pub(crate) kbps: f64,
    /// In milliseconds.
    pub(crate) latency: f64,
}

/// Two means of throughput and two of latency. The latter's memory counts groups in place of time.
#[derive(Default)]
pub(crate) struct Smoothed {
    kbps: [f64; 2],
    latency: [f64; 2],
    millis: f64,
    groups: f64,
}

impl Smoothed {
    /// A group has come that holds these milliseconds of film.
    pub(crate) fn take(&mut self, transfer: &Transfer, group_ms: f64) {
        let millis = transfer.millis - transfer.latency;
        let mix = |mean: &mut f64, value: f64, weight: f64| {
            let kept = 0.5_f64.powf(weight);
            *mean = *mean * kept + value * (1.0 - kept);
        };
        for (index, half_life) in HALF_LIVES.iter().enumerate() {
            mix(&mut self.kbps[index], transfer.got / millis.max(1e-3), millis / half_life);
            mix(&mut self.latency[index], transfer.latency, group_ms / half_life);
        }
        self.millis += millis;
        self.groups += group_ms;
    }

    /// The pessimistic one of each pair; `None` before anything has come.
    pub(crate) fn estimate(&self) -> Option<Estimate> {
        // A mean that began at nothing is corrected for how much of it still is nothing.
        let known = |millis: f64, half_life: f64| 1.0 - 0.5_f64.powf(millis / half_life);
        let of = |means: [f64; 2], millis: f64| [0, 1].map(|index| means[index] / known(millis, HALF_LIVES[index]));
        let ([quick, slow], [short, long]) = (of(self.kbps, self.millis), of(self.latency, self.groups));
        (self.millis > 0.0).then(|| Estimate { kbps: quick.min(slow), latency: short.max(long) })
    }
}
