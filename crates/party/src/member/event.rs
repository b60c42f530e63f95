//! What the page is told.

use crate::Span;
use crate::message::{Farewell, Refusal};
use crate::state::{Action, State};
use crate::value::{ContentId, MemberId};

/// Something that a page may want to show.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The room has answered.
    Joined(MemberId),
    /// The way to the room is lost; it is opened again after that time.
    Lost {
        /// From now.
        again: Span,
        /// What the room said; `None` where it fell silent.
        why: Option<Farewell>,
    },
    /// It is over for good.
    Ended(Farewell),
    /// What all do is something else. Each state is told once.
    Changed(Box<State>),
    /// Who is there is something else: see [`crate::Member::members`].
    Members,
    /// Whether this viewer does what the others do.
    Following(bool),
    /// Whether the browser refuses to play without a gesture.
    Blocked(bool),
    /// The others watch another cut, and this viewer does not follow until it is loaded.
    OtherContent(ContentId),
    /// What the viewer wanted does not happen.
    Refused {
        /// What it was.
        action: Action,
        /// Why; `None` where the room could not be reached.
        why: Option<Refusal>,
    },
    /// A clock was set, or stood still while the machine slept.
    ClockJumped,
}
