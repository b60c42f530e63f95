//! What JavaScript threw, as typed causes. Nothing else in the shell looks into an exception.

use playback::OperationError;
use wasm_bindgen::{JsCast, JsValue};

use crate::border::text;

/// An exception's message for people: `name: message` where it has them.
pub(crate) fn describe(thrown: &JsValue) -> String {
    if let Some(exception) = thrown.dyn_ref::<web_sys::DomException>() {
        return format!("{}: {}", exception.name(), exception.message());
    }
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => format!("{}: {}", String::from(error.name()), String::from(error.message())),
        None => thrown.as_string().unwrap_or_else(|| "something that is no error was thrown".to_owned()),
    }
}

/// Why a SourceBuffer refused. Newer browsers throw a `QuotaExceededError` that is a class of its own: the name is what
/// all of them share.
pub(crate) fn operation(thrown: &JsValue) -> OperationError {
    if name(thrown).as_deref() == Some("QuotaExceededError") {
        OperationError::Quota
    } else {
        OperationError::Refused(describe(thrown))
    }
}

/// The exception's `name`.
pub(crate) fn name(thrown: &JsValue) -> Option<String> {
    text(thrown, "name")
}
