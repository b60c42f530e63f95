//! What waits until somebody wants to see the film.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::HtmlMediaElement;

/// Opens when the media element is told to play, and stays open.
pub(crate) struct Gate {
    element: HtmlMediaElement,
    state: Rc<State>,
    listener: Closure<dyn FnMut()>,
}

#[derive(Default)]
struct State {
    open: Cell<bool>,
    waiting: RefCell<Vec<Box<dyn FnOnce()>>>,
}

impl Gate {
    /// Closed, unless the element plays already or will do so unasked.
    pub(crate) fn new(element: HtmlMediaElement) -> Self {
        let state = Rc::new(State::default());
        state.open.set(!element.paused() || element.autoplay());
        let listener = Closure::new({
            let state = Rc::downgrade(&state);
            move || {
                if let Some(state) = state.upgrade() {
                    state.open();
                }
            }
        });
        // Adding a listener to an element cannot fail.
        let _ = element.add_event_listener_with_callback("play", listener.as_ref().unchecked_ref());
        Self { element, state, listener }
    }

    /// Opens it.
    pub(crate) fn open(&self) {
        self.state.open();
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state.open.get()
    }

    /// Acts once it is open; never, if it goes before that.
    pub(crate) fn when_open(&self, act: impl FnOnce() + 'static) {
        if self.state.open.get() {
            act();
        } else {
            self.state.waiting.borrow_mut().push(Box::new(act));
        }
    }
}

impl State {
    fn open(&self) {
        self.open.set(true);
        // Taken first: what waits may wait for more.
        let waiting = self.waiting.take();
        waiting.into_iter().for_each(|act| act());
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = self.element.remove_event_listener_with_callback("play", self.listener.as_ref().unchecked_ref());
    }
}
