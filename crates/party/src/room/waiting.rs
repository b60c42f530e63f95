//! The barrier: for whom the room waits, until when, and who is let go.

use manifest::MediaTime;

use crate::message::{Activity, Report};
use crate::state::{Cause, Phase, State};
use crate::value::MemberId;
use crate::{RoomTime, Span};

use super::commands::shift;
use super::{Heard, Room, SILENCE};

/// Time before a member's stall at which the whole room is told to stand at that moment.
pub(super) const NOTICE: Span = Span::from_millis(1_500);
/// Film that the member whose stall the room waits for has to have ahead before the room goes on.
pub(crate) const COMFORT: MediaTime = MediaTime::from_millis(5_000);
/// Time that the room waits for a member that has just come to learn the room's clock and say where it is.
const ARRIVAL: Span = Span::from_millis(3_000);
/// Time before it is ready at which a member counts as ready: the room plays later than that anyway.
const NEARLY: Span = Span::from_millis(60);
/// Time for which a member that was let go has to keep up before it is waited for again.
const RECOVERED: Span = Span::from_secs(5);
/// Drift within which a member keeps up.
const CLOSE: Span = Span::from_millis(250);

impl Room {
    /// Stands still as `change` says until all that are waited for are ready.
    pub(super) fn wait(&mut self, by: Option<MemberId>, cause: Cause, change: impl FnOnce(&mut State)) {
        self.change(by, cause, |state| {
            change(state);
            state.phase = Phase::Waiting;
            state.until = Some(state.at + state.policy.limit());
        });
        self.shared.place = self.shared.state.stamp.rev;
        self.shared.holder = None;
    }

    /// Plays as soon as the policy says, holds before somebody stands still, and takes back who has caught up.
    pub(super) fn tend_waiting(&mut self) {
        self.take_back();
        match self.shared.state.phase {
            Phase::Paused => {}
            Phase::Waiting => {
                if !self.is_at_edge() {
                    self.try_to_go();
                }
            }
            Phase::Playing => self.look_out(),
        }
    }

    /// When the room that waits goes on, whoever is ready: all are told as much earlier as they need.
    pub(super) fn goes_at_last(&self) -> Option<RoomTime> {
        let state = &self.shared.state;
        let told = state.until? - self.lead();
        // A moment to stand still at that is still to come is looked at once more.
        let is_to_come = self.now < state.at;
        Some(if is_to_come && (told <= self.now || told > state.at) { state.at } else { told })
    }

    fn try_to_go(&mut self) {
        let (policy, until) = (self.shared.state.policy, self.shared.state.until);
        let awaited = self.awaited();
        let ready = awaited.iter().filter(|member| self.is_ready(**member)).count();
        // Whoever has just come will say in a moment whether it is to be waited for.
        let is_enough = policy.is_enough(ready, awaited.len() + self.unheard());
        let (soon, begins) = (self.now + self.lead(), self.shared.state.at);
        let is_over = until.is_none_or(|until| soon >= until);
        // A moment to stand still at that is still to come is called off in time for all, or waited for.
        let is_too_late = self.now < begins && begins < soon;
        if (!is_enough && !is_over) || is_too_late {
            return;
        }
        let behind: Vec<MemberId> = awaited.into_iter().filter(|member| !self.is_ready(*member)).collect();
        for member in &behind {
            self.let_go(*member);
        }
        let now = self.now;
        // Others may have stood still with the one for which it began.
        let holder = self.shared.holder.take();
        let spenders = if behind.is_empty() || holder.is_none() { holder.into_iter().collect() } else { behind };
        for member in spenders {
            if let Some(seat) = self.shared.seat_mut(member) {
                seat.spend(policy.limit(), now, (soon - begins).or_zero());
            }
        }
        let cause = if is_enough { Cause::Ready } else { Cause::Deadline };
        self.change(None, cause, |state| {
            state.at = state.at.max(soon);
            (state.phase, state.until) = (Phase::Playing, None);
        });
    }

    /// While the room plays: whoever stands still, or will in a moment, holds it, as far as there is patience.
    fn look_out(&mut self) {
        if self.now < self.shared.state.at {
            return;
        }
        if let Some(at) = self.edge_ahead() {
            return self.stand_at_edge(at);
        }
        let policy = self.shared.state.policy;
        let limit = policy.limit();
        let awaited = self.awaited();
        let stalls: Vec<(MemberId, RoomTime)> =
            awaited.iter().filter_map(|member| Some((*member, self.stall_of(*member)?))).collect();
        let Some(&(holder, stall)) = stalls.iter().min_by_key(|(_, at)| *at) else { return };
        if policy.is_enough(awaited.len() - stalls.len(), awaited.len()) {
            return;
        }
        let patience = self.shared.seat(holder).map_or(Span::ZERO, |seat| seat.patience(limit, self.now));
        // A short wait more would only be one more interruption.
        if patience + patience < limit {
            return self.let_go(holder);
        }
        let at = stall.max(self.now + self.lead());
        self.wait(None, Cause::Stall, |state| shift(state, at));
        self.shared.state.until = Some(at + patience.min(limit));
        self.shared.holder = Some(holder);
    }

    /// The room waits for that member no longer, until it has caught up.
    fn let_go(&mut self, member: MemberId) {
        if let Some(seat) = self.shared.seat_mut(member) {
            seat.late = true;
        }
        self.roster.hurry(self.now);
    }

    fn take_back(&mut self) {
        let now = self.now;
        let mut recovered = Vec::new();
        for index in 0..self.heard.len() {
            let is_well = self.is_well(&self.heard[index]);
            let heard = &mut self.heard[index];
            heard.well = is_well.then(|| heard.well.unwrap_or(now));
            if heard.well.is_some_and(|since| now - since >= RECOVERED) {
                recovered.push(heard.member);
            }
        }
        for member in recovered {
            if self.shared.seat(member).is_some_and(|seat| seat.late)
                && let Some(seat) = self.shared.seat_mut(member)
            {
                seat.late = false;
                self.roster.hurry(now);
            }
        }
    }

    /// Whether a member keeps up with the room, and will.
    fn is_well(&self, heard: &Heard) -> bool {
        let Some(report) = heard.report.filter(|_| self.now - heard.reported <= SILENCE) else { return false };
        let is_ready = report.ready.is_some_and(|ready| ready <= self.now + NEARLY);
        report.stall.is_none()
            && match (self.shared.state.phase, report.activity) {
                (Phase::Playing, Activity::Playing) => report.drift.is_some_and(|drift| drift.abs() <= CLOSE),
                (Phase::Paused, Activity::Holding) => self.is_of_this_place(&report) && is_ready,
                _ => false,
            }
    }

    /// For whom the room waits: who is there, speaks, follows, may play, and has not been let go.
    pub(super) fn awaited(&self) -> Vec<MemberId> {
        let is_awaited = |member: MemberId| {
            self.report_of(member).is_some_and(|report| {
                matches!(report.activity, Activity::Playing | Activity::Holding | Activity::Buffering)
            })
        };
        let seats = self.shared.seats.iter().filter(|seat| seat.left.is_none() && !seat.late);
        seats.map(|seat| seat.id).filter(|member| is_awaited(*member)).collect()
    }

    /// How many have come and not said anything yet.
    fn unheard(&self) -> usize {
        let is_unheard = |member: MemberId| {
            self.heard_of(member).is_some_and(|heard| heard.report.is_none() && self.now - heard.reported <= ARRIVAL)
        };
        self.shared.seats.iter().filter(|seat| seat.left.is_none() && !seat.late && is_unheard(seat.id)).count()
    }

    pub(super) fn is_ready(&self, member: MemberId) -> bool {
        // Whoever has just stood still would do so again at once with the first bytes that come.
        let least = if self.shared.holder == Some(member) { COMFORT } else { MediaTime::ZERO };
        self.report_of(member).is_some_and(|report| {
            let is_ready = report.ready.is_some_and(|ready| ready <= self.now + NEARLY);
            is_ready && self.is_of_this_place(&report) && report.buffered >= least
        })
    }

    /// When a member will stand still, if that is now or in a moment.
    fn stall_of(&self, member: MemberId) -> Option<RoomTime> {
        let report = self.report_of(member).filter(|report| self.is_of_this_place(report))?;
        let stall = match report.activity {
            Activity::Buffering => Some(self.now),
            Activity::Playing => report.stall,
            _ => None,
        };
        stall.filter(|at| *at <= self.now + NOTICE)
    }

    /// Reports on older places say nothing about this one.
    fn is_of_this_place(&self, report: &Report) -> bool {
        report.stamp.epoch == self.shared.state.stamp.epoch && report.stamp.rev >= self.shared.place
    }

    /// A member's last report, unless it has fallen silent.
    fn report_of(&self, member: MemberId) -> Option<Report> {
        self.heard_of(member).filter(|heard| self.now - heard.reported <= SILENCE).and_then(|heard| heard.report)
    }
}
