//! What has come of one stream and is still needed.

use js_sys::Uint8Array;
use manifest::ChunkIndex;
use playback::{Input, Object, StreamId};
use unindexed::Inits;

use crate::boxes::Boxes;
use crate::fetch::Request;
use crate::memory::Memory;
use crate::payload::Payload;

/// Bytes and inits of one stream.
pub(crate) struct Received {
    pub(crate) payload: Payload,
    /// Bytes of the fragment table that is being fetched.
    pub(crate) table: Payload,
    /// For a stream without an index.
    pub(crate) inits: Inits,
    /// The same: of the chunk that is being fetched. A request may end within a box, and the next one goes on there.
    boxes: Option<Boxes>,
}

impl Received {
    /// Nothing has come yet.
    pub(crate) fn new(memory: &Memory) -> Self {
        let (payload, table) = (Payload::new(memory.clone()), Payload::new(memory.clone()));
        Self { payload, table, inits: Inits::default(), boxes: None }
    }

    /// Has the boxes of a chunk of `total` bytes looked at, of which those from `start` on come next, and whose media need the
    /// init of that number.
    pub(crate) fn walk(&mut self, stream: StreamId, chunk: ChunkIndex, start: u64, total: u64, init: usize) {
        if !self.boxes.as_ref().is_some_and(|boxes| boxes.follows(chunk, start)) {
            self.boxes = Some(Boxes::new(stream, chunk, start, total, self.inits.get(init)));
        }
    }

    /// Keeps a copy of a piece of `request`'s body, and says what its boxes tell.
    pub(crate) fn take(&mut self, request: &mut Request, bytes: &Uint8Array) -> Vec<Input> {
        let (_, chunk) = request.object.place();
        let start = request.body.next();
        let boxes = if request.boxes.is_some() { request.boxes.as_mut() } else { self.boxes.as_mut() };
        let facts = boxes.map_or_else(Vec::new, |boxes| boxes.take(start, bytes, &mut self.inits));
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
