//! Who comes, who goes, and who is the host.

use crate::message::{Farewell, Hello, Known, Report, ToMember, VERSION, Welcome};
use crate::state::{Action, Cause, Phase};
use crate::value::{MemberId, Secret};
use crate::{RoomTime, Span, bounds};

use super::shared::{Restored, Seat};
use super::{ConnectionId, EMPTY_KEPT, Grant, HOST_KEPT, Heard, Link, RECALL, Room, SEAT_KEPT, Shared};

impl Room {
    pub(super) fn hello(&mut self, connection: ConnectionId, hello: Hello, grant: &Grant, secret: Secret) {
        if hello.version != VERSION {
            // A room that nobody was ever welcomed in is none.
            if self.shared.version == 0 {
                self.empty = Some(self.now - EMPTY_KEPT);
            }
            return self.close(connection, Farewell::Version);
        }
        // Over a way that loses messages a hello is said again until it is answered.
        if let Some(link) = self.links.iter().find(|link| link.connection == connection).copied() {
            return self.welcome(link);
        }
        let is_new_room = self.shared.seats.is_empty();
        let known_seat = hello.seat.as_ref();
        let seat = self.shared.seats.iter().find(|seat| Some(&seat.secret) == known_seat).map(|seat| seat.id);
        let member = match seat {
            Some(member) => self.take_again(member, &hello, grant),
            None => match self.take_new(&hello, grant, secret) {
                Some(member) => member,
                None => return self.close(connection, Farewell::Full),
            },
        };
        if is_new_room && self.shared.state.stamp.rev == 0 {
            let state = &mut self.shared.state;
            state.control = hello.control.unwrap_or(state.control);
            state.policy = hello.policy.unwrap_or(state.policy);
        }
        let epoch = self.shared.state.stamp.epoch;
        if let Some(known) = hello.known.as_ref().filter(|known| bounds::is_memory(known, epoch)) {
            self.restore(member, known, is_new_room);
        }
        if let Some(content) = hello.content.filter(|_| self.shared.state.content.is_none())
            && self.may(member, &Action::Content(content.clone()))
        {
            self.change(Some(member), Cause::Content, |state| state.content = Some(content));
        }
        let visit = self.shared.seat(member).map_or(0, |seat| seat.visit);
        let link = Link { connection, member, visit };
        self.links.push(link);
        self.hear(member, None);
        self.empty = None;
        self.roster.hurry(self.now);
        self.welcome(link);
    }

    fn take_again(&mut self, member: MemberId, hello: &Hello, grant: &Grant) -> MemberId {
        let old = self.links.iter().find(|link| link.member == member).map(|link| link.connection);
        if let Some(old) = old {
            self.close(old, Farewell::Replaced);
        }
        let is_playing = self.shared.state.phase == Phase::Playing;
        if let Some(seat) = self.shared.seat_mut(member) {
            seat.left = None;
            seat.visit += 1;
            seat.late |= is_playing;
            // A new page counts its commands from the beginning; one that comes back may say again what was done already.
            seat.command = seat.command.min(hello.last);
            seat.host = grant.host.unwrap_or(seat.host);
            seat.name = grant.name.as_ref().unwrap_or(&hello.name).clone();
        }
        member
    }

    /// `None` where there is no room.
    fn take_new(&mut self, hello: &Hello, grant: &Grant, secret: Secret) -> Option<MemberId> {
        let most = self.options.most_members;
        if self.shared.seats.iter().filter(|seat| seat.left.is_none()).count() >= most {
            return None;
        }
        // Those who come and go leave seats behind, which are not kept without end.
        let away = |seat: &Seat| seat.left.is_some();
        if self.shared.seats.len() >= most
            && let Some(oldest) = self.shared.seats.iter().filter(|seat| away(seat)).min_by_key(|seat| seat.left)
        {
            self.shared.remove(oldest.id);
        }
        let has_host = self.shared.seats.iter().any(|seat| seat.host);
        let id = MemberId(self.shared.next_member);
        self.shared.next_member += 1;
        self.shared.version += 1;
        self.shared.seats.push(Seat {
            id,
            secret,
            name: grant.name.as_ref().unwrap_or(&hello.name).clone(),
            host: grant.host.unwrap_or(!has_host),
            guest: grant.host == Some(false),
            late: self.shared.state.phase == Phase::Playing,
            command: 0,
            spent: (Span::ZERO, self.now),
            visit: 0,
            left: None,
        });
        Some(id)
    }

    /// A room that was forgotten goes on where its members remember it; the one with the newest memory counts, for a while,
    /// until somebody commands.
    fn restore(&mut self, member: MemberId, known: &Known, is_new_room: bool) {
        let Known { state: old, position, host } = known;
        let stamp = self.shared.state.stamp;
        let restored = self.shared.restored;
        if restored.is_some_and(|restored| self.now - restored.at >= RECALL) {
            return;
        }
        let is_newer = match restored {
            None => is_new_room && stamp.rev == 0,
            Some(Restored { from, is_commanded, .. }) => old.stamp > from && !is_commanded,
        };
        if old.stamp.epoch != stamp.epoch && is_newer {
            let now = self.now;
            self.shared.state.stamp.epoch = stamp.epoch.max(old.stamp.epoch.saturating_add(1));
            self.change(None, Cause::Restored, |state| {
                state.content = old.content.clone();
                state.phase = old.phase;
                (state.position, state.rate) = (*position, old.rate);
                (state.control, state.policy) = (old.control, old.policy);
                state.at = now;
                state.until = (old.phase == Phase::Waiting).then(|| now + old.policy.limit());
            });
            self.shared.place = self.shared.state.stamp.rev;
            // What a viewer did alone had no host: who has it here is the first.
            let was_room = |restored: &Restored| restored.from.epoch != 0;
            let has_host = old.stamp.epoch == 0 || restored.filter(was_room).is_some_and(|restored| restored.has_host);
            let at = restored.map_or(now, |restored| restored.at);
            self.shared.restored = Some(Restored { from: old.stamp, at, is_commanded: false, has_host });
        }
        // Its host may come back after others.
        let is_guest = self.shared.seat(member).is_some_and(|seat| seat.guest);
        if let Some(restored) = &mut self.shared.restored
            && *host
            && !is_guest
            && !restored.has_host
            && restored.from.epoch == old.stamp.epoch
        {
            restored.has_host = true;
            self.shared.version += 1;
            self.shared.seats.iter_mut().for_each(|seat| seat.host = seat.id == member);
        }
    }

    fn welcome(&mut self, link: Link) {
        let members = self.view();
        self.roster.shown(&members);
        let Some(seat) = self.shared.seat(link.member) else { return };
        let welcome = Welcome {
            version: VERSION,
            you: link.member,
            seat: seat.secret.clone(),
            clock: self.options.clock.clone(),
            state: self.shared.state.clone(),
            members,
        };
        self.send(link.connection, ToMember::Welcome(welcome));
    }

    pub(super) fn closed(&mut self, connection: ConnectionId) {
        let Some(link) = self.links.iter().find(|link| link.connection == connection).copied() else { return };
        self.links.retain(|link| link.connection != connection);
        let now = self.now;
        // It may have come back by another authority before this one noticed that it was gone.
        if self.shared.seat(link.member).is_none_or(|seat| seat.visit != link.visit) {
            return;
        }
        self.heard.retain(|heard| heard.member != link.member);
        if let Some(seat) = self.shared.seat_mut(link.member) {
            seat.left = Some(now);
        }
        self.roster.hurry(self.now);
    }

    pub(super) fn hear(&mut self, member: MemberId, report: Option<Report>) {
        if self.shared.seat(member).is_none() {
            return;
        }
        let at = self.now;
        let known = self.heard.iter().position(|heard| heard.member == member);
        let index = known.unwrap_or_else(|| {
            self.heard.push(Heard { member, report: None, at, reported: at, well: None });
            self.heard.len() - 1
        });
        let heard = &mut self.heard[index];
        heard.at = at;
        if report.is_some() {
            (heard.report, heard.reported) = (report, at);
            self.roster.soon(at);
        }
    }

    /// Another authority of this room knows it better.
    pub(super) fn adopt(&mut self, shared: Shared) {
        if shared.version > self.shared.version || shared.state.stamp > self.shared.state.stamp {
            self.take(shared);
        }
    }

    pub(super) fn take(&mut self, shared: Shared) {
        self.written = shared.version;
        let old = std::mem::replace(&mut self.shared, shared);
        // Whoever has just come by another authority is there, until it is not heard of for long.
        let was_there = |id: MemberId| old.seat(id).is_some_and(|seat| seat.left.is_none());
        let come = self.shared.seats.iter().filter(|seat| seat.left.is_none() && !was_there(seat.id));
        for member in come.map(|seat| seat.id).collect::<Vec<_>>() {
            self.hear(member, None);
        }
        let is_lost = |link: &&Link| self.shared.seat(link.member).is_none_or(|seat| seat.visit != link.visit);
        for link in self.links.iter().filter(is_lost).copied().collect::<Vec<_>>() {
            let is_known = self.shared.seat(link.member).is_some();
            self.close(link.connection, if is_known { Farewell::Replaced } else { Farewell::Restart });
        }
        self.roster.hurry(self.now);
    }

    /// Notices who is gone, forgets who does not come back, and looks for a host.
    pub(super) fn tend_seats(&mut self) {
        let now = self.now;
        let is_long = |since: Option<RoomTime>, most| since.is_some_and(|since| now - since >= most);
        for member in self.shared.seats.iter().map(|seat| seat.id).collect::<Vec<_>>() {
            let is_present = self.is_present(member);
            let Some(seat) = self.shared.seat(member) else { continue };
            if is_long(seat.left, SEAT_KEPT) {
                self.shared.remove(member);
                self.roster.hurry(now);
            } else if is_present != seat.left.is_none()
                && let Some(seat) = self.shared.seat_mut(member)
            {
                seat.left = (!is_present).then_some(now);
                self.roster.hurry(now);
            }
        }
        self.heard.retain(|heard| self.shared.seat(heard.member).is_some());
        let is_there = self.shared.seats.iter().any(|seat| seat.left.is_none());
        self.empty = if is_there { None } else { self.empty.or(Some(now)) };
        let has_host = self.shared.seats.iter().any(|seat| seat.host && !is_long(seat.left, HOST_KEPT));
        let heir = self.shared.seats.iter().find(|seat| !seat.guest && seat.left.is_none()).map(|seat| seat.id);
        if !has_host && let Some(heir) = heir {
            self.shared.version += 1;
            self.shared.seats.iter_mut().for_each(|seat| seat.host = seat.id == heir);
            self.roster.hurry(now);
        }
    }
}
