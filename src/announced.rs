//! What the player does to its media element: the element's events do not say who wanted it, and come later.

use std::cell::RefCell;

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use web_sys::HtmlMediaElement;

use crate::details::Origin;
use crate::js_error;

/// What may be done to a media element. The names are those of its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Play,
    Pause,
    Rate,
}

/// What has been done to the element, and whose event has not come yet.
#[derive(Default)]
pub(crate) struct Announced(RefCell<Vec<(Deed, Origin)>>);

impl Announced {
    /// To be called before `play()`. Where that comes to nothing, see [`Self::rejected`].
    pub(crate) fn play(&self, element: &HtmlMediaElement, origin: Origin) {
        if element.paused() || element.ended() {
            self.0.borrow_mut().push((Deed::Play, origin));
        }
    }

    /// `play()` has come to that. Where the browser does not let the element play, there is no event; where a pause came first,
    /// or the film has failed, there was one.
    pub(crate) fn rejected(&self, thrown: &JsValue) {
        if !matches!(js_error::name(thrown).as_deref(), Some("AbortError" | "PlayerError")) {
            self.take(Deed::Play);
        }
    }

    /// Pauses.
    pub(crate) fn pause(&self, element: &HtmlMediaElement, origin: Origin) {
        if !element.paused() {
            self.0.borrow_mut().push((Deed::Pause, origin));
            // Pausing does not throw.
            let _ = element.pause();
        }
    }

    /// Plays at that rate from now on.
    pub(crate) fn rate(&self, element: &HtmlMediaElement, rate: f64, origin: Origin) -> Result<(), JsValue> {
        if element.playback_rate() != rate {
            // Which rates a browser has is its own affair; web-sys does not expect it to throw.
            Reflect::set(element, &"playbackRate".into(), &rate.into())?;
            self.0.borrow_mut().push((Deed::Rate, origin));
        }
        Ok(())
    }

    pub(crate) fn take(&self, deed: Deed) -> Option<Origin> {
        let mut announced = self.0.borrow_mut();
        let index = announced.iter().position(|(known, _)| *known == deed)?;
        Some(announced.remove(index).1)
    }

    /// What was on its way does not come any more.
    pub(crate) fn forget(&self) {
        self.0.borrow_mut().clear();
    }
}
