//! MediaSource and its SourceBuffers.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Reflect, Uint8Array};
use manifest::MediaTime;
use playback::{BufferId, Ranges};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlMediaElement, MediaSource, SourceBuffer, Url};

use crate::border::text;
use crate::inbox::{Inbox, Listener, Message};
use crate::managed::Managed;
use crate::support;

/// A MediaSource for as long as it feeds a media element.
pub(crate) struct Media {
    element: HtmlMediaElement,
    source: MediaSource,
    url: String,
    buffers: Vec<Buffer>,
    /// With the events that they listen to.
    listeners: [(&'static str, Listener); 2],
    managed: Option<Managed>,
}

struct Buffer {
    buffer: SourceBuffer,
    /// The type that it was made for.
    mime: String,
    on_end: Listener,
    on_error: Listener,
    on_drop: Listener,
}

impl Media {
    /// Gives `element` a new MediaSource; [`Message::SourceOpen`] follows.
    pub(crate) fn attach(element: HtmlMediaElement, inbox: &Rc<Inbox>) -> Result<Self, JsValue> {
        let (constructor, is_managed) = support::media_source().ok_or("this browser has no MediaSource")?;
        let source: MediaSource = Reflect::construct(&constructor, &Array::new())?.unchecked_into();
        let managed = is_managed.then(|| Managed::attach(&element, &source, inbox));
        let listeners = [
            ("sourceopen", inbox.poster(|| Message::SourceOpen)),
            ("sourceclose", inbox.poster(|| Message::SourceClosed)),
        ];
        for (event, listener) in &listeners {
            source.add_event_listener_with_callback(event, listener.as_ref().unchecked_ref())?;
        }
        let url = Url::create_object_url_with_source(&source)?;
        if has_object(&element) {
            // It would count more than an address.
            set(&element, OBJECT, &JsValue::NULL)?;
        }
        element.set_src(&url);
        Ok(Self { element, source, url, buffers: Vec::new(), listeners, managed })
    }

    /// Whether it has been given SourceBuffers.
    pub(crate) fn is_used(&self) -> bool {
        !self.buffers.is_empty()
    }

    /// Whether the element has this source and no other.
    pub(crate) fn is_attached(&self) -> bool {
        self.element.src() == self.url && !has_object(&self.element)
    }

    /// Whether the element has been loaded anew, or with another source: the SourceBuffers are gone, and no decoder is to blame.
    pub(crate) fn is_emptied(&self) -> bool {
        self.is_used() && self.source.source_buffers().length() == 0 && self.element.error().is_none()
    }

    /// Gives the element another MediaSource; [`Message::SourceOpen`] follows. The one before is let go first: what a managed
    /// one changes about the element has to be changed back before the next one does the same.
    pub(crate) fn reopen(&mut self, inbox: &Rc<Inbox>) -> Result<(), JsValue> {
        self.let_go();
        *self = Self::attach(self.element.clone(), inbox)?;
        Ok(())
    }

    fn let_go(&mut self) {
        self.buffers.clear();
        self.managed = None;
        for (event, listener) in &self.listeners {
            let _ = self.source.remove_event_listener_with_callback(event, listener.as_ref().unchecked_ref());
        }
        let _ = Url::revoke_object_url(&self.url);
        // The host may have given its element another source meanwhile.
        if self.element.src() == self.url {
            let _ = self.element.remove_attribute("src");
            if !has_object(&self.element) {
                self.element.load();
            }
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        text(&self.source, "readyState").as_deref() == Some("open")
    }

    /// Makes the SourceBuffers. The error names the type that this browser does not take.
    pub(crate) fn open(
        &mut self,
        mimes: &[String],
        duration: Option<MediaTime>,
        inbox: &Rc<Inbox>,
    ) -> Result<(), String> {
        for (at, mime) in mimes.iter().enumerate() {
            let buffer = Buffer::make(&self.source, BufferId(at), mime, inbox).map_err(|_| mime.clone())?;
            self.buffers.push(buffer);
        }
        // Open, and nothing is being updated: this cannot fail.
        let _ = duration.map(|duration| self.set_duration(duration));
        Ok(())
    }

    pub(crate) fn append(&self, buffer: BufferId, bytes: &Uint8Array) -> Result<(), JsValue> {
        self.buffer(buffer)?.append_buffer_with_array_buffer_view(bytes)
    }

    pub(crate) fn remove(&self, buffer: BufferId, from: MediaTime, to: MediaTime) -> Result<(), JsValue> {
        let to = if to == MediaTime::MAX { f64::INFINITY } else { to.as_seconds() };
        // Beyond the end MSE refuses.
        let from = from.as_seconds().min(self.source.duration());
        self.buffer(buffer)?.remove(from, to)
    }

    pub(crate) fn reset_parser(&self, buffer: BufferId) -> Result<(), JsValue> {
        let buffer = self.buffer(buffer)?;
        if !self.is_open() {
            // It would throw. This opens an ended one again.
            set(buffer, "timestampOffset", &buffer.timestamp_offset().into())?;
        }
        buffer.abort()
    }

    /// Whether the SourceBuffer takes media of that type from now on. WebKitGTK has no method for it, and needs none within a family
    /// of codecs.
    pub(crate) fn change_type(&self, buffer: BufferId, mime: &str) -> bool {
        let known = self.buffers.get(buffer.0);
        known.is_none_or(|known| known.buffer.change_type(mime).is_ok() || family(&known.mime) == family(mime))
    }

    pub(crate) fn set_timestamp_offset(&self, buffer: BufferId, offset: MediaTime) -> Result<(), JsValue> {
        // An ended MediaSource is opened again by it.
        set(self.buffer(buffer)?, "timestampOffset", &offset.as_seconds().into())
    }

    pub(crate) fn set_duration(&self, duration: MediaTime) -> Result<(), JsValue> {
        set(&self.source, "duration", &duration.as_seconds().into())
    }

    pub(crate) fn end_of_stream(&self) -> Result<(), JsValue> {
        if self.is_open() { self.source.end_of_stream() } else { Ok(()) }
    }

    /// `SourceBuffer.buffered`.
    pub(crate) fn buffered(&self, buffer: BufferId) -> Ranges {
        let Ok(ranges) = self.buffer(buffer).and_then(SourceBuffer::buffered) else { return Ranges::default() };
        let edge = |at: Result<f64, JsValue>| at.ok().and_then(MediaTime::from_seconds);
        Ranges::new((0..ranges.length()).filter_map(|at| edge(ranges.start(at)).zip(edge(ranges.end(at)))))
    }

    fn buffer(&self, id: BufferId) -> Result<&SourceBuffer, JsValue> {
        let known = self.buffers.get(id.0).map(|known| &known.buffer);
        known.ok_or_else(|| js_sys::Error::new("there is no such SourceBuffer").into())
    }
}

/// The container, and the first codec without its profile, which has four letters: `audio/mp4; codecs="mp4a`.
fn family(mime: &str) -> Option<&str> {
    mime.get(..23)
}

/// Where an element has a source that has no address.
const OBJECT: &str = "srcObject";

fn has_object(element: &HtmlMediaElement) -> bool {
    Reflect::get(element, &JsValue::from_str(OBJECT)).is_ok_and(|object| object.is_object())
}

/// Sets a member. As bound, setters would let exceptions through.
fn set(object: &JsValue, name: &str, value: &JsValue) -> Result<(), JsValue> {
    Reflect::set(object, &JsValue::from_str(name), value).map(drop)
}

impl Buffer {
    fn make(source: &MediaSource, id: BufferId, mime: &str, inbox: &Rc<Inbox>) -> Result<Self, JsValue> {
        let buffer = source.add_source_buffer(mime)?;
        // `error` comes before the `updateend` of the same operation.
        let failed = Rc::new(Cell::new(false));
        let on_error = Closure::new({
            let failed = failed.clone();
            move || failed.set(true)
        });
        let on_end = inbox.poster(move || Message::Updated { buffer: id, failed: failed.take() });
        let on_drop = inbox.poster(move || Message::Dropped { buffer: id });
        let made = Self { buffer, mime: mime.to_owned(), on_end, on_error, on_drop };
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
        self.let_go();
    }
}
