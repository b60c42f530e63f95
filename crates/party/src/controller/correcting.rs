//! What is done about the drift of a player that plays: the rate is changed a little, or the player is sent elsewhere.

use super::{CLOSE_LOOK, Controller, Effect, LATE_START, Reason, UnderWay, bands};
use crate::sample::Sample;
use crate::{Now, Rate, Span, Timeline};

/// The least time between two changes of the rate, except where the room changes its own.
const RATE_PAUSE: Span = Span::from_secs(2);
/// The same until the drift is gone with which a player has begun.
const EARLY_RATE_PAUSE: Span = Span::from_secs(1);
/// Drift at which a correction has reached its end: less is within what samples are off by.
const DONE: Span = Span::from_millis(2);
/// Lateness after a stall above which a change of the rate takes too long.
const LOSS: Span = Span::from_millis(80);
/// Film ahead of the room from which on a player that has stalled will not stall again at once.
const PLENTY: Span = Span::from_secs(2);
/// The least time between two corrective seeks, doubled each time that the last one did not help.
pub(super) const SEEK_PAUSE: Span = Span::from_secs(8);
/// The longest time that doubling makes of it.
const LONGEST_SEEK_PAUSE: Span = Span::from_secs(64);
/// Time between two samples of the player while nothing is being corrected.
const LOOK: Span = Span::from_millis(500);
/// Time between two samples of a player that has just begun: the sooner it is known how late, the sooner it is with the others.
const START_LOOK: Span = Span::from_millis(100);

impl Controller {
    /// Judges the drift of a player that plays, and does about it what the table of [`super`] says.
    pub(super) fn correct(
        &mut self,
        now: Now,
        course: Timeline<Now>,
        sample: &Sample,
        effects: &mut Vec<(Effect, Reason)>,
    ) -> Option<Now> {
        let rate = course.rate.unwrap_or_default();
        self.drift.add(now, rate.span(sample.position_at(now) - course.position(now)));
        let look = match self.under_way {
            UnderWay::Start(_) => START_LOOK,
            _ if self.nudge == 0 && self.drift.age(now) > LOOK * 3 => LOOK,
            _ => CLOSE_LOOK,
        };
        let look = now + look;
        // While a correction is under way older samples are behind it.
        let Some(drift) = self.drift.median(if self.nudge == 0 { 5 } else { 3 }) else { return Some(look) };
        if let UnderWay::Start(_) = self.under_way {
            self.under_way = UnderWay::Nothing;
            self.is_early = true;
            self.start.learn(drift + std::mem::take(&mut self.late));
        }
        let is_resync = std::mem::take(&mut self.is_resync) && drift.abs() > Span::from_millis(40);
        let ends_before = drift < Span::ZERO && sample.buffered < rate.film(-drift);
        let is_far = drift.abs() > bands::SEEK || (drift.abs() > LATE_START && ends_before);
        let is_cut_off = self.has_lost(drift, rate, sample);
        let is_seen = !self.profile.steers_by_rate && drift.abs() > self.profile.dead_band;
        if is_far || is_cut_off || is_seen || is_resync {
            let reason = if is_resync { Reason::Resync } else { Reason::Far(drift) };
            self.jump(now, course, drift, reason, effects);
        }
        if effects.is_empty() && self.profile.steers_by_rate {
            self.nudge_along(now, rate, drift, sample, effects);
        }
        Some(look)
    }

    /// Whether a stall has taken so much that its viewer, who has just been interrupted, is better off with a seek than with half a minute
    /// of another rate: once there is film enough to play on from where the room is.
    fn has_lost(&mut self, drift: Span, rate: Rate, sample: &Sample) -> bool {
        if drift >= -LOSS {
            self.is_early |= std::mem::take(&mut self.is_interrupted);
        }
        self.is_interrupted && sample.buffered >= rate.film(PLENTY - drift)
    }

    /// Stands until the room has come, or goes where it will be; not again at once where that did not help.
    fn jump(
        &mut self,
        now: Now,
        course: Timeline<Now>,
        drift: Span,
        reason: Reason,
        effects: &mut Vec<(Effect, Reason)>,
    ) {
        if self.next_seek.is_some_and(|next| now < next) {
            return;
        }
        let helped = self.last_seek.is_none_or(|last| now - last > self.seek_pause * 4);
        self.seek_pause = if helped { SEEK_PAUSE } else { (self.seek_pause * 2).min(LONGEST_SEEK_PAUSE) };
        (self.last_seek, self.next_seek) = (Some(now), Some(now + self.seek_pause));
        // The start after this is the last part of it: no more seeks for its sake than for another's.
        self.attempts = 0;
        self.drift.begin();
        effects.push((Effect::Pause, reason));
        if drift > Span::ZERO && drift <= bands::SEEK {
            self.under_way = UnderWay::Nothing;
            return;
        }
        self.seek_to(now, course.position(now + self.seek.expected()), reason, effects);
    }

    fn nudge_along(&mut self, now: Now, rate: Rate, drift: Span, sample: &Sample, effects: &mut Vec<(Effect, Reason)>) {
        let is_held = drift.abs() <= self.profile.dead_band;
        let nudge = bands::nudge(drift, self.profile.least_nudge, self.is_early);
        let (wanted, reason) = if self.nudge != 0 {
            let is_done = drift.abs() <= DONE || (drift > Span::ZERO) == (self.nudge > 0);
            (if is_done { 0 } else { nudge }, if is_done { Reason::Corrected } else { Reason::Drift(drift) })
        } else if !is_held {
            (nudge, Reason::Drift(drift))
        } else if self.drift.is_lasting() && drift.abs() > DONE {
            (nudge, Reason::Lasting(drift))
        } else {
            (0, Reason::Corrected)
        };
        let pause = if self.is_early { EARLY_RATE_PAUSE } else { RATE_PAUSE };
        self.is_early &= wanted != 0;
        let is_news = match (self.nudge, wanted) {
            (0, 0) => false,
            (old, new) if old.signum() == new.signum() => (old - new).abs() * 4 > old.abs(),
            _ => true,
        };
        let is_lost = sample.rate != rate.nudged(self.nudge);
        let may = self.rate_changed.is_none_or(|changed| now - changed >= pause);
        if may && (is_news || is_lost) {
            let reason = if is_news { reason } else { Reason::Command };
            self.set_rate(now, rate, wanted, reason, effects);
            self.drift.begin();
        }
    }
}
