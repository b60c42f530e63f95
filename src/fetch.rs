//! Requests as the engine wants them: a head, then pieces of the body, one for each read.

use std::rc::Rc;

use gloo_net::http::Response;
use js_sys::{IteratorNext, Promise, Reflect, Uint8Array};
use playback::{Answer, Body, CacheMode, Failure, Fetch, Input, Object, RequestId, ResponseHead};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStream, ReadableStreamByobReader, RequestCache, RequestInit};

use crate::boxes::BoxReader;
use crate::head::head;
use crate::inbox::{Inbox, Message};
use crate::memory::Memory;
use crate::request::{RequestKind, RequestPurpose, Requests, built};
use crate::task::spawn;

/// A request that has not ended.
pub(crate) struct Request {
    pub(crate) object: Object,
    /// First byte asked for.
    pub(crate) start: u64,
    /// Where the next piece belongs.
    pub(crate) body: Body,
    /// Where something ends that is used in one, if that is known.
    pub(crate) until: Option<u64>,
    /// For a chunk without an index.
    pub(crate) boxes: Option<BoxReader>,
    controller: AbortController,
    reader: Option<Reader>,
}

/// Reads a body piece by piece.
struct Reader {
    body: BodyReader,
    /// Whether it reads into memory that it is given. In some browsers bodies are no byte streams.
    takes_memory: bool,
}

#[wasm_bindgen]
extern "C" {
    /// Either reader of the Streams standard, with the `min` that web-sys does not have. Browsers without it ignore it.
    type BodyReader;
    #[wasm_bindgen(method)]
    fn read(this: &BodyReader, view: Option<&Uint8Array>, options: &ReadOptions) -> Promise;

    type ReadOptions;
    #[wasm_bindgen(method, setter)]
    fn set_min(this: &ReadOptions, bytes: f64);
}

impl Reader {
    fn of(body: &ReadableStream) -> Self {
        match ReadableStreamByobReader::new(body) {
            Ok(reader) => Self { body: reader.unchecked_into(), takes_memory: true },
            Err(_) => Self { body: body.get_reader().unchecked_into(), takes_memory: false },
        }
    }

    /// Takes a piece, of at most `most` bytes where the browser can be told, and of at least `least` where it can wait.
    fn read(&self, least: u64, most: u64, memory: &Memory) -> Promise {
        let view = self.takes_memory.then(|| memory.landing(most));
        let length = view.as_ref().map_or(1, Uint8Array::length);
        let least = least.min(length.into()) as f64;
        let options: ReadOptions = js_sys::Object::new().unchecked_into();
        options.set_min(least);
        self.body.read(view.as_ref(), &options)
    }
}

impl Request {
    /// Sends it; [`Message::Response`] or a failure follows.
    pub(crate) fn send(
        fetch: &Fetch,
        url: &str,
        requests: &Requests,
        boxes: Option<BoxReader>,
        inbox: &Rc<Inbox>,
    ) -> Result<Self, JsValue> {
        let controller = AbortController::new()?;
        let url = if fetch.cache == CacheMode::Bypass { unheard_of(url) } else { url.to_owned() };
        let purpose = purpose(fetch.object);
        let builder = requests.builder(&url, purpose).header("Range", &range(fetch)).cache(match fetch.cache {
            CacheMode::Default => RequestCache::Default,
            CacheMode::Unstored => RequestCache::NoStore,
            CacheMode::Reload | CacheMode::Bypass => RequestCache::Reload,
        });
        // Fetch priority is neither in gloo-net nor in web-sys; browsers without it ignore the member.
        let (init, priority) = (RequestInit::new(), if fetch.urgent { "high" } else { "low" });
        init.set_signal(Some(&controller.signal()));
        Reflect::set(&init, &JsValue::from_str("priority"), &JsValue::from_str(priority))?;

        let response = requests.send(built(builder), init, purpose);
        let (request, inbox) = (fetch.request, inbox.clone());
        spawn(async move {
            inbox.post(match response.await {
                Ok(response) => Message::Response { request, response },
                Err(failure) => Message::Input(Input::Answer { request, answer: Answer::Failed(failure) }),
            });
        });
        let (object, start) = (fetch.object, fetch.start);
        Ok(Self { object, start, body: Body::default(), until: None, boxes, controller, reader: None })
    }

    /// The head has come.
    pub(crate) fn respond(&mut self, response: &Response) -> ResponseHead {
        let head = head(response, self.start);
        self.body = Body::new(self.start, head.first_byte());
        self.reader = response.body().as_ref().map(Reader::of);
        head
    }

    /// Takes the next piece, of at least `least` bytes, which need not go beyond `until`; a [`Message::Piece`] or the body's
    /// end or failure follows. The piece lies in memory that was taken from `memory`, and should go back there.
    pub(crate) fn read(
        &mut self,
        request: RequestId,
        until: Option<u64>,
        least: u64,
        memory: &Memory,
        inbox: &Rc<Inbox>,
    ) {
        self.until = until;
        let inbox = inbox.clone();
        let Some(reader) = &self.reader else {
            // An empty body is no body (Fetch standard): it has ended.
            return inbox.post(Message::Input(Input::Answer { request, answer: Answer::End }));
        };
        let most = until.map_or(u64::MAX, |until| until.saturating_sub(self.body.next()).max(1));
        let piece_or_end = JsFuture::from(reader.read(least, most, memory));
        let memory = memory.clone();
        spawn(async move {
            inbox.post(match piece_or_end.await {
                Ok(result) => piece(request, &result, &memory),
                Err(_) => Message::Input(Input::Answer { request, answer: Answer::Failed(Failure::Network) }),
            });
        });
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.controller.abort();
    }
}

fn purpose(object: Object) -> RequestPurpose {
    let (stream, chunk) = object.place();
    let kind = if matches!(object, Object::Table { .. }) { RequestKind::Table } else { RequestKind::Chunk };
    RequestPurpose { kind, stream: Some(stream.0), chunk: Some(chunk.0) }
}

/// An address of the same object that no cache has seen: a query is part of every cache's key.
fn unheard_of(url: &str) -> String {
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}again={:x}", (js_sys::Math::random() * 2_f64.powi(53)) as u64)
}

/// The `Range` field (RFC 9110 section 14.2).
fn range(fetch: &Fetch) -> String {
    match fetch.end {
        Some(end) => format!("bytes={}-{}", fetch.start, end.saturating_sub(1)),
        None => format!("bytes={}-", fetch.start),
    }
}

/// The message for the result of a read. Memory that was given to a read and not filled goes back.
fn piece(request: RequestId, result: &JsValue, memory: &Memory) -> Message {
    let result: &IteratorNext = result.unchecked_ref();
    match result.value().dyn_into::<Uint8Array>() {
        // With the end there may come fewer than were awaited.
        Ok(bytes) if bytes.length() > 0 || !result.done() => return Message::Piece { request, bytes },
        Ok(nothing) => memory.give(nothing.buffer()),
        Err(_) => {}
    }
    Message::Input(Input::Answer { request, answer: Answer::End })
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    async fn a_body_is_read_whether_or_not_it_is_a_stream_of_bytes() {
        let of_chunks = js_sys::eval("new Response(new Blob(['seven']).stream().pipeThrough(new TransformStream()))");
        let of_bytes = js_sys::eval("new Response('seven')");
        // More than there are: what there is comes with the end.
        let of_few_bytes = js_sys::eval("new Response('seven')");
        for (response, least, is_byob) in [(of_bytes, 1, true), (of_few_bytes, 100, true), (of_chunks, 1, false)] {
            let response = Response::from(response.expect("a response").unchecked_into::<web_sys::Response>());
            let reader = Reader::of(&response.body().expect("a body"));
            assert_eq!(reader.takes_memory, is_byob);
            let memory = Memory::default();
            let result = JsFuture::from(reader.read(least, u64::MAX, &memory)).await.expect("a piece");
            let Message::Piece { bytes, .. } = piece(RequestId(0), &result, &memory) else { panic!("no piece") };
            assert_eq!(bytes.to_vec(), b"seven");
            let result = JsFuture::from(reader.read(least, u64::MAX, &memory)).await.expect("the end");
            assert!(matches!(
                piece(RequestId(0), &result, &memory),
                Message::Input(Input::Answer { answer: Answer::End, .. })
            ));
            assert_eq!(memory.blocks(), usize::from(is_byob), "what was not needed went back");
        }
    }

    #[wasm_bindgen_test]
    fn an_address_that_no_cache_has_seen_is_still_that_of_the_object() {
        assert!(unheard_of("https://a/b.mp4").starts_with("https://a/b.mp4?again="));
        assert!(unheard_of("https://a/b.mp4?c=d").starts_with("https://a/b.mp4?c=d&again="));
    }
}
