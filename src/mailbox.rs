//! The only loop: messages in, one after the other, and what the engine says of them to the page.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use playback::{Event, Input, Options};
use wasm_bindgen::JsValue;
use web_sys::{EventTarget, HtmlMediaElement};

use crate::border::to_js;
use crate::details::StateDetail;
use crate::download::Fetcher;
use crate::driver::Driver;
use crate::events::{self, Detailed, Outlet};
use crate::flow;
use crate::inbox::{Handler, Inbox, Message};
use crate::plays::Plays;
use crate::problem::Refusal;
use crate::state::{Doing, PlayerState};

/// One driver, and what is told of it.
pub(crate) struct Mailbox {
    inbox: Rc<Inbox>,
    driver: RefCell<Option<Driver>>,
    /// Itself, for what is told later.
    me: Weak<Self>,
    outlet: Rc<Outlet>,
    doing: Cell<Doing>,
    plays: Rc<Plays>,
}

impl Mailbox {
    /// A driver for `element`, and the box through which it is reached.
    pub(crate) fn open(
        element: HtmlMediaElement,
        outlet: Rc<Outlet>,
        options: Options,
        fetcher: Rc<Fetcher>,
    ) -> Result<Rc<Self>, JsValue> {
        let mailbox = Rc::new_cyclic(|me: &Weak<Self>| Self {
            inbox: Inbox::new(me.clone()),
            driver: RefCell::default(),
            me: me.clone(),
            outlet: outlet.clone(),
            doing: Cell::default(),
            plays: Rc::default(),
        });
        let driver = Driver::attach(element, &mailbox.inbox, outlet, options, fetcher)?;
        mailbox.driver.replace(Some(driver));
        Ok(mailbox)
    }

    /// Hands in what happened, and tells the page what comes of it.
    pub(crate) fn post(&self, message: Message) {
        self.inbox.post(message);
    }

    /// Acts once all has been told that happened before, if there still is a driver by then.
    fn later(&self, act: impl FnOnce(&Self, &EventTarget) + 'static) {
        let me = self.me.clone();
        self.outlet.then(move |target| {
            if let Some(mailbox) = me.upgrade().filter(|mailbox| mailbox.is_attached()) {
                act(&mailbox, target);
            }
        });
    }

    /// What the player is doing.
    pub(crate) fn state(&self) -> PlayerState {
        self.doing.get().state()
    }

    /// What `play` has promised.
    pub(crate) fn plays(&self) -> Rc<Plays> {
        self.plays.clone()
    }

    /// Tells the page what the player is doing.
    pub(crate) fn announce(&self) {
        self.later(Self::tell_state);
    }

    fn tell_state(&self, target: &EventTarget) {
        events::dispatch(target, "state", &to_js(&StateDetail { state: self.state() }));
    }

    /// There is no film: `error` says why.
    pub(crate) fn fail(&self, error: &JsValue) {
        let error = error.clone();
        self.later(move |mailbox, target| mailbox.tell_one(mailbox.doing.get().failed(), "error", &error, target));
    }

    /// There is a film after all, though it has been said that there is none.
    pub(crate) fn reconnect(&self) {
        self.later(|mailbox, target| {
            mailbox.tell_one(mailbox.doing.get().tried_again(), "reconnected", &JsValue::NULL, target);
        });
    }

    pub(crate) fn try_again(&self) {
        self.doing.set(self.doing.get().tried_again());
        self.announce();
    }

    /// Tries again after a fatal error.
    pub(crate) fn resume(&self) {
        if self.state() == PlayerState::Failed && self.look(|driver| driver.film().is_some()).unwrap_or_default() {
            self.try_again();
        }
        self.post(Message::Input(Input::Retry));
    }

    /// Handles one message. `None` when there is none, or when a call further out is handling one: its loop goes on.
    ///
    /// Gives back what the engine tells the page, and what the shell does: that a buffer changed or an answer came.
    fn handle_next(&self) -> Option<(Vec<Event>, Option<Detailed>)> {
        let mut driver = self.driver.try_borrow_mut().ok()?;
        let message = self.inbox.take()?;
        let Some(driver) = driver.as_mut() else { return Some((Vec::new(), None)) };
        let answer = match &message {
            Message::Response { request, response } => {
                driver.request(*request).map(|known| to_js(&flow::answer(known, response)))
            }
            _ => None,
        };
        let changes = matches!(message, Message::Updated { .. });
        let told = driver.handle(message);
        let change = changes.then(|| to_js(&driver.read(flow::ahead)));
        Some((told, answer.map(|detail| ("response", detail)).or(change.map(|detail| ("buffer", detail)))))
    }

    /// The page's listeners run while the driver is free: they may seek, or close it.
    fn tell(&self, event: &Event, target: &EventTarget) {
        let (name, detail) = events::describe(event);
        self.tell_one(self.doing.get().after(event), name, &detail, target);
    }

    /// Tells of an event, and then of the state that it leads to, if it still does: the event's listeners may have loaded
    /// another film or tried again.
    fn tell_one(&self, doing: Doing, name: &str, detail: &JsValue, target: &EventTarget) {
        let state = doing.state();
        let is_new = self.doing.replace(doing).state() != state;
        events::dispatch(target, name, detail);
        if self.state() != state || !self.is_attached() {
            return;
        }
        if is_new {
            self.tell_state(target);
        }
        if name == "error" {
            self.plays.fail(detail);
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
        self.plays.give_up(&Refusal::Superseded.into());
    }

    /// Reads something off the engine.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&playback::Player) -> T) -> Option<T> {
        self.look(|driver| driver.read(read))
    }

    /// Looks at the driver.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Driver) -> T) -> Option<T> {
        self.driver.try_borrow().ok()?.as_ref().map(look)
    }
}

impl Handler for Mailbox {
    fn handle(&self) {
        while let Some((told, beside)) = self.handle_next() {
            for event in told {
                self.later(move |mailbox, target| mailbox.tell(&event, target));
            }
            if let Some((name, detail)) = beside {
                self.later(move |_, target| events::dispatch(target, name, &detail));
            }
        }
    }
}
