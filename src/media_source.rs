//! MediaSource and its SourceBuffers.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Function, Reflect, Uint8Array};
use manifest::MediaTime;
use playback::{OpenStream, Ranges, StreamId};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlMediaElement, MediaSource, MediaSourceReadyState, SourceBuffer, Url};

use crate::mailbox::{Listener, Mailbox, Message};
use crate::managed::Managed;

/// A MediaSource for as long as it feeds a media element.
pub(crate) struct Media {
    element: HtmlMediaElement,
    source: MediaSource,
    url: String,
    buffers: Vec<Buffer>,
    on_open: Listener,
    _managed: Option<Managed>,
}

struct Buffer {
    /// Whose it is; its listeners ask.
    stream: Rc<Cell<StreamId>>,
    buffer: SourceBuffer,
    on_end: Listener,
    on_error: Listener,
    on_drop: Listener,
}

impl Media {
    /// Whether this browser has what the player is built on.
    pub(crate) fn is_available() -> bool {
        constructor().is_some()
    }

    /// Whether it plays media of that type.
    pub(crate) fn supports(mime: &str) -> bool {
        let ask = |constructor: &Function| {
            let method = Reflect::get(constructor, &JsValue::from_str("isTypeSupported"))?;
            method.dyn_ref::<Function>().ok_or(JsValue::NULL)?.call1(constructor, &JsValue::from_str(mime))
        };
        constructor().is_some_and(|(constructor, _)| ask(&constructor).is_ok_and(|answer| answer.is_truthy()))
    }

    /// Gives `element` a new MediaSource; [`Message::SourceOpen`] follows.
    pub(crate) fn attach(element: HtmlMediaElement, mailbox: &Rc<Mailbox>) -> Result<Self, JsValue> {
        let (constructor, is_managed) = constructor().ok_or("this browser has no MediaSource")?;
        let source: MediaSource = Reflect::construct(&constructor, &Array::new())?.unchecked_into();
        let managed = is_managed.then(|| Managed::attach(&element, &source, mailbox));
        let on_open = Mailbox::poster(mailbox, || Message::SourceOpen);
        source.add_event_listener_with_callback("sourceopen", on_open.as_ref().unchecked_ref())?;
        let url = Url::create_object_url_with_source(&source)?;
        element.set_src(&url);
        Ok(Self { element, source, url, buffers: Vec::new(), on_open, _managed: managed })
    }

    /// Whether a stream has a SourceBuffer.
    pub(crate) fn has_buffer(&self, stream: StreamId) -> bool {
        self.buffer(stream).is_ok()
    }

    pub(crate) fn is_open(&self) -> bool {
        self.source.ready_state() == MediaSourceReadyState::Open
    }

    /// Makes the SourceBuffers. The error names the type that this browser does not take.
    pub(crate) fn open(
        &mut self,
        streams: &[OpenStream],
        duration: Option<MediaTime>,
        mailbox: &Rc<Mailbox>,
    ) -> Result<(), String> {
        for OpenStream { stream, mime } in streams {
            let buffer = Buffer::make(&self.source, *stream, mime, mailbox).map_err(|_| mime.clone())?;
            self.buffers.push(buffer);
        }
        if let Some(duration) = duration {
            // Open, and nothing is being updated: this cannot fail.
            self.source.set_duration(duration.as_seconds());
        }
        Ok(())
    }

    pub(crate) fn append(&self, stream: StreamId, bytes: &Uint8Array) -> Result<(), JsValue> {
        self.buffer(stream)?.append_buffer_with_array_buffer_view(bytes)
    }

    pub(crate) fn remove(&self, stream: StreamId, from: MediaTime, to: MediaTime) -> Result<(), JsValue> {
        let to = if to == MediaTime::MAX { f64::INFINITY } else { to.as_seconds() };
        self.buffer(stream)?.remove(from.as_seconds(), to)
    }

    pub(crate) fn reset_parser(&self, stream: StreamId) -> Result<(), JsValue> {
        // An ended MediaSource has no parser in the middle of anything, and would throw.
        if self.is_open() { self.buffer(stream)?.abort() } else { Ok(()) }
    }

    /// The SourceBuffer of `from` is that of `to` from now on.
    pub(crate) fn switch(&self, from: StreamId, to: StreamId) -> Result<(), JsValue> {
        self.find(from).map(|known| known.stream.set(to))
    }

    pub(crate) fn change_type(&self, stream: StreamId, mime: &str) -> Result<(), JsValue> {
        self.buffer(stream)?.change_type(mime)
    }

    pub(crate) fn set_timestamp_offset(&self, stream: StreamId, offset: MediaTime) -> Result<(), JsValue> {
        // As bound, the setter would let an exception through: an ended MediaSource is opened again by it.
        let (name, value) = (JsValue::from_str("timestampOffset"), JsValue::from_f64(offset.as_seconds()));
        js_sys::Reflect::set(self.buffer(stream)?, &name, &value).map(drop)
    }

    pub(crate) fn set_duration(&self, duration: MediaTime) {
        self.source.set_duration(duration.as_seconds());
    }

    pub(crate) fn end_of_stream(&self) -> Result<(), JsValue> {
        if self.is_open() { self.source.end_of_stream() } else { Ok(()) }
    }

    /// `SourceBuffer.buffered`.
    pub(crate) fn buffered(&self, stream: StreamId) -> Ranges {
        let Ok(ranges) = self.buffer(stream).and_then(SourceBuffer::buffered) else { return Ranges::default() };
        let edge = |at: Result<f64, JsValue>| at.ok().and_then(MediaTime::from_seconds);
        Ranges::new((0..ranges.length()).filter_map(|at| edge(ranges.start(at)).zip(edge(ranges.end(at)))))
    }

    fn buffer(&self, stream: StreamId) -> Result<&SourceBuffer, JsValue> {
        self.find(stream).map(|known| &known.buffer)
    }

    fn find(&self, stream: StreamId) -> Result<&Buffer, JsValue> {
        let known = self.buffers.iter().find(|known| known.stream.get() == stream);
        known.ok_or_else(|| js_sys::Error::new("the stream has no SourceBuffer").into())
    }
}

/// The browser's MediaSource, and whether it is a managed one. Where there are both, the managed one knows better what
/// the device can afford; an iPhone has no other.
fn constructor() -> Option<(Function, bool)> {
    let get = |name| Reflect::get(&js_sys::global(), &JsValue::from_str(name)).ok()?.dyn_into::<Function>().ok();
    let managed = get("ManagedMediaSource").map(|constructor| (constructor, true));
    managed.or_else(|| Some((get("MediaSource")?, false)))
}

impl Buffer {
    fn make(source: &MediaSource, stream: StreamId, mime: &str, mailbox: &Rc<Mailbox>) -> Result<Self, JsValue> {
        let buffer = source.add_source_buffer(mime)?;
        // `error` comes before the `updateend` of the same operation.
        let failed = Rc::new(Cell::new(false));
        let on_error = Closure::new({
            let failed = failed.clone();
            move || failed.set(true)
        });
        let stream = Rc::new(Cell::new(stream));
        let whose = stream.clone();
        let on_end = Mailbox::poster(mailbox, move || Message::Updated { stream: whose.get(), failed: failed.take() });
        let whose = stream.clone();
        let on_drop = Mailbox::poster(mailbox, move || Message::Dropped { stream: whose.get() });
        let made = Self { stream, buffer, on_end, on_error, on_drop };
        for (event, listener) in made.listeners() {
            made.buffer.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref())?;
        }
        Ok(made)
    }

    /// Only a managed one (ManagedMediaSource) ever says `bufferedchange`.
    fn listeners(&self) -> [(&'static str, &Listener); 3] {
        [("error", &self.on_error), ("updateend", &self.on_end), ("bufferedchange", &self.on_drop)]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        for (event, listener) in self.listeners() {
            let _ = self.buffer.remove_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
        }
    }
}

impl Drop for Media {
    fn drop(&mut self) {
        let open = self.on_open.as_ref().unchecked_ref();
        let _ = self.source.remove_event_listener_with_callback("sourceopen", open);
        let _ = Url::revoke_object_url(&self.url);
        // The host may have given its element another source meanwhile.
        if self.element.src() == self.url {
            let _ = self.element.remove_attribute("src");
            self.element.load();
        }
    }
}
