//! What of a room must not be lost.

use manifest::MediaTime;
use serde::{Deserialize, Serialize};

use crate::policy::Policy;
use crate::state::{Cause, Control, Phase, Stamp, State};
use crate::value::{MemberId, Name, Secret};
use crate::{Rate, RoomTime, Span};

/// Seconds in which the patience with a member's stalls comes back from nothing to all of it, whatever the room does meanwhile.
const PATIENCE_RETURNS: i64 = 300;

/// Everything of a room but what its members report. JSON, where it is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// Counts the changes: what compare-and-set compares.
    pub version: u64,
    pub(super) state: State,
    /// The revision that brought the room to its place. Reports on older ones do not say who is ready there.
    pub(super) place: u64,
    pub(super) seats: Vec<Seat>,
    pub(super) next_member: u32,
    /// What the room was made again from, if it was forgotten.
    pub(super) restored: Option<Restored>,
    /// Whose stall the room waits for.
    pub(super) holder: Option<MemberId>,
}

/// A room that was forgotten and goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Restored {
    /// The newest state that anybody remembered.
    pub(super) from: Stamp,
    /// When it was made again.
    #[serde(default)]
    pub(super) at: RoomTime,
    /// Whether somebody has commanded since: what others remember no longer counts.
    #[serde(default)]
    pub(super) is_commanded: bool,
    /// Whether its host has come back.
    pub(super) has_host: bool,
}

/// A member's place in a room, whether or not it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Seat {
    pub(super) id: MemberId,
    pub(super) secret: Secret,
    pub(super) name: Name,
    pub(super) host: bool,
    /// Whether a token says that it is not to become the host by itself.
    pub(super) guest: bool,
    /// Whether the room no longer waits for it.
    pub(super) late: bool,
    /// The number of its last command.
    pub(super) command: u32,
    /// How long the room has waited for its stalls, and when that was noted: since then some of it has been forgiven.
    pub(super) spent: (Span, RoomTime),
    /// Counts the times that it was taken: an older connection to it no longer counts.
    pub(super) visit: u32,
    /// Since when it has been away.
    pub(super) left: Option<RoomTime>,
}

impl Shared {
    pub(super) fn new(now: RoomTime, epoch: u64) -> Self {
        let state = State {
            stamp: Stamp { epoch, rev: 0 },
            content: None,
            phase: Phase::Paused,
            position: MediaTime::ZERO,
            rate: Rate::ONE,
            at: now,
            until: None,
            control: Control::default(),
            policy: Policy::default(),
            by: None,
            cause: Cause::Opened,
        };
        Self { version: 0, state, place: 0, seats: Vec::new(), next_member: 1, restored: None, holder: None }
    }

    /// Of the state that all follow.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        self.state.stamp
    }

    pub(super) fn seat(&self, id: MemberId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.id == id)
    }

    pub(super) fn seat_mut(&mut self, id: MemberId) -> Option<&mut Seat> {
        self.version += 1;
        self.seats.iter_mut().find(|seat| seat.id == id)
    }

    pub(super) fn remove(&mut self, id: MemberId) {
        self.version += 1;
        self.seats.retain(|seat| seat.id != id);
    }
}

impl Seat {
    /// What is left of `limit`, the time for which the room waits for this member's stalls in all.
    pub(super) fn patience(&self, limit: Span, now: RoomTime) -> Span {
        let (spent, at) = self.spent;
        let returned =
            Span::from_micros((now - at).or_zero().as_micros() / PATIENCE_RETURNS) * (limit.as_micros() / 1_000_000);
        limit - (spent - returned).or_zero()
    }

    /// The room has waited for it.
    pub(super) fn spend(&mut self, limit: Span, now: RoomTime, waited: Span) {
        self.spent = (limit - self.patience(limit, now) + waited, now);
    }
}
