//! Small objects fetched whole: manifests, inits, subtitles. When to ask, and when to give up, is `playback::Download`'s affair;
//! here are the requests and the bytes.

use std::cell::{Cell, RefCell};

use gloo_net::http::Response;
use js_sys::{Array, IteratorNext, Object, Promise, Uint8Array};
use playback::{Answer, Attempt, Download, Errand, Failure, Now, Options, Trouble};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, RequestCache, RequestInit};

use crate::alarm::Alarm;
use crate::head::head;
use crate::js_error::describe;
use crate::request::{RequestPurpose, Shared, answer, built};
use crate::task::{promise, spawn};
use crate::timer::now;

/// Fetches for one film, until that is closed.
pub(crate) struct Fetcher {
    pub(crate) requests: Shared,
    options: RefCell<Options>,
    alarm: Alarm,
    is_closed: Cell<bool>,
}

/// What is to be fetched.
pub(crate) struct Order {
    pub(crate) from: Source,
    pub(crate) purpose: RequestPurpose,
    pub(crate) cache: RequestCache,
    /// Its length, where it is known.
    pub(crate) expected: Option<u64>,
    /// The most bytes that are read.
    pub(crate) limit: u64,
}

/// Where something is to be had.
#[derive(Clone)]
pub(crate) enum Source {
    /// An absolute address.
    Address(String),
    /// As the page wants it to be asked for.
    Request(web_sys::Request),
    /// An answer that has come already.
    Answer(JsValue),
}

/// What has come.
pub(crate) struct Got {
    pub(crate) bytes: Uint8Array,
    /// From where, in the end; empty where a page has made the answer itself.
    pub(crate) url: String,
}

/// Why nothing has come.
pub(crate) enum Lost {
    /// The film has been closed, or whoever wanted it wants it no more.
    Closed,
    Failed {
        failure: Failure,
        history: Vec<Attempt>,
        /// Where the answer was from, as far as that is known.
        url: String,
    },
}

impl Fetcher {
    pub(crate) fn new(requests: Shared, options: Options) -> Self {
        let (options, alarm) = (RefCell::new(options), Alarm::default());
        Self { requests, options, alarm, is_closed: Cell::default() }
    }

    /// Other options from now on.
    pub(crate) fn configure(&self, options: Options) {
        self.options.replace(options);
    }

    /// Has everything that waits after a failure be tried at once.
    pub(crate) fn hurry(&self) {
        self.alarm.ring();
    }

    /// Aborts everything.
    pub(crate) fn close(&self) {
        self.is_closed.set(true);
        self.alarm.ring();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// What a promise of the page's comes to, if it does so before a request would be given up.
    pub(crate) async fn settle(&self, given: &JsValue) -> Result<JsValue, Failure> {
        let until = now() + self.options.borrow().silence;
        // What it comes to stands in an array, which no bell gives.
        let given = Promise::all(&Array::of(std::slice::from_ref(given)));
        loop {
            match self.await_first(Some(&given), until).await {
                First::Settled(Ok(value)) => return Ok(value.unchecked_into::<Array>().get(0)),
                First::Settled(Err(thrown)) => return Err(Failure::Page(describe(&thrown))),
                First::Rung if !self.is_closed() => {}
                First::Rung | First::Late => return Err(Failure::Silence),
            }
        }
    }

    /// Fetches an object. `tell` hears what goes wrong meanwhile, and says whether it is still wanted.
    pub(crate) async fn fetch(&self, mut order: Order, tell: &dyn Fn(Trouble) -> bool) -> Result<Got, Lost> {
        let mut options = self.options.borrow().clone();
        if matches!(order.from, Source::Answer(_)) {
            // It can be read only once.
            (options.attempts, options.keep_trying) = (1, false);
        }
        let mut download = Download::new(options, order.expected, order.limit);
        let (mut reply, mut url) = (None::<Reply>, String::new());
        loop {
            if self.is_closed() {
                return Err(Lost::Closed);
            }
            match download.poll(now()) {
                Errand::Send => reply = Some(self.send(&mut order)),
                Errand::Tell(trouble) => {
                    if !tell(trouble) {
                        return Err(Lost::Closed);
                    }
                }
                Errand::Done => return reply.map(|reply| Got { bytes: reply.join(), url }).ok_or(Lost::Closed),
                Errand::Over { failure, history } => return Err(Lost::Failed { failure, history, url }),
                Errand::Wait(until) => {
                    if !download.is_open() {
                        // What has been given up is aborted.
                        reply = None;
                    }
                    match (self.await_first(reply.as_ref().map(|reply| &reply.pending), until).await, &mut reply) {
                        (First::Settled(settled), Some(reply)) => {
                            let answer = reply.take(settled, &mut url);
                            download.handle_answer(now(), &answer);
                        }
                        (First::Rung, _) => download.hurry(),
                        (First::Settled(_), None) | (First::Late, _) => {}
                    }
                }
            }
        }
    }

    async fn await_first(&self, pending: Option<&Promise>, until: Now) -> First {
        let bell = self.alarm.until(until);
        let all: Array = pending.into_iter().chain([&bell.promise]).collect();
        match JsFuture::from(Promise::race(&all)).await {
            // Neither is an answer, nor what a body's reader gives.
            Ok(value) if value.is_undefined() => First::Late,
            Ok(value) if value == JsValue::TRUE => First::Rung,
            settled => First::Settled(settled),
        }
    }

    fn send(&self, order: &mut Order) -> Reply {
        let controller = AbortController::new().ok();
        // Nothing stays borrowed while the page's own `fetch` runs.
        let requests = self.requests.borrow().clone();
        let init = RequestInit::new();
        init.set_signal(controller.as_ref().map(AbortController::signal).as_ref());
        let request = match &order.from {
            Source::Answer(given) => {
                return Reply::new(None, Promise::resolve(given));
            }
            Source::Address(address) => built(requests.builder(address, order.purpose).cache(order.cache)),
            Source::Request(request) => {
                let own = RequestInit::new();
                if order.cache != RequestCache::Default {
                    own.set_cache(order.cache);
                }
                let copy = request.clone().and_then(|copy| web_sys::Request::new_with_request_and_init(&copy, &own));
                copy.map_err(|thrown| Failure::Page(describe(&thrown)))
            }
        };
        let response = requests.send(request, init, order.purpose);
        let pending = promise(async {
            match response.await {
                Ok(response) => Ok(web_sys::Response::from(response).into()),
                // As `Reply::take` reads it.
                Err(Failure::Page(what)) => Err(what.into()),
                Err(_) => Err(JsValue::NULL),
            }
        });
        Reply::new(controller, pending)
    }
}

/// What has happened first.
enum First {
    /// What was awaited has come, or will not.
    Settled(Result<JsValue, JsValue>),
    /// Somebody says that it is time to look.
    Rung,
    /// The time is over.
    Late,
}

/// A request under way, and what has come of it.
struct Reply {
    controller: Option<AbortController>,
    /// The head, or the next piece of the body.
    pending: Promise,
    has_head: bool,
    reader: Option<ReadableStreamDefaultReader>,
    pieces: Vec<Uint8Array>,
}

impl Reply {
    fn new(controller: Option<AbortController>, pending: Promise) -> Self {
        Self { controller, pending, has_head: false, reader: None, pieces: Vec::new() }
    }

    /// What has come of what was pending.
    fn take(&mut self, settled: Result<JsValue, JsValue>, url: &mut String) -> Answer {
        let value = match settled {
            Ok(value) => value,
            Err(thrown) => return Answer::Failed(thrown.as_string().map_or(Failure::Network, Failure::Page)),
        };
        if !self.has_head {
            return answer(value).and_then(|response| self.open(&response, url)).unwrap_or_else(Answer::Failed);
        }
        let result: &IteratorNext = value.unchecked_ref();
        match (result.value().dyn_into::<Uint8Array>(), &self.reader) {
            (Ok(bytes), Some(reader)) if !result.done() => {
                self.pending = reader.read();
                let count = bytes.length();
                self.pieces.push(bytes);
                Answer::Bytes(count.into())
            }
            _ => Answer::End,
        }
    }

    /// The head has come.
    fn open(&mut self, response: &Response, url: &mut String) -> Result<Answer, Failure> {
        *url = response.url();
        self.has_head = true;
        // An empty body is no body (Fetch standard): the object there stands for its end.
        self.pending = Promise::resolve(&JsValue::from(Object::new()));
        if let Some(body) = response.body() {
            let reader = ReadableStreamDefaultReader::new(&body);
            let reader = reader.map_err(|_| Failure::Page("the answer has been read already".to_owned()))?;
            self.pending = reader.read();
            self.reader = Some(reader);
        }
        Ok(Answer::Head(head(response, 0)))
    }

    /// All pieces in one.
    fn join(&self) -> Uint8Array {
        if let [piece] = &self.pieces[..] {
            return piece.clone();
        }
        let whole = Uint8Array::new_with_length(self.pieces.iter().map(Uint8Array::length).sum());
        let mut at = 0;
        for piece in &self.pieces {
            whole.set(piece, at);
            at += piece.length();
        }
        whole
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        // A read that nobody awaits any more rejects now, which is no news to the page.
        let pending = JsFuture::from(self.pending.clone());
        spawn(async { drop(pending.await) });
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use js_sys::eval;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    /// Also if the network comes back meanwhile, and whatever it comes to.
    #[wasm_bindgen_test]
    async fn what_a_page_promises_is_waited_for() {
        let fetcher = Rc::new(Fetcher::new(Shared::default(), Options::default()));
        for value in ["true", "undefined", "7"] {
            let ringing = fetcher.clone();
            spawn(async move { ringing.hurry() });
            let later = format!("new Promise((done) => setTimeout(done, 30, {value}))");
            let settled = fetcher.settle(&eval(&later).expect("a promise")).await;
            assert_eq!(settled.ok(), eval(value).ok());
        }
        let never = eval("new Promise(() => {})").expect("a promise");
        let closing = fetcher.clone();
        spawn(async move { closing.close() });
        assert!(matches!(fetcher.settle(&never).await, Err(Failure::Silence)));
    }
}
