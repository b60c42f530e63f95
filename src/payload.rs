//! Received bytes that are still needed, as JavaScript has them.

use js_sys::Uint8Array;

/// The pieces of one stream, in the order of the film. Their content never enters WebAssembly memory.
#[derive(Default)]
pub(crate) struct Payload {
    pieces: Vec<Piece>,
}

struct Piece {
    chunk: usize,
    start: u64,
    bytes: Uint8Array,
}

impl Piece {
    fn end(&self) -> u64 {
        self.start + u64::from(self.bytes.length())
    }

    /// The part of it that lies in `start..end` of `chunk`.
    fn part(&self, chunk: usize, start: u64, end: u64) -> Option<Uint8Array> {
        let (from, to) = (start.max(self.start), end.min(self.end()));
        if self.chunk != chunk || from >= to {
            return None;
        }
        // Both are within the piece, whose length is a u32.
        Some(self.bytes.subarray((from - self.start) as u32, (to - self.start) as u32))
    }
}

impl Payload {
    /// Keeps a piece that begins at `start` of `chunk`.
    pub(crate) fn put(&mut self, chunk: usize, start: u64, bytes: Uint8Array) {
        self.pieces.push(Piece { chunk, start, bytes });
    }

    /// The bytes `start..end` of `chunk`; `None` when not all of them are here. A range in one piece is a view of it. One
    /// that spans pieces is copied together, because one large append costs less than many small ones; it is one piece from
    /// then on, so that what is hashed and appended is copied once.
    pub(crate) fn get(&mut self, chunk: usize, start: u64, end: u64) -> Option<Uint8Array> {
        let first = self.pieces.iter().position(|piece| piece.part(chunk, start, end).is_some())?;
        let wanted = u32::try_from(end - start).ok()?;
        let part = self.pieces[first].part(chunk, start, end)?;
        if part.length() == wanted {
            return Some(part);
        }
        let whole = Uint8Array::new_with_length(wanted);
        let (mut last, mut filled) = (first, 0);
        while let Some(part) = self.pieces.get(last).and_then(|piece| piece.part(chunk, start, end)) {
            whole.set(&part, filled);
            (last, filled) = (last + 1, filled + part.length());
        }
        if filled < wanted {
            return None;
        }
        // Of the first and the last of them a part may be left.
        let before = self.pieces[first].part(chunk, 0, start);
        let behind = self.pieces[last - 1].part(chunk, end, u64::MAX);
        let at = self.pieces[first].start;
        self.pieces.retain(|piece| piece.part(chunk, start, end).is_none());
        let joined = Piece { chunk, start, bytes: whole.clone() };
        let before = before.map(|bytes| Piece { chunk, start: at, bytes });
        let behind = behind.map(|bytes| Piece { chunk, start: end, bytes });
        for piece in [behind, Some(joined), before].into_iter().flatten() {
            self.pieces.insert(first, piece);
        }
        Some(whole)
    }

    /// Forgets what lies before `offset` of `chunk`.
    pub(crate) fn release(&mut self, chunk: usize, offset: u64) {
        self.pieces.retain(|piece| (chunk, offset) < (piece.chunk, piece.end()) && chunk <= piece.chunk);
    }

    /// Forgets what lies at or behind `offset` of `chunk`.
    pub(crate) fn discard(&mut self, chunk: usize, offset: u64) {
        self.pieces.retain(|piece| (piece.chunk, piece.start) < (chunk, offset));
        for piece in self.pieces.iter_mut().filter(|piece| piece.chunk == chunk) {
            // It begins before the offset, so the difference is within it.
            let kept = (piece.end().min(offset) - piece.start) as u32;
            piece.bytes = piece.bytes.subarray(0, kept);
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

    fn two_pieces() -> Payload {
        let mut payload = Payload::default();
        payload.put(3, 100, bytes(0..10));
        payload.put(3, 110, bytes(10..20));
        payload
    }

    #[wasm_bindgen_test]
    fn a_range_within_a_piece_is_a_view_of_it() {
        let mut payload = two_pieces();
        let got = payload.get(3, 102, 108).expect("here");
        assert_eq!(got.to_vec(), (2..8).collect::<Vec<u8>>());
        got.set_index(0, 99);
        assert_eq!(payload.get(3, 102, 103).expect("here").to_vec(), [99], "the same memory");
    }

    #[wasm_bindgen_test]
    fn a_range_over_pieces_is_put_together_once() {
        let mut payload = two_pieces();
        let got = payload.get(3, 105, 115).expect("here");
        assert_eq!(got.to_vec(), (5..15).collect::<Vec<u8>>());
        got.set_index(0, 99);
        assert_eq!(payload.get(3, 105, 106).expect("here").to_vec(), [99], "the same memory");
        assert_eq!(payload.get(3, 100, 105).expect("here").to_vec(), (0..5).collect::<Vec<u8>>());
        assert_eq!(payload.get(3, 115, 120).expect("here").to_vec(), (15..20).collect::<Vec<u8>>());
        assert_eq!(
            payload.get(3, 104, 116).expect("here").to_vec(),
            [&[4, 99], &(6..16).collect::<Vec<u8>>()[..]].concat()
        );
    }

    #[wasm_bindgen_test]
    fn what_is_not_all_here_is_not_given() {
        let mut payload = two_pieces();
        assert!(payload.get(3, 115, 121).is_none());
        assert!(payload.get(3, 99, 105).is_none());
        assert!(payload.get(2, 100, 105).is_none());
    }

    #[wasm_bindgen_test]
    fn what_is_discarded_is_gone_to_the_byte() {
        let mut payload = two_pieces();
        payload.put(4, 0, bytes(20..30));
        payload.discard(3, 115);
        assert!(payload.get(3, 105, 115).is_some());
        assert!(payload.get(3, 115, 116).is_none() && payload.get(4, 0, 1).is_none());
        payload.put(3, 115, bytes(30..35));
        assert_eq!(payload.get(3, 113, 117).expect("here").to_vec(), [13, 14, 30, 31]);
    }

    #[wasm_bindgen_test]
    fn released_pieces_are_gone_and_no_others() {
        let mut payload = two_pieces();
        payload.put(4, 0, bytes(20..30));
        payload.release(3, 109);
        assert!(payload.get(3, 109, 110).is_some(), "a piece goes when all of it is released");
        payload.release(3, 110);
        assert!(payload.get(3, 109, 110).is_none() && payload.get(3, 110, 120).is_some());
        payload.release(4, 0);
        assert!(payload.get(3, 110, 120).is_none() && payload.get(4, 0, 10).is_some());
        payload.clear();
        assert!(payload.get(4, 0, 10).is_none());
    }
}
