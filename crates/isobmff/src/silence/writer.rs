//! Single bits, written.

/// Bits, most significant first; those that are missing of the last byte are 0.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
    /// Bits of the last byte that are taken; 0 where all of them are.
    taken: u32,
}

impl Writer {
    /// The last `count` bits of `value`; those beyond its 32 are 0.
    pub(super) fn put(&mut self, value: u32, count: u32) {
        for at in (0..count).rev() {
            if self.taken == 0 {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().expect("one was added");
            *last |= u8::from(value.checked_shr(at).is_some_and(|bits| bits & 1 == 1)) << (7 - self.taken);
            self.taken = (self.taken + 1) % 8;
        }
    }

    /// Leaves what is left of a byte that has begun.
    #[cfg(test)]
    pub(super) fn align(&mut self) {
        self.taken = 0;
    }
}
