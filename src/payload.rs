//! Received bytes that are still needed, as JavaScript has them.

use std::rc::Rc;

use js_sys::Uint8Array;
use manifest::ChunkIndex;
use playback::{Position, Span};

use crate::memory::{BLOCK, Block, Memory};

/// The pieces of one stream, in the order of the film. Their content never enters WebAssembly memory.
#[derive(Default)]
pub(crate) struct Payload {
    memory: Memory,
    pieces: Vec<Piece>,
}

/// Bytes of a chunk that lie together in a block. A block can hold several pieces, one behind the other.
struct Piece {
    chunk: ChunkIndex,
    /// Its first byte's place in the chunk.
    start: u64,
    block: Rc<Block>,
    /// Its first byte's place in the block.
    at: u32,
    length: u32,
}

impl Piece {
    fn end(&self) -> u64 {
        self.start + u64::from(self.length)
    }

    /// The part of it that lies in a span.
    fn part(&self, Span { chunk, start, end }: Span) -> Option<Self> {
        let (from, to) = (start.max(self.start), end.min(self.end()));
        if self.chunk != chunk || from >= to {
            return None;
        }
        // Both are within the piece, whose length is a u32.
        let (at, length) = (self.at + (from - self.start) as u32, (to - from) as u32);
        Some(Self { chunk, start: from, block: self.block.clone(), at, length })
    }

    fn bytes(&self) -> Uint8Array {
        self.block.view(self.at, self.length)
    }
}

impl Payload {
    /// An empty one, whose bytes will lie in blocks of `memory`.
    pub(crate) fn new(memory: Memory) -> Self {
        Self { memory, pieces: Vec::new() }
    }

    /// Keeps a copy of bytes that begin at `start` of `chunk`, beside what came before them while there is room. Where it
    /// is known `until` where they belong together with what follows, the room is for all of that.
    pub(crate) fn put(&mut self, chunk: ChunkIndex, start: u64, bytes: &Uint8Array, until: Option<u64>) {
        let (mut start, mut from) = (start, 0);
        let together = until.map(|until| until.saturating_sub(start)).filter(|together| *together <= u64::from(BLOCK));
        let least = together.unwrap_or_default().max(1);
        while from < bytes.length() {
            let left = bytes.length() - from;
            let last = self.pieces.last_mut().filter(|last| (last.chunk, last.end()) == (chunk, start));
            let room = last.as_ref().map_or(0, |last| last.block.length() - last.at - last.length);
            let Some(last) = last.filter(|_| u64::from(room) >= least) else {
                let block = self.memory.room(1);
                self.pieces.push(Piece { chunk, start, block, at: 0, length: 0 });
                continue;
            };
            let taken = left.min(room);
            last.block.view(last.at + last.length, taken).set(&bytes.subarray(from, from + taken), 0);
            last.length += taken;
            (start, from) = (start + u64::from(taken), from + taken);
        }
    }

    /// The bytes of a span; `None` when not all of them are here. A range in one piece is a view of it. One
    /// that spans pieces is copied together, because one large append costs less than many small ones; it is one piece from
    /// then on, so that what is hashed and appended is copied once.
    ///
    /// The view is good until the bytes are released.
    pub(crate) fn get(&mut self, span: Span) -> Option<Uint8Array> {
        let first = self.pieces.iter().position(|piece| piece.part(span).is_some())?;
        let length = u32::try_from(span.bytes()).ok()?;
        let part = self.pieces[first].part(span)?;
        if part.length == length {
            return Some(part.bytes());
        }
        let block = self.memory.room(length);
        let (mut last, mut filled) = (first, 0);
        while let Some(part) = self.pieces.get(last).and_then(|piece| piece.part(span)) {
            block.view(filled, part.length).set(&part.bytes(), 0);
            (last, filled) = (last + 1, filled + part.length);
        }
        if filled < length {
            return None;
        }
        // Of the first and the last of them a part may be left.
        let Span { chunk, start, end } = span;
        let before = self.pieces[first].part(Span { chunk, start: 0, end: start });
        let joined = Piece { chunk, start, block, at: 0, length };
        let behind = self.pieces[last - 1].part(Span { chunk, start: end, end: u64::MAX });
        let bytes = joined.bytes();
        self.pieces.drain(first..last);
        for piece in [behind, Some(joined), before].into_iter().flatten() {
            self.pieces.insert(first, piece);
        }
        Some(bytes)
    }

    /// Forgets what lies before a byte.
    pub(crate) fn release(&mut self, Position { chunk, offset }: Position) {
        self.pieces.retain(|piece| (chunk, offset) < (piece.chunk, piece.end()) && chunk <= piece.chunk);
    }

    /// Forgets a byte and what lies behind it.
    pub(crate) fn discard(&mut self, Position { chunk, offset }: Position) {
        self.pieces.retain(|piece| (piece.chunk, piece.start) < (chunk, offset));
        for piece in self.pieces.iter_mut().filter(|piece| piece.chunk == chunk) {
            // It begins before the offset, so the difference is within it.
            piece.length = (piece.end().min(offset) - piece.start) as u32;
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.pieces.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn bytes(range: std::ops::Range<u8>) -> Uint8Array {
        Uint8Array::from(range.collect::<Vec<_>>().as_slice())
    }

    fn span(chunk: usize, start: u64, end: u64) -> Span {
        Span { chunk: ChunkIndex(chunk), start, end }
    }

    fn two_pieces() -> Payload {
        let mut payload = Payload::default();
        payload.put(ChunkIndex(3), 100, &bytes(0..10), None);
        payload.put(ChunkIndex(3), 110, &bytes(10..20), None);
        payload
    }

    #[wasm_bindgen_test]
    fn a_range_within_a_piece_is_a_view_of_it() {
        let mut payload = two_pieces();
        let got = payload.get(span(3, 102, 108)).expect("here");
        assert_eq!(got.to_vec(), (2..8).collect::<Vec<u8>>());
        got.set_index(0, 99);
        assert_eq!(payload.get(span(3, 102, 103)).expect("here").to_vec(), [99], "the same memory");
    }

    #[wasm_bindgen_test]
    fn a_range_over_pieces_is_put_together_once() {
        let mut payload = two_pieces();
        let got = payload.get(span(3, 105, 115)).expect("here");
        assert_eq!(got.to_vec(), (5..15).collect::<Vec<u8>>());
        got.set_index(0, 99);
        assert_eq!(payload.get(span(3, 105, 106)).expect("here").to_vec(), [99], "the same memory");
        assert_eq!(payload.get(span(3, 100, 105)).expect("here").to_vec(), (0..5).collect::<Vec<u8>>());
        assert_eq!(payload.get(span(3, 115, 120)).expect("here").to_vec(), (15..20).collect::<Vec<u8>>());
        assert_eq!(
            payload.get(span(3, 104, 116)).expect("here").to_vec(),
            [&[4, 99], &(6..16).collect::<Vec<u8>>()[..]].concat()
        );
    }

    #[wasm_bindgen_test]
    fn what_is_not_all_here_is_not_given() {
        let mut payload = two_pieces();
        assert!(payload.get(span(3, 115, 121)).is_none());
        assert!(payload.get(span(3, 99, 105)).is_none());
        assert!(payload.get(span(2, 100, 105)).is_none());
    }

    #[wasm_bindgen_test]
    fn what_is_discarded_is_gone_to_the_byte() {
        let mut payload = two_pieces();
        payload.put(ChunkIndex(4), 0, &bytes(20..30), None);
        payload.discard(Position { chunk: ChunkIndex(3), offset: 115 });
        assert!(payload.get(span(3, 105, 115)).is_some());
        assert!(payload.get(span(3, 115, 116)).is_none() && payload.get(span(4, 0, 1)).is_none());
        payload.put(ChunkIndex(3), 115, &bytes(30..35), None);
        assert_eq!(payload.get(span(3, 113, 117)).expect("here").to_vec(), [13, 14, 30, 31]);
    }

    #[wasm_bindgen_test]
    fn released_pieces_are_gone_and_no_others() {
        let mut payload = two_pieces();
        payload.put(ChunkIndex(4), 0, &bytes(20..30), None);
        payload.release(Position { chunk: ChunkIndex(3), offset: 119 });
        assert!(payload.get(span(3, 119, 120)).is_some(), "a piece goes when all of it is released");
        payload.release(Position { chunk: ChunkIndex(3), offset: 120 });
        assert!(payload.get(span(3, 119, 120)).is_none() && payload.get(span(4, 0, 10)).is_some());
        payload.put(ChunkIndex(4), 10, &bytes(30..40), None);
        payload.release(Position { chunk: ChunkIndex(4), offset: 20 });
        assert!(payload.get(span(4, 0, 10)).is_none() && payload.get(span(4, 10, 20)).is_none());
    }

    #[wasm_bindgen_test]
    fn what_no_block_has_room_for_goes_into_the_next() {
        let mut payload = Payload::default();
        payload.put(ChunkIndex(3), 0, &bytes(0..10), None);
        let large = Uint8Array::new_with_length(2 * BLOCK);
        large.set_index(BLOCK - 1, 7);
        payload.put(ChunkIndex(3), 10, &large, None);
        assert_eq!(payload.pieces.len(), 3, "two blocks and ten bytes");
        let border = u64::from(BLOCK);
        assert_eq!(payload.get(span(3, border + 8, border + 11)).expect("here").to_vec(), [0, 7, 0]);
        let whole = payload.get(span(3, 0, 2 * border + 10)).expect("all of it, in memory of its own");
        assert_eq!((whole.get_index(9), whole.get_index(BLOCK + 9)), (9, 7));
        payload.clear();
        assert!(payload.get(span(3, 0, 1)).is_none());
    }

    #[wasm_bindgen_test]
    fn what_belongs_together_lies_together() {
        let mut payload = Payload::default();
        let most = Uint8Array::new_with_length(BLOCK - 10);
        payload.put(ChunkIndex(3), 0, &most, None);
        let start = u64::from(BLOCK) - 10;
        payload.put(ChunkIndex(3), start, &bytes(0..8), Some(start + 16));
        payload.put(ChunkIndex(3), start + 8, &bytes(8..16), Some(start + 16));
        assert_eq!(payload.pieces.len(), 2);
        assert_eq!(payload.get(span(3, start, start + 16)).expect("here").to_vec(), (0..16).collect::<Vec<u8>>());
        assert_eq!(payload.pieces.len(), 2, "nothing was copied together");
    }
}
