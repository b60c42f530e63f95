//! What a player is to reach, what to do to it, and why.

use manifest::MediaTime;

use crate::{Now, Rate, Span, Timeline};

/// What the player is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// As its person likes.
    Rest,
    /// Stand at a place.
    Stand(MediaTime),
    /// Be where a timeline is, on the member's own clock.
    Run(Timeline<Now>),
}

/// What to do to the player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `play()`.
    Play,
    /// `pause()`.
    Pause,
    /// `currentTime =`.
    Seek(MediaTime),
    /// `playbackRate =`.
    SetRate(Rate),
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The room's state asks for it.
    Command,
    /// It is where the room is at this moment.
    InTime,
    /// It is ahead of the room by this much, or behind where that is below zero.
    Drift(Span),
    /// It is off by this much, and nothing but a seek helps.
    Far(Span),
    /// It has been off a little for long.
    Lasting(Span),
    /// It no longer is.
    Corrected,
    /// The person asked for it.
    Resync,
}
