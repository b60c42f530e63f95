//! The host's own media element: sampled, listened to, moved. Never owned.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Function;
use manifest::MediaTime;
use playback::{Playhead, ReadyState};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlMediaElement, HtmlVideoElement};

use crate::details::Origin;
use crate::events::Outlet;
use crate::inbox::{Inbox, Listener, Message};
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
    pub(crate) element: HtmlMediaElement,
    outlet: Rc<Outlet>,
    /// With the events that they listen to.
    listeners: [(&'static [&'static str], Listener); 2],
    /// The last sample.
    noted: RefCell<Playhead>,
}

impl VideoElement {
    pub(crate) fn attach(element: HtmlMediaElement, inbox: &Rc<Inbox>, outlet: Rc<Outlet>) -> Self {
        let listeners: [(&[&str], _); 2] =
            [(&EVENTS, inbox.poster(|| Message::Sample)), (&["timeupdate"], inbox.poster(|| Message::Passing))];
        let attached =
            Self { element, outlet, listeners, noted: Playhead { paused: true, ..Playhead::default() }.into() };
        for (event, listener) in attached.listeners() {
            // Adding a listener to an element cannot fail.
            let _ = attached.element.add_event_listener_with_callback(event, listener);
        }
        attached
    }

    fn listeners(&self) -> impl Iterator<Item = (&'static str, &Function)> {
        self.listeners
            .iter()
            .flat_map(|(events, listener)| events.iter().map(move |event| (*event, listener.as_ref().unchecked_ref())))
    }

    /// Where the playhead is now.
    pub(crate) fn sample(&self) -> Playhead {
        // Chromium pauses an element that fails, and does not say so: what it did before counts.
        let has_failed = self.element.error().is_some();
        let paused = if has_failed { self.noted.borrow().paused } else { self.element.paused() };
        let playhead = Playhead {
            time: self.time(),
            ready: ReadyState::from(self.element.ready_state()),
            paused,
            seeking: self.element.seeking(),
            ended: self.element.ended(),
            rate: self.element.playback_rate(),
            loops: self.element.loop_(),
            hidden: window().document().is_some_and(|document| document.hidden()),
        };
        self.noted.replace(playhead.clone());
        playhead
    }

    fn time(&self) -> MediaTime {
        MediaTime::from_seconds(self.element.current_time()).unwrap_or_default()
    }

    /// Takes note of the time alone, which costs less than a sample.
    pub(crate) fn note_time(&self) {
        self.noted.borrow_mut().time = self.time();
    }

    /// Where the playhead was when last seen.
    pub(crate) fn noted(&self) -> Playhead {
        self.noted.borrow().clone()
    }

    /// The same, for an element that the page has had loaded anew, which has paused it and set its rate back; what the page
    /// has done since then counts.
    pub(crate) fn before_emptied(&self) -> Playhead {
        let (noted, rate) = (self.noted(), self.element.playback_rate());
        let is_changed = rate != self.element.default_playback_rate();
        let rate = if is_changed { rate } else { noted.rate };
        let time = Some(self.time()).filter(|time| *time > MediaTime::ZERO).unwrap_or(noted.time);
        Playhead { time, paused: noted.paused && self.element.paused(), rate, ..noted }
    }

    /// Does as it did before it got another source, which has paused it and set its rate back.
    pub(crate) fn resume(&self, paused: bool, rate: f64) {
        let outlet = self.outlet.clone();
        // The element had that rate before.
        let _ = outlet.announced.rate(&self.element, rate, Origin::Program);
        if paused {
            return;
        }
        outlet.announced.play(&self.element, Origin::Program);
        if let Ok(playing) = self.element.play() {
            spawn(async move {
                // Where the browser does not let it play on, it stays paused.
                if let Err(thrown) = JsFuture::from(playing).await {
                    outlet.announced.rejected(&thrown);
                }
            });
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
        let mut noted = self.noted.borrow_mut();
        (noted.time, noted.seeking) = (time, true);
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
