//! What the player is doing, in one word.

use playback::Event;

/// A player without a film is idle; every other has one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Loading,
    /// It plays, or would if it were not paused.
    Ready,
    Stalled,
    Ended,
    /// Until the page says to try again.
    Failed,
}

impl State {
    /// As the page knows it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::Stalled => "stalled",
            Self::Ended => "ended",
            Self::Failed => "failed",
        }
    }

    /// What an event leads to; most lead to nothing new, and only the page leads out of a failure.
    pub(crate) fn after(self, event: &Event) -> Self {
        match event {
            Event::Fatal(_) => Self::Failed,
            _ if self == Self::Failed => self,
            Event::Reopening { .. } => Self::Loading,
            Event::Loaded | Event::Recovered { .. } | Event::Seeking { .. } => Self::Ready,
            Event::Stalled(_) => Self::Stalled,
            Event::Ended => Self::Ended,
            _ => self,
        }
    }
}
