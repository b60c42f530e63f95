//! Where this viewer left each film, in the browser's own storage, by content id. Only if the page asks for it.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, HtmlMediaElement, Storage};

use crate::timer::window;

/// Seconds from the beginning within which a position is not kept: starting over is no loss.
const BEGINNING: f64 = 5.0;
/// Seconds before the end from which on the film begins anew: who left there has seen it. Of a short film a tenth.
const ENDING: f64 = 10.0;
/// Seconds of the film between two notes of its position while it plays.
const EVERY: f64 = 5.0;

// `seeking` and not `seeked`: a viewer may leave before the new place has been reached.
const EVENTS: [&str; 4] = ["timeupdate", "pause", "seeking", "ended"];

/// Notes the position of one film for as long as it is loaded.
pub(crate) struct Resume {
    element: HtmlMediaElement,
    listener: Closure<dyn FnMut(Event)>,
}

impl Resume {
    pub(crate) fn keep(id: &str, element: HtmlMediaElement) -> Self {
        let (key, video, noted) = (key(id), element.clone(), Cell::new(0.0_f64));
        let listener = Closure::new(move |event: Event| {
            // The playhead is not in the film before its metadata have come.
            if video.ready_state() == HtmlMediaElement::HAVE_NOTHING {
                return;
            }
            let time = video.current_time();
            if event.type_() == "timeupdate" && (time - noted.get()).abs() < EVERY {
                return;
            }
            noted.set(time);
            let Some(storage) = storage() else { return };
            // A full or forbidden storage only means that the film begins at its beginning next time.
            let _ = if video.ended() || time < BEGINNING {
                storage.remove_item(&key)
            } else {
                storage.set_item(&key, &String::from(js_sys::Number::from(time).to_js_string()))
            };
        });
        for event in EVENTS {
            // Adding a listener to an element cannot fail.
            let _ = element.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
        }
        Self { element, listener }
    }
}

impl Drop for Resume {
    fn drop(&mut self) {
        for event in EVENTS {
            let _ = self.element.remove_event_listener_with_callback(event, self.listener.as_ref().unchecked_ref());
        }
    }
}

/// Where this viewer left the film of that length, in seconds; `None` also where that was at its end.
pub(crate) fn position(id: &str, duration: Option<f64>) -> Option<f64> {
    let left = js_sys::parse_float(&storage()?.get_item(&key(id)).ok()??);
    Some(left).filter(|seconds| seconds.is_finite() && !is_ending(*seconds, duration))
}

fn is_ending(seconds: f64, duration: Option<f64>) -> bool {
    duration.is_some_and(|duration| seconds > duration - ENDING.min(duration / 10.0))
}

/// By the content id alone: that of a film which still goes up says behind it how far that is, that of a private one what opens it.
fn key(id: &str) -> String {
    format!("watchparty-player:{}", id.get(..32).unwrap_or(id))
}

fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn who_left_at_the_end_begins_anew() {
        let storage = storage().expect("a storage");
        for (left, duration, expected) in [
            ("7180", Some(7_200.0), Some(7_180.0)),
            ("7195.5", Some(7_200.0), None),
            ("29", Some(30.0), None),
            ("26.5", Some(30.0), Some(26.5)),
            ("29", None, Some(29.0)),
            ("nonsense", None, None),
        ] {
            storage.set_item(&key("resume-test"), left).expect("room");
            assert_eq!(position("resume-test", duration), expected, "{left} of {duration:?}");
        }
        storage.remove_item(&key("resume-test")).expect("it goes");
    }
    #[wasm_bindgen_test]
    fn a_film_that_has_grown_is_the_same() {
        let content = "0123456789abcdef0123456789abcdef";
        for id in ["0123456789abcdef0123456789abcdefr42000", &content.repeat(2), &format!("{}r1", content.repeat(2))] {
            assert_eq!(key(id), key(content), "{id}");
        }
        assert_ne!(key("resume-test"), key("resume"));
    }
}
