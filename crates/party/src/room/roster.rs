//! Who is told of whom, and how often.

use crate::message::{Member, ToMember};
use crate::state::Phase;
use crate::value::MemberId;
use crate::{RoomTime, Span};

use super::{Output, Room};

/// The least time between two messages that tell what members report.
const USUAL: Span = Span::from_secs(1);
/// The least time between two messages where somebody comes, goes or is waited for.
const QUICK: Span = Span::from_millis(100);

/// What has been told of the members, and when there is more.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster {
    told: Vec<Member>,
    /// Whom anybody may know of, by this or by a welcome.
    known: Vec<MemberId>,
    told_at: Option<RoomTime>,
    due: Option<RoomTime>,
}

impl Roster {
    pub(super) fn due(&self) -> Option<RoomTime> {
        self.due
    }

    /// Somebody was welcomed with these.
    pub(super) fn shown(&mut self, members: &[Member]) {
        for member in members {
            if !self.known.contains(&member.id) {
                self.known.push(member.id);
            }
        }
    }

    /// There is something new.
    pub(super) fn soon(&mut self, now: RoomTime) {
        self.within(now, USUAL);
    }

    /// There is something new that people wait for.
    pub(super) fn hurry(&mut self, now: RoomTime) {
        self.within(now, QUICK);
    }

    fn within(&mut self, now: RoomTime, span: Span) {
        let due = self.told_at.map_or(now, |told| (told + span).max(now));
        self.due = Some(self.due.map_or(due, |known| known.min(due)));
    }
}

impl Room {
    /// Tells of the members what is new, if it is time.
    pub(super) fn tell_members(&mut self) {
        if self.roster.due.is_none_or(|due| self.now < due) {
            return;
        }
        self.roster.due = None;
        self.roster.told_at = Some(self.now);
        let members = self.view();
        let told = std::mem::take(&mut self.roster.told);
        let known = |id: MemberId| told.iter().find(|member| member.id == id);
        let changed: Vec<Member> = members.iter().filter(|new| known(new.id) != Some(new)).cloned().collect();
        let is_gone = |id: &MemberId| members.iter().all(|member| member.id != *id);
        let gone: Vec<MemberId> = self.roster.known.iter().copied().filter(is_gone).collect();
        if !changed.is_empty() || !gone.is_empty() {
            self.out.push_back(Output::Broadcast(ToMember::Members { changed, gone }));
        }
        self.roster.known = members.iter().map(|member| member.id).collect();
        self.roster.told = members;
    }

    /// The members as all see them.
    pub(super) fn view(&self) -> Vec<Member> {
        let awaited = if self.shared.state.phase == Phase::Waiting { self.awaited() } else { Vec::new() };
        let seats = self.shared.seats.iter();
        let view = seats.map(|seat| Member {
            id: seat.id,
            name: seat.name.clone(),
            host: seat.host,
            present: seat.left.is_none(),
            awaited: awaited.contains(&seat.id) && !self.is_ready(seat.id),
            late: seat.late,
            report: self.heard_of(seat.id).and_then(|heard| heard.report),
        });
        view.collect()
    }
}
