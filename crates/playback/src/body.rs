//! Where the bytes of an answer belong as they come, and which of them were asked for.

/// A body that is being read. The engine counts by it, and the shell keeps bytes by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The first byte that was asked for.
    asked: u64,
    /// The next byte to come. Less than `asked` where a server ignores Range (RFC 9110 section 14.2).
    next: u64,
}

/// What of a piece was asked for: nothing, while a server that ignores Range is still before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// One past its last byte, or the byte that was asked for while that has not been reached.
    pub reached: u64,
    /// How many bytes of it were asked for: its last ones.
    pub useful: u64,
}

impl Body {
    /// One whose first byte is `first`, where the bytes from `asked` on were asked for.
    #[must_use]
    pub const fn new(asked: u64, first: u64) -> Self {
        Self { asked, next: first }
    }

    /// Where in the object the next byte belongs.
    #[must_use]
    pub const fn next(self) -> u64 {
        self.next
    }

    /// The next `count` bytes have come.
    pub fn take(&mut self, count: u64) -> Piece {
        let before = self.next.max(self.asked);
        self.next = self.next.saturating_add(count);
        Piece { reached: self.next.max(self.asked), useful: self.next.saturating_sub(before) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_was_not_asked_for_is_of_no_use() {
        let mut body = Body::new(40, 0);
        assert_eq!(body.take(30), Piece { reached: 40, useful: 0 });
        assert_eq!(body.take(30), Piece { reached: 60, useful: 20 });
        assert_eq!(body.take(5), Piece { reached: 65, useful: 5 });
        assert_eq!(Body::new(40, 40).take(7), Piece { reached: 47, useful: 7 });
        assert_eq!(Body::new(0, u64::MAX).take(7).reached, u64::MAX, "no length overflows");
    }
}
