//! What has come of one stream and is still needed.

use js_sys::Uint8Array;
use playback::{Input, Object};

use crate::boxes::Boxes;
use crate::fetch::Request;
use crate::memory::Memory;
use crate::payload::Payload;

/// Bytes of one stream.
pub(crate) struct Received {
    pub(crate) payload: Payload,
    /// Bytes of the fragment table that is being fetched.
    pub(crate) table: Payload,
    /// For a stream without an index.
    pub(crate) boxes: Option<Boxes>,
}

impl Received {
    /// Nothing has come yet.
    pub(crate) fn new(memory: &Memory, boxes: Option<Boxes>) -> Self {
        let (payload, table) = (Payload::new(memory.clone()), Payload::new(memory.clone()));
        Self { payload, table, boxes }
    }

    /// Keeps a copy of a piece of `request`'s body, and says what its boxes tell.
    pub(crate) fn take(&mut self, request: &mut Request, bytes: &Uint8Array) -> Vec<Input> {
        let (stream, chunk) = request.object.place();
        let start = request.body.next();
        let facts = request.boxes.as_ref().map(|boxes| boxes.facts(stream, chunk, start, bytes)).unwrap_or_default();
        let piece = request.body.take(bytes.length().into());
        // The part is within the piece, whose length is a u32.
        let asked = bytes.subarray(bytes.length() - piece.useful as u32, bytes.length());
        let start = piece.reached - piece.useful;
        match request.object {
            Object::Chunk { .. } => self.payload.put(chunk, start, &asked, request.until),
            Object::Table { .. } => self.table.put(chunk, start, &asked, None),
            Object::ChunkHead { .. } => {}
        }
        facts
    }
}
