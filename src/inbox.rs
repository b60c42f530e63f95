//! What happens outside, on its way to the loop that handles it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use gloo_net::http::Response;
use js_sys::Uint8Array;
use manifest::MediaTime;
use playback::{BufferId, Input, RequestId};
use wasm_bindgen::closure::Closure;

use crate::film_source::FilmSource;

/// Something that happened, on its way to the driver.
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
    /// It is closed: it has failed, or the page has done something to the element.
    SourceClosed,
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

/// A listener of a browser's event.
pub(crate) type Listener = Closure<dyn FnMut()>;

/// Where messages are put by whoever has one. It does not keep alive who handles them.
pub(crate) struct Inbox {
    queue: RefCell<VecDeque<Message>>,
    handler: Weak<dyn Handler>,
}

/// Who handles messages.
pub(crate) trait Handler {
    /// Handles all that are there, unless that is under way already.
    fn handle(&self);
}

impl Inbox {
    pub(crate) fn new(handler: Weak<dyn Handler>) -> Rc<Self> {
        Rc::new(Self { queue: RefCell::default(), handler })
    }

    /// Has a message handled. Where nobody is left to do that, it is forgotten.
    pub(crate) fn post(&self, message: Message) {
        if let Some(handler) = self.handler.upgrade() {
            self.queue.borrow_mut().push_back(message);
            handler.handle();
        }
    }

    /// Takes out the oldest.
    pub(crate) fn take(&self) -> Option<Message> {
        self.queue.borrow_mut().pop_front()
    }

    /// A listener that posts a message.
    pub(crate) fn poster(self: &Rc<Self>, message: impl Fn() -> Message + 'static) -> Listener {
        let inbox = self.clone();
        Closure::new(move || inbox.post(message()))
    }
}
