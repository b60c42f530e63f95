//! What crosses the border to JavaScript, as serde has it: structs out here, what pages give in `from_js`.

use std::time::Duration;

use js_sys::Reflect;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

/// A plain object, array or value; what is absent is `null`.
pub(crate) fn to_js(value: &impl Serialize) -> JsValue {
    // Only numbers that JavaScript does not have can fail, and no film is that long.
    value.serialize(&Serializer::new().serialize_missing_as_null(true)).unwrap_or(JsValue::NULL)
}

/// A member that is a text. As an enum of web-sys it would bring 100 bytes of what every viewer downloads.
pub(crate) fn text(object: &JsValue, name: &str) -> Option<String> {
    Reflect::get(object, &JsValue::from_str(name)).ok()?.as_string()
}

/// A length of time in milliseconds.
pub(crate) fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

#[cfg(test)]
pub(crate) mod tests {
    use js_sys::Object;

    use super::*;

    /// An object of a page's own.
    pub(crate) fn object(members: &[(&str, JsValue)]) -> JsValue {
        let object = Object::new();
        for (name, value) in members {
            Reflect::set(&object, &JsValue::from_str(name), value).expect("a new object");
        }
        object.into()
    }
}
