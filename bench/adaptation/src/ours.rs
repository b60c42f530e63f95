//! This project's own rule, asked as the engine asks it.

use std::time::Duration;

use adaptation::{Ahead, Chooser, Group, HORIZON, Limits, Rung, RungId, Source, Throughput, UnderWay};

use crate::film::Film;
use crate::session::{Rule, Transfer, View};

/// From an answer's last bytes until its end, as browsers tell it: a read that brings nothing, and the least time that their clocks show.
const END: Duration = Duration::from_micros(100);

pub(crate) struct Ours {
    chooser: Chooser,
    throughput: Throughput,
    rungs: Vec<Rung>,
    /// Bytes of each group in each rung.
    sizes: Vec<Vec<u64>>,
    /// What a group was given up for.
    instead: Option<RungId>,
    /// Bits and milliseconds of the transfer under way that the estimator knows.
    seen: (f64, f64),
}

impl Ours {
    pub(crate) fn new(film: &Film) -> Self {
        let rung = |kbps: &f64| Rung { bits_per_second: (kbps * 1e3) as u64, height: 0, is_smooth: true };
        let rungs: Vec<Rung> = film.kbps.iter().map(rung).collect();
        let sizes = film.bits.iter().map(|group| group.iter().map(|bits| bytes(*bits)).collect()).collect();
        let throughput = Throughput::new(rungs[0].bits_per_second);
        Self { chooser: Chooser::new(), throughput, rungs, sizes, instead: None, seen: (0.0, 0.0) }
    }

    fn see(&mut self, transfer: &Transfer) {
        let (got, mut millis) = self.seen;
        if millis == 0.0 {
            self.throughput.answered(Source::Unknown, span(transfer.latency));
            millis = transfer.latency;
        }
        self.throughput.received(Source::Unknown, bytes(transfer.got - got), span(transfer.millis - millis));
        self.seen = (transfer.got, transfer.millis);
    }
}

fn span(millis: f64) -> Duration {
    Duration::from_micros((millis.max(0.0) * 1e3) as u64)
}

fn bytes(bits: f64) -> u64 {
    (bits / 8.0) as u64
}

/// The coming groups.
fn groups<'a>(sizes: &'a [Vec<u64>], view: &View<'_>) -> Vec<Group<'a>> {
    let length = span(view.film.group_ms);
    sizes[view.group..].iter().take(HORIZON).map(|bytes| Group { length, bytes }).collect()
}

impl Rule for Ours {
    fn choose(&mut self, view: &View<'_>) -> (usize, f64) {
        if let Some(rung) = self.instead.take() {
            return (rung.0, 0.0);
        }
        let (link, limits) = (self.throughput.forecast(), Limits::default());
        let ahead = Ahead { rungs: &self.rungs, groups: &groups(&self.sizes, view) };
        let choice = if view.group == 0 {
            self.chooser.start(&ahead, &[], link.as_ref(), &limits, RungId::LOWEST)
        } else {
            self.chooser.choose(&ahead, link.as_ref(), &limits, span(view.buffer), span(view.capacity))
        };
        (choice.rung.0, 0.0)
    }

    fn gives_up(&mut self, view: &View<'_>, transfer: &Transfer) -> bool {
        self.see(transfer);
        let Some(link) = self.throughput.forecast() else { return false };
        let under_way = UnderWay { rung: RungId(transfer.rung), left: bytes(transfer.bits - transfer.got) };
        let ahead = Ahead { rungs: &self.rungs, groups: &groups(&self.sizes, view) };
        let choice = self.chooser.give_up(&ahead, &link, under_way, span(view.buffer));
        self.instead = choice.map(|choice| choice.rung);
        self.instead.is_some()
    }

    fn finished(&mut self, _view: &View<'_>, transfer: &Transfer) {
        self.see(transfer);
        if transfer.is_whole() {
            self.throughput.received(Source::Unknown, 0, END);
        }
        self.throughput.completed();
        self.seen = (0.0, 0.0);
    }
}
