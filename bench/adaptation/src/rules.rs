//! Rules from the literature, written from their papers. Where a paper leaves something open, the authors' own simulator is
//! followed, whose published figures the world is held against.

pub(crate) mod bba;
pub(crate) mod bola;
pub(crate) mod bola_e;
pub(crate) mod dynamic;
pub(crate) mod smoothed;
pub(crate) mod throughput;

use crate::film::Film;
use smoothed::Estimate;

/// The highest rung of which a group of mean size comes in less time than it plays.
fn carried(film: &Film, kbps: f64, latency: f64) -> usize {
    let comes_in_time = |rung: &f64| latency + film.group_ms * rung / kbps <= film.group_ms;
    film.kbps.iter().skip(1).take_while(|rung| comes_in_time(rung)).count()
}

/// The insufficient buffer rule of dash.js (Spiteri, Sitaraman, Sparacio 2018): nothing larger than what a part of the
/// throughput brings before the buffer is empty. The part falls from nine tenths to a half, one decision after the other.
struct Insufficient {
    part: f64,
}

impl Insufficient {
    fn new() -> Self {
        Self { part: 0.9 }
    }

    fn limit(&mut self, film: &Film, buffer: f64, estimate: Estimate) -> usize {
        let bits = self.part * (buffer - estimate.latency) * estimate.kbps;
        self.part = (self.part * 0.9).max(0.5);
        film.kbps.iter().skip(1).take_while(|rung| *rung * film.group_ms <= bits).count()
    }
}
