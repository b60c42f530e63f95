//! What this browser has.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// The browser's MediaSource, and whether it is a managed one. Where there are both, the managed one knows better what
/// the device can afford; an iPhone has no other.
pub(crate) fn media_source() -> Option<(Function, bool)> {
    let get = |name| Reflect::get(&js_sys::global(), &JsValue::from_str(name)).ok()?.dyn_into::<Function>().ok();
    let managed = get("ManagedMediaSource").map(|constructor| (constructor, true));
    managed.or_else(|| Some((get("MediaSource")?, false)))
}

/// Whether its MediaSource plays media of that type.
pub(crate) fn plays(mime: &str) -> bool {
    let ask = |constructor: &Function| {
        let method = Reflect::get(constructor, &JsValue::from_str("isTypeSupported"))?;
        method.dyn_ref::<Function>().ok_or(JsValue::NULL)?.call1(constructor, &JsValue::from_str(mime))
    };
    media_source().is_some_and(|(constructor, _)| ask(&constructor).is_ok_and(|answer| answer.is_truthy()))
}
