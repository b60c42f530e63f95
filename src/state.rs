//! What the player is doing, in one word.

use playback::Event;
use serde::Serialize;
use tsify::Tsify;

/// What the player is doing. Without a film it is idle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PlayerState {
    Idle,
    Loading,
    /// It plays, or would if it were not paused.
    Ready,
    Stalled,
    Ended,
    /// Until the page says to try again.
    Failed,
}

impl PlayerState {
    /// The state after an event. Most events change nothing. Out of a failure leads the page, or a network that is back.
    pub(crate) fn after(self, event: &Event) -> Self {
        match event {
            Event::Fatal(_) => Self::Failed,
            Event::Reconnected => Self::Ready,
            _ if self == Self::Failed => self,
            Event::Reopening { .. } => Self::Loading,
            Event::Loaded | Event::Recovered { .. } | Event::Seeking { .. } => Self::Ready,
            Event::Stalled(_) => Self::Stalled,
            Event::Ended => Self::Ended,
            _ => self,
        }
    }
}
