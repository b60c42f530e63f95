//! What a ManagedMediaSource asks for beyond a MediaSource: Safari 17 and later, and all that an iPhone has.
//!
//! It opens only where the film can be sent to another device, or where the page says that it cannot.

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use web_sys::HtmlMediaElement;

/// An element that is fed by a ManagedMediaSource.
pub(crate) struct Managed {
    element: HtmlMediaElement,
    had_remote_playback_disabled: JsValue,
}

impl Managed {
    pub(crate) fn attach(element: &HtmlMediaElement) -> Self {
        let before = Reflect::get(element, &remote()).unwrap_or_default();
        // Setting a member of an element cannot fail.
        let _ = Reflect::set(element, &remote(), &true.into());
        Self { element: element.clone(), had_remote_playback_disabled: before }
    }
}

impl Drop for Managed {
    fn drop(&mut self) {
        let _ = Reflect::set(&self.element, &remote(), &self.had_remote_playback_disabled);
    }
}

fn remote() -> JsValue {
    JsValue::from_str("disableRemotePlayback")
}
