//! One room: who is there, what all do, and from when on. The same machine orders a room's commands in the relay, in a Node
//! server and in a browser's tab.
//!
//! It knows no sockets: connections have numbers. [`Room::handle_input`] with the room's time and one [`Input`], then
//! [`Room::poll_output`] until it answers [`Output::Wait`].
//!
//! What must not be lost is the room's [`Shared`]: it can be written down, and several authorities may serve one room if each
//! writes it by compare-and-set before it polls what came of an input ([`Room::unwritten`], [`Room::written`],
//! [`Room::retreat`]). What members report is not part of it; authorities tell each other by [`Output::Tell`] and
//! [`Input::Heard`]. An authority that is alone ignores all of these.

mod arrivals;
mod commands;
mod edge;
mod roster;
mod shared;
mod waiting;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::message::{Farewell, Hello, Member, Report, ToMember, ToRoom};
use crate::state::{Cause, Stamp, State};
use crate::value::{MemberId, Name, Secret, Text};
use crate::{RoomTime, Span, bounds};

use roster::Roster;
pub use shared::Shared;
pub(crate) use waiting::COMFORT;

/// Time since a member's last report after which nobody waits for it: reports come each two seconds.
const SILENCE: Span = Span::from_secs(5);
/// Time without a sign of life after which a member of another authority is no longer there: three signs have been missed.
const ABSENCE: Span = Span::from_secs(12);
/// Time between two messages by which an authority tells the others who is connected to it.
const SIGN_OF_LIFE: Span = Span::from_secs(4);
/// Time for which a seat is kept for a member that is away and may come back.
const SEAT_KEPT: Span = Span::from_secs(120);
/// Time for which a host may be away before another member becomes the host.
const HOST_KEPT: Span = Span::from_secs(30);
/// Time in which a room that was forgotten goes by what its members remember: by then those that it had have come back.
const RECALL: Span = Span::from_secs(30);
/// Time for which an empty room is remembered.
const EMPTY_KEPT: Span = Span::from_secs(300);

/// A connection, as the shell numbers them. Numbers are not used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// What a room puts up with.
#[derive(Clone, Debug)]
pub struct Options {
    /// The most members that are there at once: 100, which fit into a welcome ([`crate::LONGEST_TO_MEMBER`]).
    pub most_members: usize,
    /// Names the clock that `now` is of. Members that find another one begin to learn anew.
    pub clock: Text<64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { most_members: 100, clock: Text::default() }
    }
}

/// What a token says of its bearer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grant {
    /// Whether it is the host; `None` where tokens do not say, and the first one becomes it.
    pub host: Option<bool>,
    /// What it is called, whatever it says itself.
    pub name: Option<Name>,
}

/// A fact.
#[derive(Clone, Debug)]
pub enum Input {
    /// A connection's first message, or that again.
    Hello {
        /// Whose.
        connection: ConnectionId,
        /// What it says.
        hello: Box<Hello>,
        /// What it may.
        grant: Grant,
        /// Random, and never used before: the seat's, if it gets a new one.
        secret: Secret,
    },
    /// Any other message. Those of a connection that has not said hello are ignored.
    Message {
        /// Whose.
        connection: ConnectionId,
        /// What it says.
        message: ToRoom,
    },
    /// A connection is gone.
    Closed {
        /// Which.
        connection: ConnectionId,
    },
    /// Another authority of this room has told this.
    Heard(Presence),
    /// Another authority of this room has written this. An older version than the known one is ignored.
    Adopt(Box<Shared>),
    /// It is that time.
    Tick,
}

/// What one authority tells the others of a member that is connected to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Who.
    pub member: MemberId,
    /// Its last report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

/// An effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send to one connection.
    Send {
        /// To whom.
        to: ConnectionId,
        /// What.
        message: ToMember,
    },
    /// Send to all of [`Room::connections`].
    Broadcast(ToMember),
    /// Send [`ToMember::Bye`] and close.
    Close {
        /// Which connection.
        connection: ConnectionId,
        /// Why.
        why: Farewell,
    },
    /// Tell the other authorities of this room, where there are any.
    Tell(Presence),
    /// Nothing more until the next input, or until that time: then [`Input::Tick`].
    Wait(Option<RoomTime>),
}

/// The machine.
#[derive(Clone, Debug)]
pub struct Room {
    options: Options,
    shared: Shared,
    /// The version that the store is known to have.
    written: u64,
    links: Vec<Link>,
    heard: Vec<Heard>,
    roster: Roster,
    out: VecDeque<Output>,
    /// The state that has been told.
    told: Stamp,
    /// Since when nobody is there.
    empty: Option<RoomTime>,
    /// When the other authorities were last told who is here.
    signed: Option<RoomTime>,
    now: RoomTime,
}

/// A connection that has been welcomed.
#[derive(Clone, Copy, Debug)]
struct Link {
    connection: ConnectionId,
    member: MemberId,
    /// Which visit of the seat it is.
    visit: u32,
}

/// What is known of a member's player.
#[derive(Clone, Debug)]
struct Heard {
    member: MemberId,
    report: Option<Report>,
    /// When the last sign of life came.
    at: RoomTime,
    /// When the last report came.
    reported: RoomTime,
    /// Since when it has kept up.
    well: Option<RoomTime>,
}

impl Room {
    /// An empty room. `epoch` is the wall clock in milliseconds: rooms of one name that are made later have later ones.
    #[must_use]
    pub fn new(now: RoomTime, epoch: u64, options: Options) -> Self {
        Self::of(now, Shared::new(now, epoch), options)
    }

    /// The room that was written down.
    #[must_use]
    pub fn of(now: RoomTime, shared: Shared, options: Options) -> Self {
        let mut room = Self {
            options,
            written: shared.version,
            told: shared.state.stamp,
            shared: Shared::new(now, 0),
            links: Vec::new(),
            heard: Vec::new(),
            roster: Roster::default(),
            out: VecDeque::new(),
            empty: Some(now),
            signed: None,
            now,
        };
        room.take(shared);
        room
    }

    /// What must not be lost. [`Shared::version`] tells whether an input has changed it.
    #[must_use]
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// What all do.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.shared.state
    }

    /// The members that are there now.
    #[must_use]
    pub fn members(&self) -> Vec<Member> {
        self.view()
    }

    /// Whether nobody has been there for five minutes.
    #[must_use]
    pub fn is_over(&self, now: RoomTime) -> bool {
        self.empty.is_some_and(|since| now - since >= EMPTY_KEPT)
    }

    /// The connections that have been welcomed here and are not closed.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.links.iter().map(|link| link.connection)
    }

    /// Takes a fact. Time never runs backwards: an earlier `now` counts as the last one.
    pub fn handle_input(&mut self, now: RoomTime, input: Input) {
        self.now = self.now.max(now);
        match input {
            Input::Hello { connection, hello, grant, secret } => self.hello(connection, *hello, &grant, secret),
            Input::Message { connection, message } => self.message(connection, message),
            Input::Closed { connection } => self.closed(connection),
            Input::Heard(presence) => self.hear(presence.member, presence.report),
            Input::Adopt(shared) => self.adopt(*shared),
            Input::Tick => {}
        }
        self.advance();
    }

    /// The next effect; [`Output::Wait`] once there is none.
    pub fn poll_output(&mut self) -> Output {
        self.out.pop_front().unwrap_or_else(|| Output::Wait(self.wake()))
    }

    /// The version that the store must still have for [`Self::shared`] to be written over it, 0 where it must have none; `None`
    /// where there is nothing to write.
    #[must_use]
    pub fn unwritten(&self) -> Option<u64> {
        (self.written != self.shared.version).then_some(self.written)
    }

    /// The compare-and-set was won.
    pub fn written(&mut self) {
        self.written = self.shared.version;
    }

    /// The compare-and-set was lost: throws away what has not been polled, and begins again from what the winner has written.
    /// `before` is this room as it was before the input, which is then to be handed in again.
    pub fn retreat(&mut self, before: Self, winner: Shared) {
        *self = before;
        self.take(winner);
    }

    fn message(&mut self, connection: ConnectionId, message: ToRoom) {
        let Some(link) = self.links.iter().find(|link| link.connection == connection).copied() else { return };
        match message {
            ToRoom::Hello(_) | ToRoom::Unknown => {}
            ToRoom::Probe { sent } => {
                let (at, stamp) = (self.now, self.shared.state.stamp);
                self.send(connection, ToMember::Echo { sent, received: at, answered: at, stamp });
            }
            ToRoom::Command(command) => self.command(link, command),
            // What others could not read is not told.
            ToRoom::Report(report) if !bounds::is_report(&report, self.now) => {}
            ToRoom::Report(report) => {
                self.hear(link.member, Some(report));
                self.out.push_back(Output::Tell(Presence { member: link.member, report: Some(report) }));
            }
            ToRoom::Sync => self.send(connection, ToMember::State(self.shared.state.clone())),
            ToRoom::Leave => {
                self.shared.remove(link.member);
                self.close(connection, Farewell::Left);
                self.roster.hurry(self.now);
            }
        }
    }

    /// What every input may have brought about.
    fn advance(&mut self) {
        if self.signed.is_none_or(|signed| self.now - signed >= SIGN_OF_LIFE) {
            self.signed = Some(self.now);
            let here = self.links.iter().map(|link| Output::Tell(Presence { member: link.member, report: None }));
            self.out.extend(here);
        }
        self.tend_seats();
        self.tend_waiting();
        if self.told != self.shared.state.stamp {
            self.told = self.shared.state.stamp;
            self.out.push_back(Output::Broadcast(ToMember::State(self.shared.state.clone())));
        }
        self.tell_members();
    }

    /// When something happens by itself.
    fn wake(&self) -> Option<RoomTime> {
        // Members fall silent, and seats run out, whether or not anybody says anything.
        let tended = (!self.shared.seats.is_empty()).then(|| self.now + Span::from_secs(1));
        [self.goes_at_last(), self.roster.due(), tended].into_iter().flatten().min().map(|at| at.max(self.now))
    }

    fn send(&mut self, to: ConnectionId, message: ToMember) {
        self.out.push_back(Output::Send { to, message });
    }

    fn close(&mut self, connection: ConnectionId, why: Farewell) {
        self.links.retain(|link| link.connection != connection);
        self.out.push_back(Output::Close { connection, why });
    }

    fn is_connected(&self, member: MemberId) -> bool {
        self.links.iter().any(|link| link.member == member)
    }

    /// Whether a member is there, as far as is known here.
    fn is_present(&self, member: MemberId) -> bool {
        let is_heard = |heard: &Heard| heard.member == member && self.now - heard.at <= ABSENCE;
        self.is_connected(member) || self.heard.iter().any(is_heard)
    }

    fn heard_of(&self, member: MemberId) -> Option<&Heard> {
        self.heard.iter().find(|heard| heard.member == member)
    }

    /// A change of what all do. Its stamp is the next one.
    fn change(&mut self, by: Option<MemberId>, cause: Cause, change: impl FnOnce(&mut State)) {
        let state = &mut self.shared.state;
        change(state);
        (state.by, state.cause) = (by, cause);
        state.stamp.rev += 1;
        self.shared.version += 1;
    }
}

#[cfg(test)]
mod tests;
