//! The only loop: messages in, one after the other, and what the engine says of them to the page.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::Uint8Array;
use manifest::MediaTime;
use playback::{BufferId, Event, Input, Options, RequestId};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{EventTarget, HtmlMediaElement, Response};

use crate::driver::Driver;
use crate::events::{self, Detailed};
use crate::film_source::FilmSource;
use crate::flow;
use crate::state::State;

/// What happened.
pub(crate) enum Message {
    /// A fact that needs no more than handing on.
    Input(Input),
    /// The media element has something to show.
    Sample,
    /// The time that the engine waited for has come.
    Timer,
    /// The film plays on. Browsers say so where they hold timers back, in hidden pages.
    Passing,
    /// The MediaSource is open.
    SourceOpen,
    /// A managed SourceBuffer has dropped something by itself.
    Dropped { buffer: BufferId },
    /// A SourceBuffer's operation is over.
    Updated { buffer: BufferId, failed: bool },
    /// A head has come.
    Response { request: RequestId, response: Response },
    /// A piece of a body has come.
    Piece { request: RequestId, bytes: Uint8Array },
    /// The film is known.
    Film(Box<FilmSource>),
    /// It is wanted from there on.
    Begin { at: MediaTime },
}

/// What the browser calls when something happens.
pub(crate) type Listener = Closure<dyn FnMut()>;

/// Where messages are put by whoever has one. Posting handles them, unless that is under way already.
pub(crate) struct Mailbox {
    queue: RefCell<VecDeque<Message>>,
    driver: RefCell<Option<Driver>>,
    /// What the page listens to.
    target: EventTarget,
    state: Cell<State>,
}

impl Mailbox {
    /// A driver for `element`, and the box through which it is reached.
    pub(crate) fn open(element: HtmlMediaElement, target: EventTarget, options: Options) -> Result<Rc<Self>, JsValue> {
        let mailbox = Rc::new(Self {
            queue: RefCell::default(),
            driver: RefCell::default(),
            target,
            state: Cell::new(State::Loading),
        });
        let driver = Driver::attach(element, &mailbox, options)?;
        mailbox.driver.replace(Some(driver));
        Ok(mailbox)
    }

    /// Hands in what happened. Without a driver it is forgotten.
    pub(crate) fn post(&self, message: Message) {
        self.queue.borrow_mut().push_back(message);
        while let Some((told, beside)) = self.handle_next() {
            self.tell(told);
            if let Some((name, detail)) = beside {
                events::dispatch(&self.target, name, &detail);
            }
        }
    }

    /// What the player is doing.
    pub(crate) fn state(&self) -> State {
        self.state.get()
    }

    /// Tells the page what the player is doing.
    pub(crate) fn announce(&self) {
        events::dispatch(&self.target, "state", &events::object(&[("state", self.state().name().into())]));
    }

    fn enter(&self, state: State) {
        if self.state.replace(state) != state {
            self.announce();
        }
    }

    /// There is no film: `error` says why.
    pub(crate) fn fail(&self, error: &JsValue) {
        self.tell_one(State::Failed, "error", error);
    }

    /// Tries again after a fatal error.
    pub(crate) fn resume(&self) {
        if self.state() == State::Failed && self.look(|driver| driver.film().is_some()).unwrap_or_default() {
            self.enter(State::Ready);
        }
        self.post(Message::Input(Input::Retry));
    }

    /// Handles one message. `None` when there is none, or when a call further out is handling one: its loop goes on.
    ///
    /// Gives back what the engine tells the page, and what the shell does: that a buffer changed or an answer came.
    fn handle_next(&self) -> Option<(Vec<Event>, Option<Detailed>)> {
        let mut driver = self.driver.try_borrow_mut().ok()?;
        let message = self.queue.borrow_mut().pop_front()?;
        let Some(driver) = driver.as_mut() else { return Some((Vec::new(), None)) };
        let answer = match &message {
            Message::Response { request, response } => {
                driver.request(*request).map(|known| flow::answer(known, response))
            }
            _ => None,
        };
        let changes = matches!(message, Message::Updated { .. });
        let told = driver.handle(message);
        let change = changes.then(|| driver.read(flow::ahead));
        Some((told, answer.map(|detail| ("response", detail)).or(change.map(|detail| ("buffer", detail)))))
    }

    /// The page's listeners run while the driver is free: they may seek, or close it.
    fn tell(&self, told: Vec<Event>) {
        for event in told {
            if !self.is_attached() {
                break;
            }
            let (name, detail) = events::describe(&event);
            self.tell_one(self.state().after(&event), name, &detail);
        }
    }

    /// Tells of an event, and then of the state that it leads to, if it still does: the event's listeners may have loaded
    /// another film or tried again.
    fn tell_one(&self, state: State, name: &str, detail: &JsValue) {
        let is_new = self.state.replace(state) != state;
        events::dispatch(&self.target, name, detail);
        if is_new && self.state() == state && self.is_attached() {
            self.announce();
        }
    }

    fn is_attached(&self) -> bool {
        self.read(|_| ()).is_some()
    }

    /// Ends the driver: every request, listener and buffer goes with it.
    pub(crate) fn close(&self) {
        if let Ok(mut driver) = self.driver.try_borrow_mut() {
            driver.take();
        }
    }

    /// Reads something off the engine.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&playback::Player) -> T) -> Option<T> {
        self.look(|driver| driver.read(read))
    }

    /// Looks at the driver.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Driver) -> T) -> Option<T> {
        self.driver.try_borrow().ok()?.as_ref().map(look)
    }

    /// A listener that posts a message. It does not keep the mailbox alive.
    pub(crate) fn poster(mailbox: &Rc<Self>, message: impl Fn() -> Message + 'static) -> Listener {
        let mailbox = Rc::downgrade(mailbox);
        Closure::new(move || {
            if let Some(mailbox) = mailbox.upgrade() {
                mailbox.post(message());
            }
        })
    }
}
