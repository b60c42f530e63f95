//! What the browser says of the network: `navigator.onLine`.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use crate::timer::window;

const EVENTS: [&str; 2] = ["online", "offline"];

/// Whether there is a network, as far as the browser knows.
pub(crate) fn is_online() -> bool {
    window().navigator().on_line()
}

/// Listens for changes for as long as it lives.
pub(crate) struct Connection {
    listener: Closure<dyn FnMut()>,
}

impl Connection {
    /// Calls `changed` whenever [`is_online`] does.
    pub(crate) fn watch(changed: impl FnMut() + 'static) -> Self {
        let listener = Closure::new(changed);
        for event in EVENTS {
            // Adding a listener to the window cannot fail.
            let _ = window().add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
        }
        Self { listener }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        for event in EVENTS {
            let _ = window().remove_event_listener_with_callback(event, self.listener.as_ref().unchecked_ref());
        }
    }
}
