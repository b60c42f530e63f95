//! What has come and has not been appended.

/// Received bytes that the shell keeps for a stream, and those of them that are damaged.
#[derive(Debug, Default)]
pub(super) struct Payload(pub(super) Vec<(usize, u64, u64)>, pub(super) Vec<(usize, u64, u64)>);

impl Payload {
    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|(_, start, end)| end - start).sum()
    }

    /// Damaged bytes among those.
    pub(super) fn damage(&self, chunk: usize, start: u64, end: u64) -> Vec<(u64, u64)> {
        let damaged = self.1.iter().filter(|known| known.0 == chunk && known.1 < end && start < known.2);
        damaged.map(|known| (known.1, known.2)).collect()
    }

    pub(super) fn discard(&mut self, chunk: usize, offset: u64) {
        for pieces in [&mut self.0, &mut self.1] {
            pieces.retain(|piece| (piece.0, piece.1) < (chunk, offset));
            pieces.iter_mut().filter(|piece| piece.0 == chunk).for_each(|piece| piece.2 = piece.2.min(offset));
        }
    }

    pub(super) fn holds(&self, chunk: usize, start: u64, end: u64) -> bool {
        let mut at = start;
        for (_, from, to) in self.0.iter().filter(|piece| piece.0 == chunk) {
            if *from <= at && at < *to {
                at = *to;
            }
        }
        at >= end
    }
}
