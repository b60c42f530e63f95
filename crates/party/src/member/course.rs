//! What the room does, as far as this member knows: the newest state, and the one that holds until it does.

use manifest::MediaTime;

use crate::controller::{Effect, Goal};
use crate::state::{Phase, Stamp, State};
use crate::{Clock, Now, RoomTime, Span, Timeline};

use super::{Member, Output};

#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    newest: Option<State>,
    /// Holds until the newest does; absent where that is not known.
    before: Option<State>,
}

impl Course {
    pub(super) fn newest(&self) -> Option<&State> {
        self.newest.as_ref()
    }

    /// Takes a state. Whether it is news: each is, once.
    pub(super) fn learn(&mut self, now: Option<RoomTime>, state: &State) -> bool {
        match &self.newest {
            Some(known) if state.stamp <= known.stamp => return false,
            Some(known) if known.stamp.epoch != state.stamp.epoch => self.before = None,
            Some(known) if now.is_some_and(|now| known.at <= now) => self.before = self.newest.take(),
            // What has not begun to hold never will: what was before it holds on.
            _ => {}
        }
        self.newest = Some(state.clone());
        true
    }

    /// The room's clock is another one.
    pub(super) fn forget_time(&mut self) {
        self.before = None;
    }

    /// The state that holds.
    fn current(&self, now: RoomTime) -> Option<&State> {
        let newest = self.newest.as_ref()?;
        let Some(before) = self.before.as_ref().filter(|_| now < newest.at) else { return Some(newest) };
        // Whoever stands where it begins to play gets ready for that.
        let begins = before.phase != Phase::Playing && newest.phase == Phase::Playing;
        Some(if begins && before.position == newest.position { newest } else { before })
    }

    pub(super) fn place(&self, clock: &Clock, now: Now) -> Option<MediaTime> {
        let now = clock.room_time(now)?;
        self.current(now).map(|state| state.timeline().position(now))
    }

    /// The place of the state that holds at a moment, of `newest` where that is not known.
    pub(super) fn place_at(&self, now: RoomTime, newest: &State) -> MediaTime {
        self.current(now).unwrap_or(newest).timeline().position(now)
    }

    /// When the newest state begins to hold, on the member's clock.
    pub(super) fn change_at(&self, clock: &Clock) -> Option<Now> {
        let newest = self.newest.as_ref().filter(|_| self.before.is_some())?;
        // To and fro between two clocks is exact to a microsecond only, and too early would be to no end.
        clock.local(newest.at).map(|at| at + Span::from_micros(50))
    }

    fn goal(&self, clock: &Clock, now: Now) -> Option<(Stamp, Goal)> {
        let room = clock.room_time(now)?;
        let state = self.current(room)?;
        let timeline = state.timeline();
        let goal = match state.phase {
            Phase::Playing if room < state.at => Goal::Run(timeline.on(clock.local(state.at)?)),
            // From this moment on: the clocks have drifted apart since that one.
            Phase::Playing => Goal::Run(Timeline { position: timeline.position(room), ..timeline.on(now) }),
            Phase::Paused | Phase::Waiting => Goal::Stand(state.position),
        };
        Some((state.stamp, goal))
    }

    /// What held before is no longer needed.
    fn settle(&mut self, now: RoomTime) {
        if self.newest.as_ref().is_some_and(|newest| newest.at <= now) {
            self.before = None;
        }
    }
}

impl Member {
    /// What the player is to do. Beyond what is loaded of a film that still goes up there is nothing to be shown: it stands there.
    pub(super) fn goal(&self, now: Now) -> (Stamp, Goal) {
        let (stamp, goal) = self.wanted(now);
        let Some(edge) = self.edge() else { return (stamp, goal) };
        let goal = match goal {
            Goal::Stand(place) => Goal::Stand(place.min(edge)),
            Goal::Run(course) if course.position(now) >= edge || self.passes(edge, now) => Goal::Stand(edge),
            goal => goal,
        };
        (stamp, goal)
    }

    /// Whether the player moves beyond a place, be it ahead of the room or not.
    fn passes(&self, edge: MediaTime, now: Now) -> bool {
        self.player.is_some_and(|(sample, _)| sample.moves() && sample.position_at(now) >= edge)
    }

    /// The last place of what is loaded, of a film that still goes up.
    pub(super) fn edge(&self) -> Option<MediaTime> {
        self.player.and_then(|(sample, _)| sample.growth).map(|growth| growth.loaded)
    }

    /// What the room does, where this player is to do it.
    pub(super) fn wanted(&self, now: Now) -> (Stamp, Goal) {
        let is_free = self.follows && !self.is_blocked && self.other_content.is_none() && self.content.is_some();
        // Who has pressed play begins with the others: until the room says when, its player stands on.
        let may_stand = self.link.is_greeted() && self.orders.only_play();
        let is_held = |goal: &Goal| self.orders.hold(now) && !(may_stand && matches!(goal, Goal::Stand(_)));
        let goal = self.course.goal(&self.clock, now);
        goal.filter(|(_, goal)| is_free && !is_held(goal)).unwrap_or((self.stamp(), Goal::Rest))
    }

    pub(super) fn steer(&mut self, now: Now) {
        let Some((sample, _)) = self.player else { return };
        let edge = self.edge();
        if let Some(room) = self.clock.room_time(now) {
            self.course.settle(room);
        }
        let (stamp, goal) = self.goal(now);
        let mut effects = Vec::new();
        self.look = self.controller.steer(now, stamp, goal, &sample, &mut effects);
        let within = |effect| match (effect, edge) {
            (Effect::Seek(to), Some(edge)) => Effect::Seek(to.min(edge)),
            _ => effect,
        };
        self.out.extend(effects.into_iter().map(|(effect, reason)| Output::Steer(within(effect), reason)));
        if let (Goal::Run(course), Some(edge)) = (goal, edge) {
            let own = sample.moves().then(|| now + sample.rate.span((edge - sample.position_at(now)).or_zero()));
            // Too early, by what is rounded, would be to no end.
            let there = course.when(edge).into_iter().chain(own).map(|at| at + Span::from_micros(50));
            self.look = there.chain(self.look).min();
        }
    }
}
