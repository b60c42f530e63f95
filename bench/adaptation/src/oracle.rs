//! What a rule could do that knew the link beforehand: the least stall first, then the highest mean rate.
//!
//! Stalls are least with the lowest rung throughout, so with the first group's arrival and that stall every group has a time by
//! which it must have come. Among all ways to keep those times the one with the most rate is looked for, group by group: of the
//! ways that end within one slot of time only the best is followed. What comes out has been played as it says; a better way may
//! have been dropped, so the true optimum is as good or better.

use crate::film::Film;
use crate::link::{Link, Trace};
use crate::session::{self, Outcome, Rule, View};

/// Milliseconds between the arrivals of two ways' last groups within which they are compared by rate alone.
const SLOT_MS: f64 = 200.0;

/// Plays rungs that were chosen beforehand.
struct Planned(Vec<usize>);

impl Rule for Planned {
    fn choose(&mut self, view: &View<'_>) -> (usize, f64) {
        (self.0[view.group], 0.0)
    }
}

/// One way to have fetched the groups up to a moment.
#[derive(Clone)]
struct Way<'a> {
    link: Link<'a>,
    /// When playing began, and for how long it stalled, in milliseconds.
    began: f64,
    stalled: f64,
    rate: f64,
    /// Its last group's rung, and the place of the way before it in the list of the group before.
    rung: usize,
    before: usize,
}

/// The best way that was found.
pub(crate) fn play(film: &Film, trace: &Trace, capacity: f64) -> Outcome {
    let lowest = session::play(film, trace, capacity, &mut Planned(vec![0; film.bits.len()]));
    let least = lowest.stalled;
    let mut layers: Vec<Vec<Way<'_>>> = Vec::new();
    for group in 0..film.bits.len() {
        let mut ways: Vec<Way<'_>> = Vec::new();
        for rung in 0..=film.top() {
            let bits = film.bits[group][rung];
            match layers.last() {
                None => {
                    let mut link = Link::new(trace);
                    link.answer();
                    link.receive(bits, f64::INFINITY);
                    let began = link.now;
                    // A film that is to begin higher may take its time within reason.
                    if rung == 0 || began <= lowest.start + film.group_ms {
                        ways.push(Way { link, began, stalled: 0.0, rate: film.kbps[rung], rung, before: 0 });
                    }
                }
                Some(layer) => ways.extend(layer.iter().enumerate().filter_map(|(before, way)| {
                    extend(way, film, group, rung, capacity, least).map(|way| Way { before, ..way })
                })),
            }
        }
        let mut slots: std::collections::BTreeMap<i64, Way<'_>> = std::collections::BTreeMap::new();
        for way in ways {
            let slot = (way.link.now / SLOT_MS) as i64;
            match slots.get(&slot) {
                Some(best) if (best.rate, -best.stalled) >= (way.rate, -way.stalled) => {}
                _ => drop(slots.insert(slot, way)),
            }
        }
        layers.push(slots.into_values().collect());
    }
    let rungs = rungs(&layers);
    if rungs.is_empty() { lowest } else { session::play(film, trace, capacity, &mut Planned(rungs)) }
}

/// A way with one group more; `None` where it stalls for longer than it must.
fn extend<'a>(way: &Way<'a>, film: &Film, group: usize, rung: usize, capacity: f64, least: f64) -> Option<Way<'a>> {
    let mut way = way.clone();
    let ends = |way: &Way<'_>| way.began + way.stalled + group as f64 * film.group_ms;
    let full = ends(&way) - way.link.now + film.group_ms - capacity;
    if full > 0.0 {
        way.link.wait(full);
    }
    way.link.answer();
    way.link.receive(film.bits[group][rung], f64::INFINITY);
    way.stalled += (way.link.now - ends(&way)).max(0.0);
    way.rate += film.kbps[rung];
    way.rung = rung;
    (way.stalled <= least + 1.0).then_some(way)
}

fn rungs(layers: &[Vec<Way<'_>>]) -> Vec<usize> {
    let best = |layer: &Vec<Way<'_>>| {
        let rates = layer.iter().enumerate().max_by(|(_, one), (_, other)| one.rate.total_cmp(&other.rate));
        rates.map(|(index, _)| index)
    };
    let Some(mut index) = layers.last().and_then(best) else { return Vec::new() };
    let mut rungs = Vec::with_capacity(layers.len());
    for layer in layers.iter().rev() {
        rungs.push(layer[index].rung);
        index = layer[index].before;
    }
    rungs.reverse();
    rungs
}
