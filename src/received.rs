//! What has come of one stream and is still needed.

use js_sys::Uint8Array;
use playback::{Input, Object};

use crate::boxes::Inits;
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
}

impl Received {
    /// Nothing has come yet.
    pub(crate) fn new(memory: &Memory) -> Self {
        let (payload, table) = (Payload::new(memory.clone()), Payload::new(memory.clone()));
        Self { payload, table, inits: Inits::default() }
    }

    /// Keeps a copy of a piece of `request`'s body, and says what its boxes tell.
    pub(crate) fn take(&mut self, request: &mut Request, bytes: &Uint8Array) -> Vec<Input> {
        let (_, chunk) = request.object.place();
        let count = u64::from(bytes.length());
        let facts = request.boxes.as_mut().map_or_else(Vec::new, |boxes| boxes.take(bytes, &mut self.inits));
        // A server that ignores Range sends first what nobody asked for.
        let unasked = request.start.saturating_sub(request.offset).min(count);
        match request.object {
            Object::Chunk { .. } if unasked < count => {
                // It is within the piece, whose length is a u32.
                let bytes = bytes.subarray(unasked as u32, bytes.length());
                self.payload.put(chunk, request.offset + unasked, &bytes, request.until);
            }
            Object::Table { .. } => self.table.put(chunk, request.offset, bytes, None),
            Object::Chunk { .. } | Object::ChunkHead { .. } => {}
        }
        request.offset += count;
        facts
    }
}
