//! A mean that forgets.

use std::time::Duration;

/// Bytes over time, both of which are halved with each half-life of waiting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mean {
    half_life: Duration,
    bytes: f64,
    micros: f64,
}

impl Mean {
    pub(super) const fn new(half_life: Duration) -> Self {
        Self { half_life, bytes: 0.0, micros: 0.0 }
    }

    pub(super) fn take(&mut self, bytes: u64, span: Duration) {
        let half_lives = span.as_micros() as f64 / self.half_life.as_micros() as f64;
        let kept = 0.5_f64.powf(half_lives);
        self.bytes = self.bytes * kept + bytes as f64;
        self.micros = self.micros * kept + span.as_micros() as f64;
    }

    /// Bytes in a second; `None` before any time has passed.
    pub(super) fn rate(&self) -> Option<u64> {
        // `as` saturates.
        (self.micros > 0.0).then(|| (self.bytes * 1e6 / self.micros) as u64)
    }
}
