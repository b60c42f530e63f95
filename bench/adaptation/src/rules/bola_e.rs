//! BOLA-E (Spiteri, Sitaraman, Sparacio: "From Theory to Practice", 2018): BOLA for small buffers. A placeholder is film that
//! counts as buffered though it is not there, so that a short buffer does not hold a quick link down.

use super::smoothed::{Estimate, Smoothed};
use super::{Insufficient, carried};
use crate::film::Film;
use crate::session::{Rule, Transfer, View};

/// Buffer below which nothing but the lowest rung is chosen, and what each rung adds to the buffer that is reckoned with.
const LEAST_MS: f64 = 10_000.0;
const EACH_RUNG_MS: f64 = 2_000.0;

pub(crate) struct BolaE {
    smoothed: Smoothed,
    insufficient: Option<Insufficient>,
    /// The paper's γp, and V·p in milliseconds for a unit of utility.
    playing: f64,
    weight: f64,
    placeholder: f64,
    last: usize,
}

impl BolaE {
    pub(crate) fn new(film: &Film, capacity: f64) -> Self {
        let buffer = capacity.max(LEAST_MS + EACH_RUNG_MS * film.kbps.len() as f64);
        let playing = (film.kbps[film.top()] / film.kbps[0]).ln() / (buffer / LEAST_MS - 1.0);
        Self {
            smoothed: Smoothed::default(),
            insufficient: None,
            playing,
            weight: LEAST_MS / playing,
            placeholder: 0.0,
            last: 0,
        }
    }

    fn utility(film: &Film, rung: usize) -> f64 {
        (film.kbps[rung] / film.kbps[0]).ln() + 1.0
    }

    /// The buffer at which a rung scores nothing.
    fn most(&self, film: &Film, rung: usize) -> f64 {
        self.weight * (self.playing + Self::utility(film, rung))
    }

    /// The buffer from which on a rung is better than all lower ones.
    fn least(&self, film: &Film, rung: usize) -> f64 {
        let (rate, utility) = (film.kbps[rung], Self::utility(film, rung));
        let against = |lower: usize| {
            let (other, less) = (film.kbps[lower], Self::utility(film, lower));
            self.weight * (self.playing + (rate * less - other * utility) / (rate - other))
        };
        (0..rung).map(against).fold(0.0, f64::max)
    }

    fn best(&self, film: &Film, buffer: f64) -> usize {
        let score = |rung: usize| (self.most(film, rung) - buffer) / film.kbps[rung];
        (0..=film.top()).fold(0, |best, rung| if score(rung) > score(best) { rung } else { best })
    }

    fn steady(&mut self, view: &View<'_>, estimate: Estimate) -> (usize, f64) {
        let film = view.film;
        let mut rung = self.best(film, view.buffer + self.placeholder);
        let carried = carried(film, estimate.kbps, estimate.latency);
        if rung > self.last && rung > carried {
            rung = self.last.max(carried) + 1;
        }
        let surplus = (view.buffer + self.placeholder - self.most(film, rung)).max(0.0);
        let used = surplus.min(self.placeholder);
        self.placeholder -= used;
        let mut wait = if rung == film.top() { 0.0 } else { surplus - used };
        let limit = self.insufficient.get_or_insert_with(Insufficient::new).limit(film, view.buffer, estimate);
        if limit < rung {
            (rung, wait) = (limit, 0.0);
            self.placeholder = self.placeholder.min((self.least(film, rung) - view.buffer).max(0.0));
        }
        (rung, wait)
    }
}

impl Rule for BolaE {
    fn choose(&mut self, view: &View<'_>) -> (usize, f64) {
        let film = view.film;
        let Some(estimate) = self.smoothed.estimate() else { return (self.last, 0.0) };
        if self.insufficient.is_some() {
            return self.steady(view, estimate);
        }
        self.insufficient = Some(Insufficient::new());
        let rung = carried(film, estimate.kbps, estimate.latency);
        self.placeholder = (self.least(film, rung) - view.buffer).max(0.0);
        (rung, 0.0)
    }

    fn gives_up(&mut self, view: &View<'_>, transfer: &Transfer) -> bool {
        let film = view.film;
        let kbps = transfer.got / (transfer.millis - transfer.latency);
        let left = transfer.bits - transfer.got - transfer.latency * kbps;
        if transfer.got <= 0.0 || left <= 0.0 {
            return false;
        }
        let buffer = (view.buffer + self.placeholder - transfer.latency).max(0.0);
        let score = |rung: usize, bits: f64| (self.most(film, rung) - buffer) / bits;
        let bits = |rung: usize| transfer.bits * film.kbps[rung] / film.kbps[transfer.rung];
        let mut best = (score(transfer.rung, left), None);
        for rung in 0..transfer.rung {
            if bits(rung) < left && score(rung, bits(rung)) > best.0 {
                best = (score(rung, bits(rung)), Some(rung));
            }
        }
        let Some(lower) = best.1 else { return false };
        let wanted = if lower > 0 { self.least(film, lower) } else { LEAST_MS };
        self.placeholder = self.placeholder.min((wanted - view.buffer).max(0.0));
        true
    }

    fn waited(&mut self, millis: f64) {
        self.placeholder += millis;
    }

    fn finished(&mut self, view: &View<'_>, transfer: &Transfer) {
        self.last = transfer.rung;
        if !transfer.is_whole() {
            return;
        }
        self.smoothed.take(transfer, view.film.group_ms);
        // What was decided by another rule, or by less than came of it, must not leave the placeholder out of proportion.
        let was = view.buffer + transfer.millis;
        self.placeholder = self.placeholder.min((self.most(view.film, transfer.rung) - was).max(0.0));
        if view.buffer > 0.0 {
            self.placeholder = self.placeholder.max(self.least(view.film, transfer.rung) - was);
        }
    }
}
