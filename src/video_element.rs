//! The host's own media element: sampled, listened to, moved. Never owned.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Function;
use manifest::MediaTime;
use playback::{Playhead, ReadyState};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlMediaElement, HtmlVideoElement};

use crate::details::Origin;
use crate::events::Outlet;
use crate::task::spawn;
use crate::timer::window;

/// Everything after which the engine may want to look at the playhead.
const EVENTS: [&str; 12] = [
    "loadedmetadata",
    "loadeddata",
    "canplay",
    "play",
    "playing",
    "pause",
    "seeking",
    "seeked",
    "waiting",
    "ratechange",
    "ended",
    "error",
];

/// A media element for as long as the player is attached to it.
pub(crate) struct VideoElement {
    element: HtmlMediaElement,
    outlet: Rc<Outlet>,
    listener: Closure<dyn FnMut()>,
    passing: Closure<dyn FnMut()>,
    is_playing: Cell<bool>,
}

impl VideoElement {
    /// Calls `changed` on every event that matters, and `passes` now and then while it plays.
    pub(crate) fn attach(
        element: HtmlMediaElement,
        outlet: Rc<Outlet>,
        changed: impl FnMut() + 'static,
        passes: impl FnMut() + 'static,
    ) -> Self {
        let (listener, passing) = (Closure::new(changed), Closure::new(passes));
        let attached = Self { element, outlet, listener, passing, is_playing: Cell::default() };
        for (event, listener) in attached.listeners() {
            // Adding a listener to an element cannot fail.
            let _ = attached.element.add_event_listener_with_callback(event, listener);
        }
        attached
    }

    fn listeners(&self) -> impl Iterator<Item = (&'static str, &Function)> {
        let listeners = EVENTS.map(|event| (event, self.listener.as_ref().unchecked_ref()));
        listeners.into_iter().chain([("timeupdate", self.passing.as_ref().unchecked_ref())])
    }

    /// Where the playhead is now.
    pub(crate) fn sample(&self) -> Playhead {
        // Chromium pauses an element that fails, and does not say so: what it did before counts.
        if self.element.error().is_none() {
            self.is_playing.set(!self.element.paused());
        }
        Playhead {
            time: MediaTime::from_seconds(self.element.current_time()).unwrap_or_default(),
            ready: ReadyState::from(self.element.ready_state()),
            paused: !self.is_playing.get(),
            seeking: self.element.seeking(),
            ended: self.element.ended(),
            rate: self.element.playback_rate(),
            loops: self.element.loop_(),
            hidden: window().document().is_some_and(|document| document.hidden()),
        }
    }

    /// Does as it did before it got another source, which has paused it and set its rate back.
    pub(crate) fn resume(&self, paused: bool, rate: f64) {
        let announced = &self.outlet.announced;
        // The element had that rate before.
        let _ = announced.rate(&self.element, rate, Origin::Program);
        if paused {
            return;
        }
        announced.play(&self.element, Origin::Program);
        if let Ok(playing) = self.element.play() {
            // Where the browser does not let it play on, it stays paused.
            spawn(async { drop(JsFuture::from(playing).await) });
        }
    }

    /// `MediaError.message`, where there is an error.
    pub(crate) fn error(&self) -> Option<String> {
        let error = self.element.error()?;
        Some(format!("media error {}: {}", error.code(), error.message()))
    }

    /// `VideoPlaybackQuality.droppedVideoFrames`; 0 where the element has none.
    pub(crate) fn dropped_frames(&self) -> f64 {
        let Some(video) = self.element.dyn_ref::<HtmlVideoElement>() else { return 0.0 };
        f64::from(video.get_video_playback_quality().dropped_video_frames())
    }

    pub(crate) fn set_time(&self, time: MediaTime) {
        self.element.set_current_time(time.as_seconds());
    }
}

impl Drop for VideoElement {
    fn drop(&mut self) {
        for (event, listener) in self.listeners() {
            let _ = self.element.remove_event_listener_with_callback(event, listener);
        }
    }
}
