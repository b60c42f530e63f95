//! A page's AbortSignal, while a film is on its way.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::AbortSignal;

use crate::loaded::Loaded;
use crate::problem::Refusal;

/// Listens to a signal for as long as it lives.
pub(crate) struct AbortListener {
    signal: AbortSignal,
    listener: Closure<dyn FnMut()>,
}

impl AbortListener {
    /// The signal among the options of `load`, if there is one.
    ///
    /// # Errors
    /// Where it is no signal, or has been aborted before.
    pub(crate) fn signal(options: &JsValue) -> Result<Option<AbortSignal>, Refusal> {
        let given = Reflect::get(options, &JsValue::from_str("signal")).unwrap_or_default();
        if given.is_undefined() || given.is_null() {
            return Ok(None);
        }
        // Not by its class: what another frame has made is of that frame's.
        let aborted = Reflect::get(&given, &JsValue::from_str("aborted")).unwrap_or_default();
        match aborted.as_bool() {
            Some(false) => Ok(Some(given.unchecked_into())),
            Some(true) => Err(Refusal::Aborted),
            None => Err(Refusal::Argument("signal: it is no AbortSignal".to_owned())),
        }
    }

    /// Has an abort give up `film`, and take it from where it lies if it is still there.
    pub(crate) fn new(signal: AbortSignal, film: &Rc<Loaded>, place: &Rc<RefCell<Option<Rc<Loaded>>>>) -> Self {
        let (film, place) = (Rc::downgrade(film), Rc::downgrade(place));
        let listener = Closure::new(move || {
            let (Some(film), Some(place)) = (film.upgrade(), place.upgrade()) else { return };
            let taken = place.borrow_mut().take_if(|there| Rc::ptr_eq(there, &film));
            if taken.is_some() {
                film.abort();
            }
        });
        // Adding a listener cannot fail.
        let _ = signal.add_event_listener_with_callback("abort", listener.as_ref().unchecked_ref());
        Self { signal, listener }
    }
}

impl Drop for AbortListener {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener_with_callback("abort", self.listener.as_ref().unchecked_ref());
    }
}
