//! Counters, in the text format of Prometheus (version 0.0.4).

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What has happened since the start, and what there is.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    pub(crate) clients: AtomicUsize,
    pub(crate) received: Counter,
    pub(crate) sent: Counter,
    /// Upgrades refused.
    pub(crate) refused: Counter,
    pub(crate) misbehaved: Counter,
    pub(crate) slow: Counter,
    /// Compare-and-sets that another relay won.
    pub(crate) conflicts: Counter,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }
}

impl Metrics {
    /// With the number of rooms that there are.
    pub(crate) fn render(&self, rooms: usize) -> String {
        let mut text = String::with_capacity(1_024);
        let mut family = |name: &str, kind: &str, help: &str, value: u64| {
            let name = format!("origin_party_{name}");
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
        };
        let count = |counter: &Counter| counter.0.load(Ordering::Relaxed);
        family("rooms", "gauge", "Rooms that are kept.", rooms as u64);
        family("clients", "gauge", "Clients that are connected.", self.clients.load(Ordering::Relaxed) as u64);
        family("messages_received_total", "counter", "Messages of clients.", count(&self.received));
        family("messages_sent_total", "counter", "Messages to clients.", count(&self.sent));
        family("refused_total", "counter", "Upgrades that were refused.", count(&self.refused));
        family("misbehaved_total", "counter", "Clients that sent what is no message.", count(&self.misbehaved));
        family("slow_total", "counter", "Clients that did not read.", count(&self.slow));
        family("conflicts_total", "counter", "Changes that another relay came before.", count(&self.conflicts));
        text
    }
}
