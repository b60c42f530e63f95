//! What members want for all.

use crate::message::{Command, Refusal, ToMember};
use crate::state::{Action, Cause, Control, Phase, State};
use crate::value::MemberId;
use crate::{RoomTime, Span, bounds};

use super::{Link, Room};

/// The least time from a command to the moment from which on it holds, at which every member is to know it.
const LEAST_LEAD: Span = Span::from_millis(120);
/// The most time to that moment: nobody wants to wait longer, and who hears of it later catches up.
const MOST_LEAD: Span = Span::from_secs(1);
/// Time added to the longest round trip of a member, within these two bounds: single messages take longer than usual.
const MARGIN: Span = Span::from_millis(60);

impl Room {
    pub(super) fn command(&mut self, link: Link, command: Command) {
        let Some(seat) = self.shared.seat(link.member) else { return };
        if command.id <= seat.command {
            return self.accept(link, command.id);
        }
        if let Some(why) = self.objection(link.member, &command) {
            self.send(link.connection, ToMember::Refused { id: command.id, why });
            if why == Refusal::Stale {
                self.send(link.connection, ToMember::State(self.shared.state.clone()));
            }
            return;
        }
        if let Some(seat) = self.shared.seat_mut(link.member) {
            seat.command = command.id;
        }
        if let Some(restored) = &mut self.shared.restored {
            restored.is_commanded = true;
        }
        self.follow(link.member, command.action);
        self.accept(link, command.id);
    }

    fn accept(&mut self, link: Link, id: u32) {
        self.send(link.connection, ToMember::Accepted { id, stamp: self.shared.state.stamp });
    }

    /// Whether a member may want that.
    pub(super) fn may(&self, member: MemberId, action: &Action) -> bool {
        let is_host = self.shared.seat(member).is_some_and(|seat| seat.host);
        is_host || (!action.is_for_host() && self.shared.state.control == Control::Anyone)
    }

    fn objection(&self, member: MemberId, command: &Command) -> Option<Refusal> {
        if !self.may(member, &command.action) {
            return Some(Refusal::NotAllowed);
        }
        let is_possible = match command.action {
            Action::Host(heir) => self.shared.seat(heir).is_some(),
            Action::Seek(to) => bounds::is_place(to),
            Action::Play | Action::Pause | Action::Rate(_) => self.shared.state.content.is_some(),
            _ => true,
        };
        if !is_possible {
            return Some(Refusal::Impossible);
        }
        (command.base != self.shared.state.stamp).then_some(Refusal::Stale)
    }

    fn follow(&mut self, by: MemberId, action: Action) {
        let (by, now, soon) = (Some(by), self.now, self.now + self.lead());
        let phase = self.shared.state.phase;
        match action {
            Action::Play if phase == Phase::Paused => {
                // Who was ready for this place still is.
                let place = self.shared.place;
                self.wait(by, Cause::Play, |state| state.at = state.at.max(now));
                self.shared.place = place;
            }
            Action::Play => {}
            Action::Pause => self.change(by, Cause::Pause, |state| {
                shift(state, if phase == Phase::Playing { soon } else { now });
                (state.phase, state.until) = (Phase::Paused, None);
            }),
            Action::Seek(to) => {
                let to = self.reach().map_or(to, |reach| to.min(reach));
                let go = |state: &mut State| (state.position, state.at) = (to, now);
                if phase == Phase::Paused {
                    self.change(by, Cause::Seek, go);
                    self.shared.place = self.shared.state.stamp.rev;
                } else {
                    self.wait(by, Cause::Seek, go);
                }
            }
            Action::Rate(rate) => self.change(by, Cause::Rate, |state| {
                shift(state, soon);
                state.rate = rate;
            }),
            Action::Content(content) => {
                let go = |state: &mut State| {
                    (state.position, state.at) = (manifest::MediaTime::ZERO, now);
                    state.content = Some(content);
                };
                if phase == Phase::Paused {
                    self.change(by, Cause::Content, go);
                    self.shared.place = self.shared.state.stamp.rev;
                } else {
                    self.wait(by, Cause::Content, go);
                }
            }
            Action::Control(control) => self.change(by, Cause::Settings, |state| state.control = control),
            Action::Policy(policy) => self.change(by, Cause::Settings, |state| {
                state.policy = policy;
                state.until = state.until.map(|until| until.min(now + policy.limit()));
            }),
            Action::Host(heir) => {
                for seat in &mut self.shared.seats {
                    seat.host = seat.id == heir || (seat.host && Some(seat.id) != by);
                }
                self.change(by, Cause::Settings, |_| {});
                self.roster.hurry(now);
            }
        }
    }

    /// How far ahead a command is dated: longer than the slowest member's way.
    pub(super) fn lead(&self) -> Span {
        let there = self.heard.iter().filter(|heard| self.now - heard.reported <= super::SILENCE);
        let delays = there.filter_map(|heard| Some(heard.report?.delay));
        delays.max().map_or(LEAST_LEAD, |delay| (delay + MARGIN).max(LEAST_LEAD).min(MOST_LEAD))
    }
}

/// The place that a state comes to at a moment becomes the one that it begins with; a moment that is already dated stays.
pub(super) fn shift(state: &mut State, to: RoomTime) {
    let to = to.max(state.at);
    (state.position, state.at) = (state.timeline().position(to), to);
}
