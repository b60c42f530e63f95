//! BOLA (Spiteri, Urgaonkar, Sitaraman: "BOLA: Near-Optimal Bitrate Adaptation for Online Videos", 2016), with what its
//! section on practice adds: a buffer that counts as smaller at both ends of the film, no rise beyond one rung more than the
//! throughput carries (BOLA-U), and groups that are given up.

use super::carried;
use super::smoothed::Smoothed;
use crate::film::Film;
use crate::session::{Rule, Transfer, View};

/// The paper's γp, in units of utility: the weight of playing without a stall.
const PLAYING: f64 = 5.0;

pub(crate) struct Bola {
    smoothed: Smoothed,
    /// The paper's V·p, in milliseconds for a unit of utility.
    weight: f64,
    last: usize,
}

impl Bola {
    pub(crate) fn new() -> Self {
        Self { smoothed: Smoothed::default(), weight: 0.0, last: 0 }
    }

    fn utility(film: &Film, rung: usize) -> f64 {
        (film.kbps[rung] / film.kbps[0]).ln()
    }

    fn score(&self, film: &Film, rung: usize, buffer: f64) -> f64 {
        self.weight * (Self::utility(film, rung) + PLAYING) - buffer
    }
}

impl Rule for Bola {
    fn choose(&mut self, view: &View<'_>) -> (usize, f64) {
        let film = view.film;
        let Some(estimate) = self.smoothed.estimate() else { return (0, 0.0) };
        let from_an_end = view.group.min(film.bits.len() - view.group) as f64;
        let capacity = view.capacity.min((from_an_end / 2.0).max(3.0) * film.group_ms);
        self.weight = (capacity - film.group_ms) / (Self::utility(film, film.top()) + PLAYING);

        let score = |rung: usize| self.score(film, rung, view.buffer) / film.kbps[rung];
        let mut rung = (0..=film.top()).fold(0, |best, rung| if score(rung) > score(best) { rung } else { best });
        let carried = carried(film, estimate.kbps, estimate.latency);
        if rung > self.last && rung > carried {
            rung = if self.last > carried { self.last } else { carried + 1 };
        }
        self.last = rung;
        (rung, 0.0)
    }

    fn gives_up(&mut self, view: &View<'_>, transfer: &Transfer) -> bool {
        let (film, left) = (view.film, transfer.bits - transfer.got);
        let mut best = self.score(film, transfer.rung, view.buffer) / left;
        if transfer.got <= 0.0 || best < 0.0 {
            return false;
        }
        let mut lower = None;
        for rung in 0..transfer.rung {
            let bits = transfer.bits * film.kbps[rung] / film.kbps[transfer.rung];
            let score = self.score(film, rung, view.buffer) / bits;
            if bits < left && score > best {
                (best, lower) = (score, Some(rung));
            }
        }
        self.last = lower.unwrap_or(self.last);
        lower.is_some()
    }

    fn finished(&mut self, view: &View<'_>, transfer: &Transfer) {
        if transfer.is_whole() {
            self.smoothed.take(transfer, view.film.group_ms);
        }
    }
}
