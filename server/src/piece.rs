//! The memory that file bytes pass through: buffers that are neither allocated nor zeroed again for every piece.

use std::cell::RefCell;

use bytes::Bytes;

/// Length of a buffer. One is held for every response that waits for its client, so this bounds what a slow client
/// costs; longer ones were measured and are no faster, since they leave the processor's cache between the two copies.
pub(crate) const PIECE_BYTES: usize = 64 * 1024;
/// Buffers kept by each thread for the next piece.
const KEPT: usize = 16;

thread_local! {
    static FREE: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of [`PIECE_BYTES`], with whatever bytes the last piece left in it: to be written before it is read.
#[derive(Debug)]
pub(crate) struct Piece {
    /// `None` only while it is dropped.
    buffer: Option<Box<[u8]>>,
    filled: usize,
}

impl Piece {
    pub(crate) fn new() -> Self {
        let buffer = FREE.with_borrow_mut(Vec::pop).unwrap_or_else(|| vec![0; PIECE_BYTES].into_boxed_slice());
        Self { buffer: Some(buffer), filled: 0 }
    }

    /// Room for `length` bytes, at most [`PIECE_BYTES`].
    pub(crate) fn room(&mut self, length: usize) -> &mut [u8] {
        let buffer = self.buffer.as_deref_mut().expect("it is there until the drop");
        &mut buffer[..length]
    }

    /// The first `filled` bytes as they go to the socket; the buffer comes back when they have gone.
    pub(crate) fn into_bytes(mut self, filled: usize) -> Bytes {
        self.filled = filled;
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        self.buffer.as_deref().map_or(&[], |buffer| &buffer[..self.filled])
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let Some(buffer) = self.buffer.take() else { return };
        // A thread that ends has no list any more; the buffer is then freed.
        let _ = FREE.try_with(|free| {
            let mut free = free.borrow_mut();
            if free.len() < KEPT {
                free.push(buffer);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_filled_bytes_are_shown() {
        let mut piece = Piece::new();
        piece.room(3).copy_from_slice(b"abc");
        assert_eq!(piece.into_bytes(2), &b"ab"[..]);
    }

    #[test]
    fn a_buffer_comes_back_and_no_more_are_kept_than_said() {
        std::thread::spawn(|| {
            let pieces: Vec<_> = (0..KEPT + 5).map(|_| Piece::new().into_bytes(1)).collect();
            let first = pieces[0].as_ptr();
            drop(pieces);
            FREE.with_borrow(|free| {
                assert_eq!(free.len(), KEPT);
                assert!(free.iter().any(|buffer| buffer.as_ptr() == first));
            });
        })
        .join()
        .expect("no panic");
    }
}
