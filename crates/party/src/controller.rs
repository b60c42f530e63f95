//! Steers one player along a timeline: where it is goes in, what to do to it comes out, and why.
//!
//! | drift | what is done |
//! | --- | --- |
//! | within the dead band | nothing, until what is left has lasted: then the least change of the rate takes it to zero |
//! | up to 250 ms | the rate is changed so that it is gone in 2 s, but by 1 % at most; right after a start in 1 s, by up to 3 % |
//! | up to 1.5 s | the rate is changed by 5 %; right after a start so that it is gone in 4 s, but by 10 % at most |
//! | more, or 80 ms after a stall, or where the buffer ends before | seek to where the room will be by then, stand, start in time |
//!
//! How long this player's seeks and starts take is learned. The rate changes at most once in two seconds, right after a start in one.
//! After a start or a seek nothing is judged for a while, and a seek that did not help is not repeated soon.
//!
//! What is done about drift is in [`correcting`]; how a player comes to stand at a place, or to start in time, is here.

mod bands;
mod correcting;
mod drift;
mod effect;
mod latency;
mod profile;

use manifest::MediaTime;

use crate::sample::Sample;
use crate::state::Stamp;
use crate::{Now, Rate, Span, Timeline};

use correcting::SEEK_PAUSE;
use drift::Drift;
pub use effect::{Effect, Goal, Reason};
use latency::{SeekLatency, StartLatency};
pub use profile::Profile;

/// Distance of two places up to which they look the same: half of a picture at 25 a second.
const SAME_PLACE: MediaTime = MediaTime::from_millis(20);
/// Distance from where a player stood from which on it has really played: `play()` alone moves nothing.
const BEGUN: MediaTime = MediaTime::from_millis(2);
/// Lateness above which a start is worth another seek: nothing plays yet, so that nobody sees it.
const LATE_START: Span = Span::from_millis(150);
/// Earliness of a start that is better than to wait for a timer that may be a second late, and lateness of one that tells that it may.
const EARLY_START: Span = Span::from_millis(250);
/// The most seeks for one state of the room: a player that is not there after two, because the film ends before, is left where it is.
const ATTEMPTS: u32 = 2;
/// Time after a start in which drift is not judged: a player takes that long to run evenly.
const GRACE: Span = Span::from_millis(400);
/// Time between two samples during a correction, a seek or a start.
const CLOSE_LOOK: Span = Span::from_millis(250);
/// Time after something was done to the player until samples show it.
const ECHO: Span = Span::from_millis(50);

/// The machine. What it is asked to reach may change with each call.
#[derive(Clone, Debug)]
pub struct Controller {
    profile: Profile,
    seek: SeekLatency,
    start: StartLatency,
    /// Of the state whose goal is being reached.
    stamp: Option<Stamp>,
    under_way: UnderWay,
    drift: Drift,
    /// The room's rate, as it was set last.
    base: Rate,
    /// Change of the rate for now, in millionths of it.
    nudge: i32,
    rate_changed: Option<Now>,
    /// It has just begun to play, and the drift with which it began is not gone yet.
    is_early: bool,
    /// It has stood still for want of bytes, and what that took is not made up for yet.
    is_interrupted: bool,
    /// When something was last told: samples before do not show it.
    acted: Option<Now>,
    /// How much later than planned the start was told that is under way, below zero earlier: no fault of the player's.
    late: Span,
    /// The start that the last call asked to be called again for.
    start_due: Option<Now>,
    /// Such a call came late, as timers of tabs in the background do, and none has come in time since.
    is_throttled: bool,
    attempts: u32,
    /// It has played since it last sought.
    has_run: bool,
    next_seek: Option<Now>,
    last_seek: Option<Now>,
    seek_pause: Span,
    is_resync: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UnderWay {
    Nothing,
    /// A seek, since then.
    Seek(Now),
    /// A start, since then.
    Start(Now),
}

impl Controller {
    /// Has learned nothing yet.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        Self {
            profile,
            seek: SeekLatency::default(),
            start: StartLatency::default(),
            stamp: None,
            under_way: UnderWay::Nothing,
            drift: Drift::default(),
            base: Rate::ONE,
            nudge: 0,
            rate_changed: None,
            is_early: false,
            is_interrupted: false,
            acted: None,
            late: Span::ZERO,
            start_due: None,
            is_throttled: false,
            attempts: 0,
            has_run: false,
            next_seek: None,
            last_seek: None,
            seek_pause: SEEK_PAUSE,
            is_resync: false,
        }
    }

    /// Steers from now on as such a browser is steered.
    pub fn set_profile(&mut self, profile: Profile) {
        self.profile = profile;
    }

    /// The person wants to be with the others at once: what is off by more than a picture is put right by a seek.
    pub fn resync(&mut self) {
        self.is_resync = true;
        self.next_seek = None;
    }

    /// The drift as it is judged; `None` while it is not.
    #[must_use]
    pub fn drift(&self) -> Option<Span> {
        self.drift.median(5)
    }

    /// Steers: `stamp` is that of the state that the goal comes from. What is to be done is added to `effects`; the answer is
    /// when to call again, if nothing happens before.
    pub fn steer(
        &mut self,
        now: Now,
        stamp: Stamp,
        goal: Goal,
        sample: &Sample,
        effects: &mut Vec<(Effect, Reason)>,
    ) -> Option<Now> {
        if let Some(late) = self.start_due.take().map(|due| now - due).filter(|late| *late >= Span::ZERO) {
            // In time is what needs no other seek: a throttled tab's timer may come a little late, too.
            self.is_throttled = late > if self.is_throttled { LATE_START } else { EARLY_START };
        }
        if self.stamp != Some(stamp) {
            self.stamp = Some(stamp);
            (self.attempts, self.next_seek) = (0, None);
        }
        if let Some(acted) = self.acted.filter(|acted| sample.at <= *acted && goal != Goal::Rest) {
            return Some((acted + ECHO).max(now + Span::from_millis(5)));
        }
        let before = effects.len();
        let again = match goal {
            Goal::Rest => {
                self.let_go(now, sample, effects);
                return None;
            }
            Goal::Stand(place) => self.stand(now, place, sample, effects),
            Goal::Run(course) => {
                // What is shown later than reported has to run ahead by as much.
                let course = Timeline { at: course.at - self.profile.output_latency, ..course };
                self.run(now, course, sample, effects)
            }
        };
        if effects.len() > before {
            self.acted = Some(now);
            return Some(again.map_or(now + ECHO, |again| again.min(now + ECHO)));
        }
        again
    }

    /// What the player does from now on is its viewer's, but for a correction, which would never end.
    fn let_go(&mut self, now: Now, sample: &Sample, effects: &mut Vec<(Effect, Reason)>) {
        self.under_way = UnderWay::Nothing;
        self.drift.begin();
        (self.acted, self.is_resync) = (None, false);
        let nudged = self.base.nudged(self.nudge);
        if std::mem::take(&mut self.nudge) != 0 && sample.rate == nudged {
            self.set_rate(now, self.base, 0, Reason::Corrected, effects);
        }
    }

    fn stand(
        &mut self,
        now: Now,
        place: MediaTime,
        sample: &Sample,
        effects: &mut Vec<(Effect, Reason)>,
    ) -> Option<Now> {
        self.drift.begin();
        if !sample.paused && !sample.ended {
            self.under_way = UnderWay::Nothing;
            self.has_run |= (sample.position - place).abs() > BEGUN;
            effects.push((Effect::Pause, Reason::Command));
            return None;
        }
        if sample.seeking {
            return Some(now + CLOSE_LOOK);
        }
        self.landed(now, sample);
        // One that has been stopped goes on from elsewhere than it says, by what its sound card had been given already, and has
        // another picture than the others. After a seek all have the same, and take the same time to start.
        let is_off = (sample.position - place).abs() > SAME_PLACE || (self.has_run && !sample.ended);
        // A player that does not come closer, because the film ends there, is not asked for ever.
        if is_off && self.attempts < ATTEMPTS {
            self.seek_to(now, place, Reason::Command, effects);
        }
        None
    }

    fn run(
        &mut self,
        now: Now,
        course: Timeline<Now>,
        sample: &Sample,
        effects: &mut Vec<(Effect, Reason)>,
    ) -> Option<Now> {
        if sample.seeking {
            self.drift.begin();
            return Some(now + CLOSE_LOOK);
        }
        if sample.ended && course.position(now) + SAME_PLACE >= sample.position {
            self.under_way = UnderWay::Nothing;
            return None;
        }
        if sample.paused || sample.ended {
            return self.wait_for_start(now, course, sample, effects);
        }
        self.has_run = true;
        // A start takes its time, and was told that much before.
        let is_starting =
            matches!(self.under_way, UnderWay::Start(_)) && course.at - now <= self.start.expected() + ECHO;
        if now < course.at && !is_starting {
            self.under_way = UnderWay::Nothing;
            effects.push((Effect::Pause, Reason::Command));
            return None;
        }
        if sample.waiting {
            // It plays on by itself, and what is lost then is dealt with then.
            self.is_interrupted |= self.under_way == UnderWay::Nothing;
            self.drift.begin();
            return Some(now + CLOSE_LOOK);
        }
        if course.rate.is_some_and(|rate| rate != self.base) {
            self.set_rate(now, course.rate.unwrap_or_default(), 0, Reason::Command, effects);
            self.drift.begin();
            return None;
        }
        if let UnderWay::Seek(since) = self.under_way {
            self.seek.learn(now - since);
            self.under_way = UnderWay::Start(now);
        }
        if let UnderWay::Start(since) = self.under_way
            && now - since < GRACE
        {
            return Some(since + GRACE);
        }
        self.correct(now, course, sample, effects)
    }

    /// Paused, and to play: at once, in a moment, or from another place.
    fn wait_for_start(
        &mut self,
        now: Now,
        course: Timeline<Now>,
        sample: &Sample,
        effects: &mut Vec<(Effect, Reason)>,
    ) -> Option<Now> {
        self.drift.begin();
        if sample.waiting {
            return Some(now + CLOSE_LOOK);
        }
        self.landed(now, sample);
        let rate = course.rate.unwrap_or_default();
        let due = course.when(sample.position).unwrap_or(now);
        let start = due.max(course.at) - self.start.expected();
        // Early: how long it would have to stand though the room moves. Late: how far it would be behind.
        let early = due - course.at.max(now);
        let late = course.at.max(now) - due;
        let is_off = early > self.seek.expected() + bands::SEEK || late > LATE_START;
        if is_off && self.attempts < ATTEMPTS {
            let to = course.position(now + self.seek.expected());
            self.seek_to(now, to, Reason::Far(now - due), effects);
            return None;
        }
        // Late after each seek are tabs in the background, whose timers are: they begin with the last one, and a little early.
        let is_last = self.is_throttled && self.attempts == ATTEMPTS && course.at <= now && start - now <= EARLY_START;
        if now < start && !is_last {
            self.start_due = Some(start);
            return self.start_due;
        }
        if sample.rate != rate || self.base != rate || self.nudge != 0 {
            self.set_rate(now, rate, 0, Reason::Command, effects);
        }
        self.under_way = UnderWay::Start(now);
        self.late = now - start;
        effects.push((Effect::Play, Reason::InTime));
        None
    }

    fn seek_to(&mut self, now: Now, to: MediaTime, reason: Reason, effects: &mut Vec<(Effect, Reason)>) {
        self.attempts += 1;
        (self.has_run, self.is_interrupted) = (false, false);
        self.under_way = UnderWay::Seek(now);
        effects.push((Effect::Seek(to), reason));
    }

    fn landed(&mut self, now: Now, sample: &Sample) {
        if let UnderWay::Seek(since) = self.under_way
            && !sample.waiting
        {
            self.seek.learn(now - since);
            self.under_way = UnderWay::Nothing;
        }
    }

    fn set_rate(&mut self, now: Now, rate: Rate, nudge: i32, reason: Reason, effects: &mut Vec<(Effect, Reason)>) {
        (self.base, self.nudge) = (rate, nudge);
        self.rate_changed = Some(now);
        effects.push((Effect::SetRate(rate.nudged(nudge)), reason));
    }
}

#[cfg(test)]
mod tests;
