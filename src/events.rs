//! What the page is told: names and details of the events.

use std::time::Duration;

use js_sys::{Object, Reflect};
use manifest::MediaTime;
use playback::{Event, SeekOrigin, StallCause, Unchecked};
use wasm_bindgen::JsValue;
use web_sys::{CustomEvent, CustomEventInit, EventTarget};

use crate::problem;

/// An event's name and detail.
pub(crate) type Detailed = (&'static str, JsValue);

/// Tells `target`'s listeners of an event with details.
pub(crate) fn dispatch(target: &EventTarget, name: &str, detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_detail(detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &init) {
        // A listener that throws is the page's affair; the browser reports it.
        let _ = target.dispatch_event(&event);
    }
}

/// An object of these members.
pub(crate) fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in members {
        // Setting a member of a new object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}

/// The name and the detail of an engine's event.
pub(crate) fn describe(event: &Event) -> Detailed {
    match event {
        Event::Loaded => ("loaded", JsValue::NULL),
        Event::Reopening { what } => ("reopening", object(&[("message", what.into())])),
        Event::FirstFrame { after } => ("firstframe", object(&[("after", millis(*after))])),
        Event::Seeking { to, origin } => ("seeking", object(&[("to", seconds(*to)), ("origin", name(*origin))])),
        Event::Seeked { to, origin } => ("seeked", object(&[("to", seconds(*to)), ("origin", name(*origin))])),
        Event::Stalled(cause) => ("stalled", object(&[("cause", cause_name(*cause))])),
        Event::StallPredicted { at, within } => {
            ("stall-predicted", object(&[("at", seconds(*at)), ("within", millis(*within))]))
        }
        Event::Recovered { after } => ("recovered", object(&[("after", millis(*after))])),
        Event::Retrying { error, after } => {
            // What it came to is not known yet: only what happened is told.
            let message = match error {
                playback::Error::Network { url, failure, .. } => format!("{url}: {failure}"),
                _ => error.to_string(),
            };
            let (code, message) = (error.code().into(), message.into());
            ("retrying", object(&[("code", code), ("message", message), ("after", millis(*after))]))
        }
        Event::SteppedOver { from, to } => ("steppedover", object(&[("from", seconds(*from)), ("to", seconds(*to))])),
        Event::Damaged { stream, url, start, end } => {
            let (stream, start, end) = (stream.0 as f64, *start as f64, *end as f64);
            let url = ("url", url.as_str().into());
            ("damaged", object(&[("stream", stream.into()), url, ("start", start.into()), ("end", end.into())]))
        }
        Event::Unchecked(Unchecked::Hashing) => {
            ("unchecked", object(&[("url", JsValue::NULL), ("cause", "context".into())]))
        }
        Event::Unchecked(Unchecked::Table { url, failure, .. }) => {
            ("unchecked", object(&[("url", url.into()), ("cause", failure.to_string().into())]))
        }
        Event::NewCut { id } => {
            ("content-changed", object(&[("id", id.as_deref().map_or(JsValue::NULL, JsValue::from_str))]))
        }
        Event::AudioSelected { .. } => ("tracks", JsValue::NULL),
        Event::Complete => ("complete", JsValue::NULL),
        Event::Ended => ("ended", JsValue::NULL),
        Event::Fatal(error) => ("error", problem::of_engine(error)),
        // The engine may learn to say more before the shell does.
        _ => ("engine", JsValue::NULL),
    }
}

fn seconds(time: MediaTime) -> JsValue {
    time.as_seconds().into()
}

fn millis(span: Duration) -> JsValue {
    (span.as_secs_f64() * 1e3).into()
}

fn name(origin: SeekOrigin) -> JsValue {
    match origin {
        SeekOrigin::User => "user",
        SeekOrigin::Party => "party",
        SeekOrigin::Program => "program",
    }
    .into()
}

pub(crate) fn cause_name(cause: StallCause) -> JsValue {
    match cause {
        StallCause::Network => "network",
        StallCause::Offline => "offline",
        StallCause::Seek => "seek",
        StallCause::Decoder => "decoder",
    }
    .into()
}
