//! What reads films without an index, for browsers: a module of its own, since most films have one.
//!
//! The engine holds a `Stream` for each stream and a `Reader` for each request. Numbers cross as JavaScript has them: bytes
//! and microseconds below 2⁵³.
//!
//! Natively this crate is empty.
#![cfg(target_arch = "wasm32")]

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use manifest::{ChunkIndex, Kind};
use unindexed::{ChunkReader, Found, InitId, Inits};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// The browser's MediaSource or ManagedMediaSource.
    #[derive(Clone)]
    pub type Source;
    #[wasm_bindgen(method, js_name = isTypeSupported)]
    fn supports(this: &Source, mime: &str) -> bool;
}

/// What the chunks of one stream have told.
#[wasm_bindgen]
pub struct Stream {
    source: Source,
    inits: Rc<RefCell<Inits>>,
    /// Of the chunk that is being fetched. A request may end within a box, and the next one goes on there.
    current: Option<Rc<RefCell<ChunkReader>>>,
}

/// Reads the bytes of one chunk as they come.
#[wasm_bindgen]
pub struct Reader {
    source: Source,
    inits: Rc<RefCell<Inits>>,
    reader: Rc<RefCell<ChunkReader>>,
}

/// A stream of which nothing is known yet.
#[wasm_bindgen]
#[must_use]
pub fn stream(source: Source) -> Stream {
    Stream { source, inits: Rc::default(), current: None }
}

#[wasm_bindgen]
impl Stream {
    /// The bytes of an init that was seen, by its number.
    #[must_use]
    pub fn init(&self, number: usize) -> Option<Vec<u8>> {
        self.inits.borrow().bytes(InitId(number)).map(<[u8]>::to_vec)
    }

    /// What is to be appended in place of these bytes of a chunk, which begin at `start`: the same, but where sound begins late,
    /// with silence in front of it.
    #[must_use]
    pub fn fill(&self, chunk: usize, start: f64, bytes: Uint8Array) -> Uint8Array {
        let (mut inits, start) = (self.inits.borrow_mut(), start as u64);
        let pieces: Vec<_> = inits.silence(ChunkIndex(chunk), start..start + u64::from(bytes.length())).collect();
        if pieces.is_empty() {
            return bytes;
        }
        let silent: usize = pieces.iter().map(|(_, piece)| piece.len()).sum();
        let filled = Uint8Array::new_with_length(bytes.length() + silent as u32);
        let (mut from, mut to) = (0, 0);
        for (at, piece) in pieces {
            let until = (at - start) as u32;
            filled.set(&bytes.subarray(from, until), to);
            to += until - from;
            filled.set(&Uint8Array::from(piece), to);
            (from, to) = (until, to + piece.len() as u32);
        }
        filled.set(&bytes.subarray(from, bytes.length()), to);
        filled
    }

    /// For a request for a chunk of `total` bytes from `start` on, whose media need the init of that number unless the chunk
    /// begins with one of its own. Only the beginning of the chunk may be wanted.
    pub fn reader(&mut self, chunk: usize, start: f64, total: f64, init: usize, only_beginning: bool) -> Reader {
        let (chunk, start) = (ChunkIndex(chunk), start as u64);
        let inits = self.inits.clone();
        let anew = || {
            let known = inits.borrow().get(InitId(init)).cloned();
            Rc::new(RefCell::new(ChunkReader::new(chunk, start, total as u64, known)))
        };
        let reader = if only_beginning {
            anew()
        } else {
            let current = self.current.take().filter(|current| current.borrow().follows(chunk, start));
            self.current.insert(current.unwrap_or_else(anew)).clone()
        };
        Reader { source: self.source.clone(), inits, reader }
    }
}

#[wasm_bindgen]
impl Reader {
    /// Looks at bytes of the chunk that begin at `start`, and says what those tell that has not been told, as
    /// - `[number, kind, duration, mime]` of an init, whose kind is 0 for pictures, 1 for sound and 2 for both, and whose
    ///   duration may be `undefined`,
    /// - `[end, from, to, sync]` of a fragment: where it ends, when it plays, and whether it may be entered,
    /// - a text, where the bytes are not what can be played.
    pub fn take(&mut self, start: f64, piece: &Uint8Array) -> Array {
        let copy = |range: std::ops::Range<u32>| piece.subarray(range.start, range.end).to_vec();
        let supports = |mime: &str| self.source.supports(mime);
        let inits = &mut self.inits.borrow_mut();
        let found = self.reader.borrow_mut().take(start as u64, piece.length(), copy, supports, inits);
        found.into_iter().map(fact).collect()
    }
}

fn fact(found: Found) -> JsValue {
    match found {
        Found::Init { init, kind, mime, duration } => {
            let kind = match kind {
                Kind::Video => 0,
                Kind::Audio => 1,
                Kind::Muxed => 2,
            };
            let duration = duration.map(|duration| duration.as_micros() as f64);
            Array::of4(&init.0.into(), &kind.into(), &duration.into(), &mime.into()).into()
        }
        Found::Fragment(facts) => {
            let [from, to] = [facts.start, facts.end].map(|time| JsValue::from(time.as_micros() as f64));
            Array::of4(&(facts.end_offset as f64).into(), &from, &to, &facts.sync.into()).into()
        }
        Found::Malformed(what) => what.into(),
    }
}
