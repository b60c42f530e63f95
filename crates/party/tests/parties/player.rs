//! A media element without media: where it is, what it has, and how long it takes for what it is told.

use manifest::MediaTime;
use party::{Effect, Forecast, Growth, Now, Rate, Sample};

use crate::growth::{Growing, Opened};

/// What a player is like. Microseconds and millionths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traits {
    /// From `play()` to a moving picture, at least, and up to so much more.
    pub(crate) start: (i64, i64),
    /// From a seek to a picture, where the bytes are there.
    pub(crate) seek: (i64, i64),
    /// How much faster its sound card's clock runs than the world's.
    pub(crate) drift: i64,
    /// Film that its link brings in a unit of time.
    pub(crate) link: i64,
    /// Whether rates next to 1 are played as 1, as Chromium does while it keeps the pitch.
    pub(crate) keeps_pitch: bool,
    /// How its film goes up, where it still does.
    pub(crate) growing: Option<Growing>,
}

impl Default for Traits {
    fn default() -> Self {
        let (start, seek) = ((40_000, 10_000), (80_000, 40_000));
        Self { start, seek, drift: 0, link: 4_000_000, keeps_pitch: false, growing: None }
    }
}

/// Microseconds of the film that it fetches ahead, and that it needs to play on.
const AHEAD: i64 = 30_000_000;
const ENOUGH: i64 = 1_000_000;
const STEP: i64 = 20_000;
/// Two hours.
pub(crate) const LENGTH: i64 = 7_200_000_000;

#[derive(Clone, Debug)]
pub(crate) struct Player {
    pub(crate) traits: Traits,
    position: i64,
    paused: bool,
    rate: Rate,
    /// When the seek that is under way has its picture.
    seek_done: Option<i64>,
    /// When the picture begins to move.
    start: i64,
    waiting: bool,
    buffer: (i64, i64),
    at: i64,
    dice: fastrand::Rng,
    pub(crate) seeks: Vec<i64>,
    pub(crate) rates: Vec<i64>,
    pub(crate) opened: Opened,
}

impl Player {
    pub(crate) fn new(traits: Traits, seed: u64) -> Self {
        let dice = fastrand::Rng::with_seed(seed);
        let (seeks, rates) = (Vec::new(), Vec::new());
        let (rate, buffer) = (Rate::ONE, (0, 0));
        let (position, start, at) = (0, 0, 0);
        Self {
            traits,
            position,
            paused: true,
            rate,
            seek_done: None,
            start,
            waiting: true,
            buffer,
            at,
            dice,
            seeks,
            rates,
            opened: Opened::at(traits.growing, 0),
        }
    }

    /// Opens the film as it is there by then.
    pub(crate) fn open(&mut self, now: i64) {
        self.opened = Opened::at(self.traits.growing, now);
    }

    /// Lets the world go on until then. Whether something happened that a page hears of.
    pub(crate) fn advance(&mut self, now: i64) -> bool {
        let before = (self.seek_done.is_some(), self.waiting);
        while self.at < now {
            let step = STEP.min(now - self.at);
            self.step(step);
        }
        before != (self.seek_done.is_some(), self.waiting)
    }

    /// The machine slept until then.
    pub(crate) fn skip(&mut self, now: i64) {
        self.at = now;
    }

    fn step(&mut self, step: i64) {
        let end = self.at + step;
        if self.opened.advance(self.traits.growing, (self.at, end), self.position) {
            // Another MediaSource: nothing is buffered, and nothing plays.
            (self.paused, self.waiting, self.buffer) = (true, true, (self.position, self.position));
        }
        let length = self.opened.length();
        let wanted = (self.position + AHEAD).min(length);
        self.buffer.1 = (self.buffer.1 + step * self.traits.link / 1_000_000).min(wanted).max(self.buffer.1);
        let has_enough = !self.opened.is_under_way() && self.buffer.1 >= (self.position + ENOUGH).min(length);
        if self.seek_done.is_some_and(|done| done <= end) && has_enough {
            (self.seek_done, self.waiting) = (None, false);
        }
        if self.waiting && self.seek_done.is_none() && has_enough {
            self.waiting = false;
            self.start = self.start.max(end);
        }
        if self.moves() {
            let time = (end - self.at.max(self.start)).max(0);
            let rate = self.effective_rate();
            let film = (time as f64 * rate * (1.0 + self.traits.drift as f64 / 1e6)).round() as i64;
            self.position += film;
            if self.position >= self.buffer.1 {
                self.position = self.buffer.1;
                self.waiting = self.position < length;
            }
        }
        self.at = end;
    }

    fn effective_rate(&self) -> f64 {
        let ratio = self.rate.ratio();
        if self.traits.keeps_pitch && (ratio - 1.0).abs() < 0.001_14 { 1.0 } else { ratio }
    }

    fn moves(&self) -> bool {
        !self.paused && self.seek_done.is_none() && !self.waiting
    }

    fn some(&mut self, (least, more): (i64, i64)) -> i64 {
        least + self.dice.i64(0..=more.max(1))
    }

    pub(crate) fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Play => {
                self.paused = false;
                self.start = self.at + self.some(self.traits.start);
            }
            Effect::Pause => self.paused = true,
            Effect::Seek(to) => {
                assert!(!self.opened.is_under_way(), "it is told to seek before it has a film");
                let to = to.as_micros().clamp(0, self.opened.length());
                if to < self.buffer.0 || to > self.buffer.1 {
                    self.buffer = (to, to);
                }
                self.position = to;
                self.seek_done = Some(self.at + self.some(self.traits.seek));
                self.start = self.start.max(self.at);
                self.seeks.push(self.at);
            }
            Effect::SetRate(rate) => {
                self.rate = rate;
                self.rates.push(self.at);
            }
        }
    }

    pub(crate) fn position(&self) -> i64 {
        self.position
    }

    pub(crate) fn is_paused(&self) -> bool {
        self.paused
    }

    pub(crate) fn rate(&self) -> f64 {
        self.rate.ratio()
    }

    pub(crate) fn sample(&self, now: Now) -> Sample {
        let micros = MediaTime::from_micros;
        Sample {
            position: micros(self.position),
            at: now,
            paused: self.paused,
            seeking: self.seek_done.is_some() || self.opened.is_under_way(),
            waiting: self.waiting,
            ended: self.position >= self.opened.length(),
            rate: self.rate,
            buffered: micros(self.buffer.1 - self.position),
            is_all: self.buffer.1 >= self.opened.length(),
            growth: self.growth(),
        }
    }

    pub(crate) fn growth(&self) -> Option<Growth> {
        self.opened.growth().filter(|_| self.traits.growing.is_some())
    }

    /// What an engine knows of a place, and of its link.
    pub(crate) fn forecast(&self, now: Now, place: Option<MediaTime>) -> Forecast {
        if self.opened.is_under_way() {
            return Forecast::default();
        }
        let length = self.opened.length();
        let place = place.map_or(self.position, MediaTime::as_micros);
        let is_near = self.buffer.0 <= place && place <= self.buffer.1;
        let missing = ENOUGH.min(length - place) - if is_near { self.buffer.1 - place } else { 0 };
        let takes = missing.max(0) * 1_000_000 / self.traits.link.max(1);
        let ready = now + party::Span::from_micros(takes);
        let deficit = f64::from(self.rate.millionths()) - self.traits.link as f64;
        let left = (self.buffer.1 - self.position) as f64 / deficit * 1e6;
        let stall =
            (deficit > 0.0 && self.moves() && left < 120e6).then(|| now + party::Span::from_micros(left as i64));
        Forecast { ready: Some(ready), stall }
    }
}
