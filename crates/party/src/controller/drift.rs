//! Drift, freed of single odd samples, and summed up while nothing is done about it.

use crate::{Now, Span};

/// Samples that are kept for the median: single ones are off by a whole frame now and then.
const MEDIAN: usize = 5;

/// Drift within the dead band, summed up over time, from which on it is corrected all the same: 10 ms for ten seconds, in microseconds
/// times seconds.
const PATIENCE: i64 = 100_000;

/// The last samples since something was changed.
#[derive(Clone, Debug, Default)]
pub(super) struct Drift {
    samples: Vec<Span>,
    first: Option<Now>,
    last: Option<Now>,
    /// Drift × time since the last correction, microseconds × seconds.
    sum: i64,
}

impl Drift {
    /// The player does something else from now on: what it did before says nothing, and the sum begins again.
    pub(super) fn begin(&mut self) {
        *self = Self::default();
    }

    /// Takes a sample.
    pub(super) fn add(&mut self, now: Now, drift: Span) {
        if self.samples.len() == MEDIAN {
            self.samples.remove(0);
        }
        self.samples.push(drift);
        self.first.get_or_insert(now);
        let since = self.last.map_or(Span::ZERO, |last| (now - last).or_zero().min(Span::from_secs(1)));
        self.last = Some(now);
        let micros = drift.as_micros().clamp(-1_000_000, 1_000_000);
        self.sum = self.sum.saturating_add(micros * since.as_micros() / 1_000_000);
    }

    /// The middle one of the last `most` samples; `None` before there are three.
    pub(super) fn median(&self, most: usize) -> Option<Span> {
        let mut last: Vec<Span> = self.samples.iter().rev().take(most).copied().collect();
        last.sort_unstable();
        last.get(last.len() / 2).copied().filter(|_| last.len() >= 3)
    }

    /// For how long samples have been taken.
    pub(super) fn age(&self, now: Now) -> Span {
        self.first.map_or(Span::ZERO, |first| now - first)
    }

    /// Whether what is small has lasted.
    pub(super) fn is_lasting(&self) -> bool {
        self.sum.abs() >= PATIENCE
    }
}
