//! The throughput rule of dash.js (Spiteri, Sitaraman, Sparacio 2018).

use super::smoothed::Smoothed;
use super::{Insufficient, carried};
use crate::session::{Rule, Transfer, View};

/// The part of the throughput that is used.
const SAFETY: f64 = 0.9;

/// Time that a group may take before it is given up, as a multiple of the time that it plays; never within the first half second.
const TOO_LONG: f64 = 1.8;
const GRACE_MS: f64 = 500.0;

pub(crate) struct Throughput {
    smoothed: Smoothed,
    insufficient: Insufficient,
}

impl Throughput {
    pub(crate) fn new() -> Self {
        Self { smoothed: Smoothed::default(), insufficient: Insufficient::new() }
    }
}

impl Rule for Throughput {
    fn choose(&mut self, view: &View<'_>) -> (usize, f64) {
        let Some(estimate) = self.smoothed.estimate() else { return (0, 0.0) };
        let rung = carried(view.film, estimate.kbps * SAFETY, estimate.latency);
        (rung.min(self.insufficient.limit(view.film, view.buffer, estimate)), 0.0)
    }

    fn gives_up(&mut self, view: &View<'_>, transfer: &Transfer) -> bool {
        let (Some(estimate), millis) = (self.smoothed.estimate(), transfer.millis - transfer.latency) else {
            return false;
        };
        if transfer.millis < GRACE_MS || millis <= 0.0 {
            return false;
        }
        let (kbps, left) = (transfer.got / millis, transfer.bits - transfer.got);
        if transfer.millis + left / kbps <= TOO_LONG * view.film.group_ms {
            return false;
        }
        let lower = carried(view.film, kbps * SAFETY, estimate.latency);
        lower < transfer.rung && transfer.bits * view.film.kbps[lower] / view.film.kbps[transfer.rung] < left
    }

    fn finished(&mut self, view: &View<'_>, transfer: &Transfer) {
        if transfer.is_whole() {
            self.smoothed.take(transfer, view.film.group_ms);
        }
    }
}
