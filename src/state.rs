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

/// The state, and what it will be when a failure is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doing {
    state: PlayerState,
    has_failed: bool,
}

impl Default for Doing {
    fn default() -> Self {
        Self { state: PlayerState::Loading, has_failed: false }
    }
}

impl Doing {
    pub(crate) fn state(self) -> PlayerState {
        if self.has_failed { PlayerState::Failed } else { self.state }
    }

    /// After an event. Most change nothing. Out of a failure leads the page, or a network that is back.
    pub(crate) fn after(self, event: &Event) -> Self {
        let state = match event {
            Event::Fatal(_) => return self.failed(),
            Event::Reconnected => return self.tried_again(),
            Event::Reopening { .. } => PlayerState::Loading,
            Event::Loaded | Event::Recovered { .. } => PlayerState::Ready,
            // Of a film that is not loaded it only says where to begin.
            Event::Seeking { .. } if self.state != PlayerState::Loading => PlayerState::Ready,
            Event::Stalled(_) => PlayerState::Stalled,
            Event::Ended => PlayerState::Ended,
            _ => self.state,
        };
        Self { state, ..self }
    }

    pub(crate) fn failed(self) -> Self {
        Self { has_failed: true, ..self }
    }

    /// It goes on where it failed: what stood still then stands still.
    pub(crate) fn tried_again(self) -> Self {
        Self { has_failed: false, ..self }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use manifest::MediaTime;
    use playback::{Error, SeekOrigin, StallCause};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::PlayerState::{Ended, Failed, Loading, Ready, Stalled};
    use super::*;

    /// The states that these events lead to, one after the other.
    fn states(events: &[Event]) -> Vec<PlayerState> {
        let mut doing = Doing::default();
        let next = |event| {
            doing = doing.after(event);
            doing.state()
        };
        events.iter().map(next).collect()
    }

    fn fatal() -> Event {
        Event::Fatal(Error::Unsupported { mime: String::new() })
    }

    #[wasm_bindgen_test]
    fn what_stood_still_when_it_failed_stands_still_when_that_is_over() {
        let stalled = Event::Stalled(StallCause::Network);
        let recovered = Event::Recovered { after: Duration::ZERO };
        let told = states(&[Event::Loaded, stalled, fatal(), Event::Reconnected, recovered]);
        assert_eq!(told, [Ready, Stalled, Failed, Stalled, Ready]);
        assert_eq!(states(&[fatal(), Event::Reconnected, Event::Loaded]), [Failed, Loading, Ready]);
    }

    #[wasm_bindgen_test]
    fn a_seek_loads_nothing() {
        let seeking = || Event::Seeking { to: MediaTime::ZERO, origin: SeekOrigin::User };
        let told = states(&[seeking(), Event::Loaded, Event::Ended, seeking()]);
        assert_eq!(told, [Loading, Ready, Ended, Ready]);
    }
}
