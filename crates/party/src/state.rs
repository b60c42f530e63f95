//! What a room's members do, and who may change it.

use manifest::MediaTime;
use serde::{Deserialize, Serialize};

use crate::policy::Policy;
use crate::value::{ContentId, MemberId, micros};
use crate::{Rate, RoomTime, Timeline};

/// Orders the states of a room: the newer one is the greater one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// When the room was made, or made again after it was forgotten, in milliseconds of its maker's clock.
    pub epoch: u64,
    /// Counts the changes since.
    pub rev: u64,
}

/// What all do from a moment of the room's clock on. Before that moment the state before it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Which state this is.
    pub stamp: Stamp,
    /// The cut of the film; absent until somebody has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<ContentId>,
    /// Whether it plays.
    pub phase: Phase,
    /// The place in the film at [`Self::at`].
    #[serde(with = "micros")]
    pub position: MediaTime,
    /// How fast it plays, when it plays.
    pub rate: Rate,
    /// From when on all this holds.
    pub at: RoomTime,
    /// Until when at most a room waits that waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<RoomTime>,
    /// Who may command.
    pub control: Control,
    /// For whom the room waits.
    pub policy: Policy,
    /// Whose doing it is; absent where nobody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<MemberId>,
    /// What it came from.
    pub cause: Cause,
}

impl State {
    /// The film as a function of the room's time, from [`Self::at`] on.
    #[must_use]
    pub fn timeline(&self) -> Timeline {
        let rate = (self.phase == Phase::Playing).then_some(self.rate);
        Timeline { position: self.position, at: self.at, rate }
    }
}

/// Whether a room plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It stands until somebody plays.
    Paused,
    /// It stands until those that it waits for are ready, and plays then.
    Waiting,
    /// It plays.
    Playing,
}

/// Who may command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Control {
    /// Every member.
    #[default]
    Anyone,
    /// The host alone.
    Host,
}

/// What a member may want for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Play on.
    Play,
    /// Stand still.
    Pause,
    /// Go elsewhere in the film; what played plays on there. Microseconds.
    #[serde(with = "micros")]
    Seek(MediaTime),
    /// Another speed.
    Rate(Rate),
    /// Another film, from its beginning.
    Content(ContentId),
    /// Who may command. Only the host may say so.
    Control(Control),
    /// For whom the room waits. Only the host may say so.
    Policy(Policy),
    /// Another host. Only the host may say so.
    Host(MemberId),
}

impl Action {
    /// Whether only the host may, whoever controls the film.
    #[must_use]
    pub fn is_for_host(&self) -> bool {
        matches!(self, Self::Control(_) | Self::Policy(_) | Self::Host(_))
    }

    /// Whether it is about the film that is watched.
    pub(crate) fn is_of_the_film(&self) -> bool {
        matches!(self, Self::Play | Self::Pause | Self::Seek(_) | Self::Rate(_))
    }
}

/// What a state came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The room was made.
    Opened,
    /// The room was forgotten, and a member remembered it.
    Restored,
    /// Somebody plays.
    Play,
    /// Somebody pauses.
    Pause,
    /// Somebody goes elsewhere.
    Seek,
    /// Somebody changes the speed.
    Rate,
    /// Somebody opens a film.
    Content,
    /// Somebody changes who may command, for whom the room waits, or who the host is.
    Settings,
    /// Somebody stands still, or will.
    Stall,
    /// Those that the room waited for are ready.
    Ready,
    /// Not all of them are, and the time is over.
    Deadline,
    /// A cause of a later time.
    #[serde(other)]
    Unknown,
}
