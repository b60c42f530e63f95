//! Who wanted the element to play, to be paused, to play faster: its events do not say, and come later.
//!
//! What the player does is announced. What happens without having been announced is the viewer's doing, by controls that are the
//! browser's or the page's own.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, HtmlMediaElement};

use crate::announced::Deed;
use crate::border::to_js;
use crate::details::{Origin, OriginDetail, RateDetail};
use crate::events::Outlet;

const EVENTS: [&str; 4] = ["play", "pause", "ratechange", "emptied"];

/// Tells the page of what is done to the element, for as long as the player lives.
pub(crate) struct Deeds {
    element: HtmlMediaElement,
    listener: Closure<dyn FnMut(Event)>,
}

impl Deeds {
    pub(crate) fn watch(element: &HtmlMediaElement, outlet: &Rc<Outlet>) -> Self {
        let listener = Closure::new({
            let (element, outlet) = (element.clone(), outlet.clone());
            move |event: Event| hear(&element, &outlet, &event.type_())
        });
        let deeds = Self { element: element.clone(), listener };
        for event in EVENTS {
            // Adding a listener to an element cannot fail.
            let _ = deeds.element.add_event_listener_with_callback(event, deeds.listener.as_ref().unchecked_ref());
        }
        deeds
    }
}

impl Drop for Deeds {
    fn drop(&mut self) {
        for event in EVENTS {
            let _ = self.element.remove_event_listener_with_callback(event, self.listener.as_ref().unchecked_ref());
        }
    }
}

fn hear(element: &HtmlMediaElement, outlet: &Outlet, event: &str) {
    let announced = &outlet.announced;
    // An element without a film sets its rate back, one whose film has ended pauses: nobody wanted that.
    let own = |is_own| if is_own { Origin::Program } else { Origin::User };
    match event {
        "play" => {
            let origin = announced.take(Deed::Play).unwrap_or(Origin::User);
            outlet.tell("play", to_js(&OriginDetail { origin }));
        }
        "pause" => {
            let origin = announced.take(Deed::Pause).unwrap_or_else(|| own(element.ended()));
            outlet.tell("pause", to_js(&OriginDetail { origin }));
        }
        "ratechange" => {
            let is_empty = element.ready_state() == HtmlMediaElement::HAVE_NOTHING;
            let origin = announced.take(Deed::Rate).unwrap_or_else(|| own(is_empty));
            outlet.tell("rate", to_js(&RateDetail { rate: element.playback_rate(), origin }));
        }
        // What was on its way when the element got another source does not come any more.
        _ => announced.forget(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use js_sys::{Promise, Reflect};
    use std::cell::RefCell;
    use wasm_bindgen::JsValue;
    use wasm_bindgen_futures::JsFuture;
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::CustomEvent;

    use crate::timer::window;

    #[wasm_bindgen_test]
    async fn what_is_not_announced_is_the_viewers_doing() {
        let element = window().document().expect("a document").create_element("video").expect("an element");
        let element: HtmlMediaElement = element.unchecked_into();
        element.set_muted(true);
        let outlet = Outlet::new().expect("a target");
        let deeds = Deeds::watch(&element, &outlet);
        let heard = Rc::new(RefCell::new(Vec::new()));
        let listener = Closure::<dyn FnMut(CustomEvent)>::new({
            let heard = heard.clone();
            move |event: CustomEvent| {
                let origin = Reflect::get(&event.detail(), &"origin".into()).expect("an object");
                heard.borrow_mut().push(format!("{} {}", event.type_(), origin.as_string().unwrap_or_default()));
            }
        });
        for event in ["play", "pause"] {
            let listener = listener.as_ref().unchecked_ref();
            outlet.target().add_event_listener_with_callback(event, listener).expect("a listener");
        }
        let play = |origin: Option<Origin>| {
            if let Some(origin) = origin {
                outlet.announced.play(&element, origin);
            }
            // An element without a film plays, and shows nothing; the pause rejects the promise.
            let known = outlet.clone();
            let rejected = Closure::once(move |thrown: JsValue| known.announced.rejected(&thrown));
            let _ = element.play().expect("it may play").catch(&rejected);
            rejected.forget();
        };
        play(Some(Origin::Party));
        outlet.announced.pause(&element, Origin::Program);
        // What is done twice happens once.
        outlet.announced.pause(&element, Origin::Program);
        // The promise that the pause rejects is not this one's.
        play(Some(Origin::Party));
        breathe().await;
        element.pause().expect("a pause");
        breathe().await;
        // What the browser does not let play has no event.
        outlet.announced.play(&element, Origin::Party);
        let not_allowed = web_sys::DomException::new_with_message_and_name("", "NotAllowedError");
        outlet.announced.rejected(&not_allowed.expect("an exception").into());
        play(None);
        element.pause().expect("a pause");
        breathe().await;
        play(Some(Origin::Party));
        breathe().await;
        outlet.announced.play(&element, Origin::Program);
        element.pause().expect("a pause");
        breathe().await;
        let first = ["play party", "pause program", "play party", "pause user"];
        let expected = [&first[..], &["play user", "pause user", "play party", "pause user"]].concat();
        assert_eq!(*heard.borrow(), expected);
        drop(deeds);
        play(None);
        breathe().await;
        assert_eq!(heard.borrow().len(), expected.len());
    }

    async fn breathe() {
        let wait = Promise::new(&mut |resolve, _| {
            window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 20).expect("a timer");
        });
        JsFuture::from(wait).await.expect("a timer");
    }
}
