//! What is known of the network, and the dice for waiting on it.

use crate::Now;
use crate::exchange::Exchange;
use crate::throughput::Throughput;

#[derive(Debug)]
pub(crate) struct Network {
    pub(crate) throughput: Throughput,
    /// For the waits between attempts.
    pub(crate) jitter: fastrand::Rng,
}

impl Network {
    pub(crate) fn new(seed: u64) -> Self {
        Self { throughput: Throughput::default(), jitter: fastrand::Rng::with_seed(seed) }
    }

    /// The read that is under way in an exchange, if one is, is over and gave `bytes`.
    pub(crate) fn end_read(&mut self, now: Now, exchange: &Exchange, bytes: u64) {
        if exchange.is_reading() {
            self.throughput.end(now, bytes);
        }
    }
}
