//! What a ManagedMediaSource asks for beyond a MediaSource: Safari 17 and later, and all that an iPhone has.
//!
//! - It opens only where the film can be sent to another device, or where the page says that it cannot.
//! - It says when it wants data (`startstreaming`) and when not (`endstreaming`).

use std::rc::Rc;

use js_sys::Reflect;
use playback::Input;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlMediaElement, MediaSource};

use crate::inbox::{Inbox, Listener, Message};

/// An element and its ManagedMediaSource, for as long as they belong together.
pub(crate) struct Managed {
    element: HtmlMediaElement,
    source: MediaSource,
    had_remote_playback_disabled: JsValue,
    listeners: [(&'static str, Listener); 2],
}

impl Managed {
    pub(crate) fn attach(element: &HtmlMediaElement, source: &MediaSource, inbox: &Rc<Inbox>) -> Self {
        let listeners = [("startstreaming", true), ("endstreaming", false)].map(|(event, wanted)| {
            let listener = inbox.poster(move || Message::Input(Input::Streaming(wanted)));
            // Adding a listener cannot fail.
            let _ = source.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
            (event, listener)
        });
        let before = Reflect::get(element, &remote()).unwrap_or_default();
        // Setting a member of an element cannot fail.
        let _ = Reflect::set(element, &remote(), &true.into());
        Self { element: element.clone(), source: source.clone(), had_remote_playback_disabled: before, listeners }
    }
}

impl Drop for Managed {
    fn drop(&mut self) {
        for (event, listener) in &self.listeners {
            let _ = self.source.remove_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
        }
        let _ = Reflect::set(&self.element, &remote(), &self.had_remote_playback_disabled);
    }
}

fn remote() -> JsValue {
    JsValue::from_str("disableRemotePlayback")
}
