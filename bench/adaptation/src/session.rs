//! One viewer plays one film over one link, group after group, each of them whole, by one rule.
//!
//! 1. Where the buffer has no room for a group, wait until it has.
//! 2. Ask the rule for the rung, and wait if it says so.
//! 3. Fetch the group. While it comes the rule may give it up; then begin again with it.
//! 4. What has been played meanwhile leaves the buffer; where it ran dry, that is a stall.

use crate::film::Film;
use crate::link::{Link, Trace};

/// Between two looks at a group under way, whichever comes later: milliseconds, and bits.
const LOOK_MS: f64 = 50.0;
const LOOK_BITS: f64 = 12_000.0;

/// What a rule may know when it is asked for the next rung.
pub(crate) struct View<'a> {
    pub(crate) film: &'a Film,
    /// The group to choose a rung for.
    pub(crate) group: usize,
    /// Film that lies ready, in milliseconds.
    pub(crate) buffer: f64,
    /// The most that may lie ready, in milliseconds.
    pub(crate) capacity: f64,
}

/// A group under way, or one that has come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer {
    pub(crate) rung: usize,
    /// Bits of the whole group.
    pub(crate) bits: f64,
    /// Bits that have come.
    pub(crate) got: f64,
    /// Since the request, in milliseconds.
    pub(crate) millis: f64,
    /// From the request to the first bit, in milliseconds.
    pub(crate) latency: f64,
}

impl Transfer {
    pub(crate) fn is_whole(&self) -> bool {
        self.got >= self.bits
    }
}

/// How a rung is chosen.
pub(crate) trait Rule {
    /// The rung of the next group, and how long to wait before it is asked for, in milliseconds.
    fn choose(&mut self, view: &View<'_>) -> (usize, f64);

    /// Whether to give up a group under way. What to fetch in its place is then chosen anew.
    fn gives_up(&mut self, _view: &View<'_>, _transfer: &Transfer) -> bool {
        false
    }

    /// Nothing was fetched for these milliseconds, because the buffer was full.
    fn waited(&mut self, _millis: f64) {}

    /// A group has come, or was given up.
    fn finished(&mut self, _view: &View<'_>, _transfer: &Transfer) {}
}

/// What came of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// From the first request to the first picture, in milliseconds.
    pub(crate) start: f64,
    /// Stalled after that, in milliseconds.
    pub(crate) stalled: f64,
    pub(crate) stalls: u32,
    /// From the first request to the last picture, in milliseconds.
    pub(crate) length: f64,
    /// The rung of every group, in order.
    pub(crate) rungs: Vec<usize>,
    /// Bits of groups that were given up.
    pub(crate) thrown: f64,
    /// Bits in all.
    pub(crate) received: f64,
}

/// Film that lies ready and what became of it.
struct Buffer {
    level: f64,
    outcome: Outcome,
}

impl Buffer {
    /// Plays for this time in milliseconds, or waits for film.
    fn play(&mut self, millis: f64) {
        self.outcome.length += millis;
        let dry = millis - self.level;
        if dry > 0.0 {
            self.outcome.stalled += dry;
            self.outcome.stalls += u32::from(self.level > 0.0);
        }
        self.level = (-dry).max(0.0);
    }
}

/// Plays a film over a link, with a buffer of this length in milliseconds.
pub(crate) fn play(film: &Film, trace: &Trace, capacity: f64, rule: &mut dyn Rule) -> Outcome {
    let mut link = Link::new(trace);
    let mut buffer = Buffer { level: 0.0, outcome: Outcome::default() };
    let mut group = 0;
    while let Some(bits) = film.bits.get(group) {
        let full = buffer.level + film.group_ms - capacity;
        if full > 0.0 && group > 0 {
            buffer.play(full);
            link.wait(full);
            rule.waited(full);
        }
        let view = |buffer: f64| View { film, group, buffer, capacity };
        let (rung, wait) = rule.choose(&view(buffer.level));
        if wait > 0.0 && group > 0 {
            buffer.play(wait);
            link.wait(wait);
        }
        let transfer = fetch(&mut link, bits[rung], rung, |transfer| {
            group > 0 && rule.gives_up(&view((buffer.level - transfer.millis).max(0.0)), transfer)
        });
        buffer.outcome.received += transfer.got;
        if group == 0 {
            buffer.outcome.start += transfer.millis;
            buffer.outcome.length += transfer.millis;
        } else {
            buffer.play(transfer.millis);
        }
        if transfer.is_whole() {
            buffer.level += film.group_ms;
            buffer.outcome.rungs.push(rung);
            group += 1;
        } else {
            buffer.outcome.thrown += transfer.got;
        }
        rule.finished(&View { film, group, buffer: buffer.level, capacity }, &transfer);
    }
    buffer.play(buffer.level);
    buffer.outcome
}

/// Fetches a group, unless it is given up.
fn fetch(link: &mut Link<'_>, bits: f64, rung: usize, mut gives_up: impl FnMut(&Transfer) -> bool) -> Transfer {
    let began = link.now;
    let mut looked = began;
    let latency = link.answer();
    let mut transfer = Transfer { rung, bits, got: 0.0, millis: latency, latency };
    loop {
        // Both a time and a size have to pass between two looks.
        let next = looked + LOOK_MS;
        let some = link.receive(LOOK_BITS.min(bits - transfer.got), f64::INFINITY);
        transfer.got += some + link.receive(bits - transfer.got - some, next);
        looked = link.now;
        transfer.millis = looked - began;
        if bits - transfer.got < 0.5 {
            transfer.got = bits;
        }
        if transfer.is_whole() || gives_up(&transfer) {
            return transfer;
        }
    }
}

#[cfg(test)]
mod tests;
