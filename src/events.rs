//! What the page is told: in which order, under which names, with which details.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use manifest::MediaTime;
use playback::{Error, Event, Failure, Unchecked};
use wasm_bindgen::JsValue;
use web_sys::{CustomEvent, CustomEventInit, EventTarget};

use crate::announced::Announced;
use crate::border::{millis, to_js};
use crate::details::{
    AfterDetail, DamagedDetail, NewCutDetail, ReopeningDetail, RetryingDetail, SeekDetail, StallDetail,
    StallPredictedDetail, SteppedOverDetail, UncheckedDetail,
};
use crate::problem;

/// An event's name and detail.
pub(crate) type Detailed = (&'static str, JsValue);

/// A closure that tells the page of something.
type Telling = Box<dyn FnOnce(&EventTarget)>;

/// Through which a player tells its page of everything, one event after the other: what a listener brings about is told when
/// all listeners have heard of what they listen to, and of what happened before.
pub(crate) struct Outlet {
    target: EventTarget,
    /// What is done to the element, by whom, and has not been heard of yet.
    pub(crate) announced: Announced,
    waiting: RefCell<VecDeque<Telling>>,
    is_telling: Cell<bool>,
}

impl Outlet {
    pub(crate) fn new() -> Result<Rc<Self>, JsValue> {
        let (target, announced) = (EventTarget::new()?, Announced::default());
        Ok(Rc::new(Self { target, announced, waiting: RefCell::default(), is_telling: Cell::default() }))
    }

    /// The EventTarget that the page listens to.
    pub(crate) fn target(&self) -> &EventTarget {
        &self.target
    }

    /// Tells of an event.
    pub(crate) fn tell(&self, name: &'static str, detail: JsValue) {
        self.then(move |target| dispatch(target, name, &detail));
    }

    /// Acts once all that was to be told before has been told: at once, unless that is under way.
    pub(crate) fn then(&self, act: impl FnOnce(&EventTarget) + 'static) {
        self.waiting.borrow_mut().push_back(Box::new(act));
        if self.is_telling.replace(true) {
            return;
        }
        loop {
            // Nothing stays borrowed while listeners run.
            let next = self.waiting.borrow_mut().pop_front();
            match next {
                Some(act) => act(&self.target),
                None => break self.is_telling.set(false),
            }
        }
    }
}

/// Tells `target`'s listeners of an event with details.
pub(crate) fn dispatch(target: &EventTarget, name: &str, detail: &JsValue) {
    let init = CustomEventInit::new();
    init.set_detail(detail);
    if let Ok(event) = CustomEvent::new_with_event_init_dict(name, &init) {
        // A listener that throws is the page's affair; the browser reports it.
        let _ = target.dispatch_event(&event);
    }
}

/// The name and the detail of an engine's event.
pub(crate) fn describe(event: &Event) -> Detailed {
    match event {
        Event::Loaded => ("loaded", JsValue::NULL),
        Event::Reopening { what } => ("reopening", to_js(&ReopeningDetail { message: what.clone() })),
        Event::FirstFrame { after } => ("firstframe", to_js(&AfterDetail { after: millis(*after) })),
        Event::Seeking { to, origin } => ("seeking", seek(*to, *origin)),
        Event::Seeked { to, origin } => ("seeked", seek(*to, *origin)),
        Event::Rested { to, origin } => ("seek", seek(*to, *origin)),
        Event::Stalled(cause) => ("stalled", to_js(&StallDetail { cause: (*cause).into() })),
        Event::StallPredicted { at, within } => {
            ("stall-predicted", to_js(&StallPredictedDetail { at: at.as_seconds(), within: millis(*within) }))
        }
        Event::Recovered { after } => ("recovered", to_js(&AfterDetail { after: millis(*after) })),
        Event::Reconnected => ("reconnected", JsValue::NULL),
        Event::Retrying { error, after } => ("retrying", to_js(&retrying(error, *after))),
        Event::SteppedOver { from, to } => {
            ("steppedover", to_js(&SteppedOverDetail { from: from.as_seconds(), to: to.as_seconds() }))
        }
        Event::Damaged { stream, url, start, end } => {
            ("damaged", to_js(&DamagedDetail { stream: stream.0, url: url.clone(), start: *start, end: *end }))
        }
        Event::Unchecked(Unchecked::Hashing) => {
            ("unchecked", to_js(&UncheckedDetail { url: None, cause: "context".to_owned() }))
        }
        Event::Unchecked(Unchecked::Table { url, failure, .. }) => {
            ("unchecked", to_js(&UncheckedDetail { url: Some(url.clone()), cause: failure.to_string() }))
        }
        Event::NewCut { id } => ("content-changed", to_js(&NewCutDetail { id: id.clone() })),
        Event::AudioSelected { .. } => ("tracks", JsValue::NULL),
        Event::Complete => ("complete", JsValue::NULL),
        Event::Ended => ("ended", JsValue::NULL),
        Event::Fatal(error) => ("error", problem::of_engine(error)),
        // The engine may learn to say more before the shell does.
        _ => ("engine", JsValue::NULL),
    }
}

fn seek(to: MediaTime, origin: playback::SeekOrigin) -> JsValue {
    to_js(&SeekDetail { to: to.as_seconds(), origin: origin.into() })
}

/// The request is still being retried, so that only the last failure is told and not how often it has failed.
fn retrying(error: &Error, after: Duration) -> RetryingDetail {
    let (code, after) = (error.code(), millis(after));
    match error {
        Error::Network { stream, url, failure, .. } => {
            let (stream, url, failure) = (Some(stream.0), Some(url.clone()), failure.to_string());
            RetryingDetail {
                code,
                stream,
                message: format!("{}: {failure}", url.as_deref().unwrap_or_default()),
                url,
                failure,
                after,
            }
        }
        _ => RetryingDetail {
            code,
            stream: None,
            url: None,
            failure: error.to_string(),
            after,
            message: error.to_string(),
        },
    }
}

/// What is told of a small object whose request is sent again.
pub(crate) fn retrying_object(code: &'static str, url: &str, failure: &Failure, after: Duration) -> JsValue {
    let (failure, after) = (failure.to_string(), millis(after));
    let message = format!("{url}: {failure}");
    to_js(&RetryingDetail { code, stream: None, url: Some(url.to_owned()), failure, after, message })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::Event;

    #[wasm_bindgen_test]
    fn what_a_listener_brings_about_is_told_when_everybody_has_heard_of_its_cause() {
        let outlet = Outlet::new().expect("a target");
        let heard = Rc::new(RefCell::new(Vec::new()));
        let acting = Closure::<dyn FnMut()>::new({
            let outlet = outlet.clone();
            move || outlet.tell("effect", JsValue::NULL)
        });
        let hearing = Closure::<dyn FnMut(Event)>::new({
            let heard = heard.clone();
            move |event: Event| heard.borrow_mut().push(event.type_())
        });
        let listen = |name, listener: &JsValue| {
            outlet.target().add_event_listener_with_callback(name, listener.unchecked_ref()).expect("a listener");
        };
        listen("cause", acting.as_ref());
        for name in ["cause", "effect", "second"] {
            listen(name, hearing.as_ref());
        }
        let inner = outlet.clone();
        outlet.then(move |_| {
            inner.tell("cause", JsValue::NULL);
            inner.tell("second", JsValue::NULL);
        });
        assert_eq!(*heard.borrow(), ["cause", "second", "effect"]);
    }
}
