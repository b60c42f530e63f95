//! The message format: JSON texts, one message each, between a member and whoever orders the room's commands.
//!
//! Every message is an object whose `type` says what it is. Times are whole microseconds, so that nothing is rounded on the
//! way. What a reader does not know, a message or a member of one, it passes over: that is how the format grows within a
//! version. A format that an old reader would misunderstand has another [`VERSION`].

use manifest::MediaTime;
use serde::{Deserialize, Serialize};

use crate::policy::Policy;
use crate::state::{Action, Control, Stamp, State};
use crate::value::{ContentId, MemberId, Name, Secret, Text, Token, maybe_micros, micros};
use crate::{Now, RoomTime, Span};

/// The version of the format, which [`Hello`] and [`Welcome`] carry.
pub const VERSION: u32 = 1;
/// The longest message of a member that is read, in bytes.
pub const LONGEST_TO_ROOM: usize = 4 * 1024;
/// The longest message of a room that is read, in bytes: a hundred members with long names fit.
pub const LONGEST_TO_MEMBER: usize = 64 * 1024;
/// Milliseconds over which those come back who are sent away together.
const RETURN_MILLIS: i64 = 2_000;

/// What a member says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ToRoom {
    /// First of all, and again after every reconnection.
    Hello(Hello),
    /// A question for the room's clock.
    Probe {
        /// When it was sent, on the member's clock.
        sent: Now,
    },
    /// Somebody wants something for all.
    Command(Command),
    /// Where the member is and what it can do.
    Report(Report),
    /// A state was missed: send it again.
    Sync,
    /// Does not come back.
    Leave,
    /// A message of a later time.
    #[serde(other)]
    Unknown,
}

/// What a room says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum ToMember {
    /// The answer to a hello.
    Welcome(Welcome),
    /// The answer to a probe.
    Echo {
        /// As the probe had it.
        sent: Now,
        /// When the probe came.
        received: RoomTime,
        /// When this left.
        answered: RoomTime,
        /// Of the room's state: who has an older one missed something.
        stamp: Stamp,
    },
    /// What all do from a moment on.
    State(State),
    /// Who is there, as far as it has changed.
    Members {
        /// New ones, and what is new of others.
        changed: Vec<Member>,
        /// Those that are no longer of the room.
        gone: Vec<MemberId>,
    },
    /// The answer to a command that is followed, even if that was sent twice.
    Accepted {
        /// Which.
        id: u32,
        /// Of the state with it.
        stamp: Stamp,
    },
    /// The answer to a command that is not followed.
    Refused {
        /// Which.
        id: u32,
        /// Why.
        why: Refusal,
    },
    /// The last message: the connection ends.
    Bye {
        /// Why.
        why: Farewell,
        /// How long to stay away, at least.
        after: Span,
    },
    /// A message of a later time.
    #[serde(other)]
    Unknown,
}

/// A member introduces itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`].
    pub version: u32,
    /// What to call the member.
    pub name: Name,
    /// What it was welcomed with before: it takes its seat again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<Secret>,
    /// Leave to enter, where the room asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
    /// The cut that it has loaded. A room without one takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<ContentId>,
    /// How a new room is to be; an existing one stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
    /// For whom a new room waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    /// The last state that it knew, from which a room that was forgotten begins again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
    /// The highest number of a command that this page has made; 0 where it has made none. What was done already is known by it
    /// when it is sent again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub last: u32,
}

impl Hello {
    /// Of somebody who comes for the first time, with no film, and leaves it to others how the room is.
    #[must_use]
    pub fn new(name: Name) -> Self {
        let (seat, token, content, control, policy, known) = (None, None, None, None, None, None);
        Self { version: VERSION, name, seat, token, content, control, policy, known, last: 0 }
    }
}

/// A room as a member remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// The state. Its `at` is of a clock that may be gone.
    pub state: State,
    /// Where the film is at the moment of sending.
    #[serde(with = "micros")]
    pub position: MediaTime,
    /// Whether the member was the host.
    pub host: bool,
}

/// A room's answer to a hello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// [`VERSION`].
    pub version: u32,
    /// Who the member is here.
    pub you: MemberId,
    /// By which it is known when it comes back. Nobody else may learn it.
    pub seat: Secret,
    /// Names the room's clock: times of another one say nothing.
    pub clock: Text<64>,
    /// What all do.
    pub state: State,
    /// Who is there, the member itself among them.
    pub members: Vec<Member>,
}

/// Somebody wants something for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The sender's own number for it, higher than those before: it may be sent twice and counts once.
    pub id: u32,
    /// The state that the sender saw. It is refused once there is another.
    pub base: Stamp,
    /// What.
    pub action: Action,
}

/// Where a member is and what it can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The newest state that it knows.
    pub stamp: Stamp,
    /// What it does.
    pub activity: Activity,
    /// Where it is in the film.
    #[serde(with = "micros")]
    pub position: MediaTime,
    /// When it was there.
    pub at: RoomTime,
    /// Length of the film that it has buffered ahead of there, without a break.
    #[serde(with = "micros")]
    pub buffered: MediaTime,
    /// From when on it can play on from where the room is; absent while that is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<RoomTime>,
    /// When it will stand still, if it will.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stall: Option<RoomTime>,
    /// How far ahead of the room it is, below zero behind; absent while that is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<Span>,
    /// A message's way to the room and back.
    pub delay: Span,
    /// Up to where it can have the film, while that still goes up; absent for a whole one.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe_micros")]
    pub reach: Option<MediaTime>,
}

/// What a member does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activity {
    /// Plays.
    Playing,
    /// Stands where the room does, or waits for its turn.
    Holding,
    /// Is to play, and cannot yet.
    Buffering,
    /// The browser wants a gesture before it plays.
    Blocked,
    /// Does as its person likes.
    Apart,
    /// Has another film, or none.
    #[default]
    #[serde(other)]
    Elsewhere,
}

/// A member as all others see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub id: MemberId,
    /// What to call it.
    pub name: Name,
    /// Whether it is the host.
    pub host: bool,
    /// Whether it is connected.
    pub present: bool,
    /// Whether the room waits for it at the moment.
    pub awaited: bool,
    /// Whether the room no longer waits for it, until it has caught up.
    pub late: bool,
    /// Its last report; absent before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

/// Why a command is not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// There is a newer state than the one that it was made for.
    Stale,
    /// Only the host may.
    NotAllowed,
    /// There is no such member, film or place.
    Impossible,
    /// A reason of a later time.
    #[serde(other)]
    Unknown,
}

/// Why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Farewell {
    /// The member left.
    Left,
    /// The same seat was taken through another connection.
    Replaced,
    /// The room has as many members as it may.
    Full,
    /// No token, or one that does not hold.
    Forbidden,
    /// The room speaks another version.
    Version,
    /// Too many messages, too long ones, or none that can be read.
    Misbehaved,
    /// The member did not read fast enough.
    Slow,
    /// Whoever carries the room shuts down: come back.
    Restart,
    /// A reason of a later time.
    #[serde(other)]
    Unknown,
}

impl Farewell {
    /// Whether coming back can help.
    #[must_use]
    pub fn may_return(self) -> bool {
        matches!(self, Self::Slow | Self::Restart | Self::Full | Self::Unknown)
    }
}

/// Why a text is no message.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// It is longer than its kind may be.
    #[error("a message of {bytes} bytes; at most {most} are read")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// It is not the JSON that was expected.
    #[error("no message: {0}")]
    Json(#[from] serde_json::Error),
}

impl ToRoom {
    /// Reads a member's message.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(text: &str) -> Result<Self, Malformed> {
        within(text, LONGEST_TO_ROOM)?;
        Ok(serde_json::from_str(text)?)
    }

    /// Writes it.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).expect("there are no maps with odd keys, and writing to memory cannot fail")
    }
}

impl ToMember {
    /// The last message of a connection. Who may come back does so after `share` 256ths of two seconds, so that those who are
    /// sent away together do not return together.
    #[must_use]
    pub fn bye(why: Farewell, share: u8) -> Self {
        let spread = Span::from_millis(RETURN_MILLIS * i64::from(share) / 256);
        Self::Bye { why, after: if why.may_return() { spread } else { Span::ZERO } }
    }

    /// Reads a room's message.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn decode(text: &str) -> Result<Self, Malformed> {
        within(text, LONGEST_TO_MEMBER)?;
        Ok(serde_json::from_str(text)?)
    }

    /// Writes it.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).expect("there are no maps with odd keys, and writing to memory cannot fail")
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Before anything is read: what a text costs is bounded by its length.
fn within(text: &str, most: usize) -> Result<(), Malformed> {
    let bytes = text.len();
    if bytes > most { Err(Malformed::TooLong { bytes, most }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
