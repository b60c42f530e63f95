//! How a film goes up while it is watched, and what a page has of it that opens it again where it ends.

use manifest::MediaTime;
use party::Growth;

use crate::player::LENGTH;
use crate::world::SECOND;

/// Microseconds between two looks at the manifest.
const LOOK: i64 = 2 * SECOND;
/// What it takes to open it again.
const OPENING: i64 = 700_000;
/// Film before the end of what is loaded where a player stands at the latest, and from where on the page opens it again.
const SHORT: i64 = 200_000;
const EDGE: i64 = 300_000;
/// Film that there has to be more of where nobody else has any, so that it is worth it.
const WORTH: i64 = 5 * SECOND;

/// A film that goes up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Growing {
    /// What is there at the world's beginning, in microseconds of the film.
    pub(crate) first: i64,
    /// What comes in a second of the world.
    pub(crate) speed: i64,
    /// What each new manifest has more.
    pub(crate) step: i64,
    /// When all of it is there.
    pub(crate) done: i64,
    /// Whether its page opens it again where it ends.
    pub(crate) follows: bool,
}

impl Growing {
    /// Up to where it is there.
    pub(crate) fn ready(self, now: i64) -> i64 {
        let more = now * self.speed / SECOND / self.step * self.step;
        if now >= self.done { LENGTH } else { (self.first + more).min(LENGTH) }
    }
}

/// What a page has of the film.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    loaded: i64,
    known: i64,
    /// When it is open again, and with what.
    again: Option<(i64, i64)>,
    /// Where the room waits for more of it.
    pub(crate) awaited: Option<i64>,
}

impl Opened {
    pub(crate) fn at(growing: Option<Growing>, now: i64) -> Self {
        let length = growing.map_or(LENGTH, |growing| growing.ready(now));
        Self { loaded: length, known: length, again: None, awaited: None }
    }

    /// Where the film ends, as far as its player knows.
    pub(crate) fn length(&self) -> i64 {
        self.loaded
    }

    pub(crate) fn is_under_way(&self) -> bool {
        self.again.is_some()
    }

    /// Whether it begins to be opened again.
    pub(crate) fn advance(&mut self, growing: Option<Growing>, (from, to): (i64, i64), position: i64) -> bool {
        let Some(growing) = growing else { return false };
        if from / LOOK < to / LOOK {
            self.known = growing.ready(to);
        }
        if let Some((_, loaded)) = self.again.take_if(|(done, _)| *done <= to) {
            self.loaded = loaded;
        }
        let least = if self.awaited.is_some_and(|place| place <= self.loaded) { WORTH } else { 0 };
        let is_worth_it = self.known == LENGTH || self.known > position + least;
        let begins = self.again.is_none()
            && growing.follows
            && position >= self.loaded - EDGE
            && self.known > self.loaded
            && is_worth_it;
        if begins {
            self.again = Some((to + OPENING, self.known));
        }
        begins
    }

    pub(crate) fn growth(&self) -> Option<Growth> {
        let place = |end: i64| MediaTime::from_micros(end - SHORT);
        let known = (self.known < LENGTH).then(|| place(self.known));
        (self.loaded < LENGTH).then(|| Growth { loaded: place(self.loaded), known })
    }
}
