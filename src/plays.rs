//! What `play` has promised and not kept yet: a browser leaves a promise open for as long as there is nothing to play.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlMediaElement;

use crate::details::Origin;
use crate::events::Outlet;
use crate::js_error;
use crate::problem::{Refusal, browser};

/// What is to play, and who wants that.
pub(crate) struct Playing {
    pub(crate) element: HtmlMediaElement,
    pub(crate) outlet: Rc<Outlet>,
    pub(crate) origin: Origin,
}

impl Playing {
    fn play(&self) -> Result<Promise, JsValue> {
        self.outlet.announced.play(&self.element, self.origin);
        self.element.play()
    }
}

/// The promises of one film.
#[derive(Default)]
pub(crate) struct Plays {
    count: Cell<u32>,
    /// The functions that reject them.
    open: RefCell<Vec<(u32, Function)>>,
    /// Why the film has failed last.
    failure: RefCell<Option<JsValue>>,
}

impl Plays {
    /// What comes of playing: see `PlayResult` in the types. Without a gesture it is tried once more without sound, if it is
    /// still wanted; where not even that may be, an event tells programs what helps.
    pub(crate) async fn settle(
        &self,
        how: &Playing,
        playing: Promise,
        is_wanted: impl Fn() -> bool,
    ) -> Result<&'static str, JsValue> {
        let element = &how.element;
        if self.begins(how, Ok(playing)).await? {
            return Ok("playing");
        }
        if !is_wanted() {
            return Err(Refusal::Superseded.into());
        }
        let was_muted = element.muted();
        element.set_muted(true);
        let muted = self.begins(how, how.play()).await;
        if !matches!(muted, Ok(true)) {
            element.set_muted(was_muted);
        }
        if muted? {
            return Ok("muted");
        }
        how.outlet.tell("error", Refusal::Gesture.into());
        Ok("blocked")
    }

    /// `false` if the browser wants a gesture first.
    async fn begins(&self, how: &Playing, mut playing: Result<Promise, JsValue>) -> Result<bool, JsValue> {
        loop {
            let promise = playing.map_err(|thrown| browser(&thrown))?;
            let Err(thrown) = self.unless_given_up(promise).await else { return Ok(true) };
            how.outlet.announced.rejected(&thrown);
            match js_error::name(&thrown).as_deref() {
                Some("NotAllowedError") => return Ok(false),
                // Another MediaSource has taken the place of one that failed, and plays on.
                Some("AbortError") if !how.element.paused() => playing = how.play(),
                Some("AbortError") => return Err(Refusal::Superseded.into()),
                Some("PlayerError") => return Err(thrown),
                _ => return Err(browser(&thrown)),
            }
        }
    }

    async fn unless_given_up(&self, playing: Promise) -> Result<JsValue, JsValue> {
        let number = self.count.get().wrapping_add(1);
        self.count.set(number);
        let given_up = Promise::new(&mut |_, reject| self.open.borrow_mut().push((number, reject)));
        let settled = JsFuture::from(first(playing, given_up)).await;
        self.open.borrow_mut().retain(|(open, _)| *open != number);
        settled
    }

    /// `playing` of a film that has failed: it comes to that.
    pub(crate) fn or_failure(&self, playing: Promise) -> Promise {
        let failure = self.failure.borrow().as_ref().map(Promise::reject);
        match failure {
            Some(failure) => first(playing, failure),
            None => playing,
        }
    }

    /// Gives up all that are open.
    pub(crate) fn give_up(&self, why: &JsValue) {
        // Taken first: what waits for them may play again.
        for (_, reject) in self.open.take() {
            // A promise's own function does not throw.
            let _ = reject.call1(&JsValue::UNDEFINED, why);
        }
    }

    /// The film has failed.
    pub(crate) fn fail(&self, why: &JsValue) {
        self.failure.replace(Some(why.clone()));
        self.give_up(why);
    }
}

/// What the first of both comes to. The other may reject later without anybody having to handle that.
fn first(one: Promise, other: Promise) -> Promise {
    Promise::race(&Array::of(&[JsValue::from(one), other.into()]))
}
