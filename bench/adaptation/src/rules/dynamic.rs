//! DYNAMIC (Spiteri, Sitaraman, Sparacio 2018): the throughput rule while little is buffered, a BOLA with plenty. Of two kinds:
//! the paper's, around BOLA, and the one that dash.js made of it, around BOLA-E.

use super::bola::Bola;
use super::bola_e::BolaE;
use super::throughput::Throughput;
use crate::film::Film;
use crate::session::{Rule, Transfer, View};

/// Buffers in milliseconds.
const LOW: f64 = 5_000.0;
const PLENTY: f64 = 10_000.0;

pub(crate) struct Dynamic {
    bola: Bola,
    throughput: Throughput,
    is_bola: bool,
}

impl Dynamic {
    pub(crate) fn new() -> Self {
        Self { bola: Bola::new(), throughput: Throughput::new(), is_bola: false }
    }
}

impl Rule for Dynamic {
    fn choose(&mut self, view: &View<'_>) -> (usize, f64) {
        let (bola, throughput) = (self.bola.choose(view), self.throughput.choose(view));
        if self.is_bola {
            self.is_bola = view.buffer >= PLENTY || bola.0 >= throughput.0;
        } else {
            self.is_bola = view.buffer > PLENTY && bola.0 >= throughput.0;
        }
        if self.is_bola { bola } else { throughput }
    }

    fn gives_up(&mut self, view: &View<'_>, transfer: &Transfer) -> bool {
        self.throughput.gives_up(view, transfer)
    }

    fn finished(&mut self, view: &View<'_>, transfer: &Transfer) {
        self.bola.finished(view, transfer);
        self.throughput.finished(view, transfer);
    }
}

pub(crate) struct DynamicDash {
    bola: BolaE,
    throughput: Throughput,
    is_bola: bool,
}

impl DynamicDash {
    pub(crate) fn new(film: &Film, capacity: f64) -> Self {
        Self { bola: BolaE::new(film, capacity), throughput: Throughput::new(), is_bola: false }
    }

    fn rule(&mut self) -> &mut dyn Rule {
        if self.is_bola { &mut self.bola } else { &mut self.throughput }
    }
}

impl Rule for DynamicDash {
    fn choose(&mut self, view: &View<'_>) -> (usize, f64) {
        self.is_bola = view.buffer > if self.is_bola { LOW } else { PLENTY };
        self.rule().choose(view)
    }

    fn gives_up(&mut self, view: &View<'_>, transfer: &Transfer) -> bool {
        self.rule().gives_up(view, transfer)
    }

    fn waited(&mut self, millis: f64) {
        self.bola.waited(millis);
    }

    fn finished(&mut self, view: &View<'_>, transfer: &Transfer) {
        self.bola.finished(view, transfer);
        self.throughput.finished(view, transfer);
    }
}
