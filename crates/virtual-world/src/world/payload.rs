//! What has come and has not been appended.

use playback::{Position, Span};

/// Received bytes that the shell keeps for a stream, and those of them that are damaged.
#[derive(Debug, Default)]
pub(super) struct Payload(pub(super) Vec<Span>, pub(super) Vec<Span>);

impl Payload {
    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|piece| piece.bytes()).sum()
    }

    /// Damaged bytes among those.
    pub(super) fn damage(&self, of: Span) -> Vec<(u64, u64)> {
        let damaged =
            self.1.iter().filter(|known| known.chunk == of.chunk && known.start < of.end && of.start < known.end);
        damaged.map(|known| (known.start, known.end)).collect()
    }

    pub(super) fn release(&mut self, Position { chunk, offset }: Position) {
        for pieces in [&mut self.0, &mut self.1] {
            pieces.retain(|piece| piece.chunk > chunk || piece.chunk == chunk && piece.end > offset);
        }
    }

    pub(super) fn discard(&mut self, Position { chunk, offset }: Position) {
        for pieces in [&mut self.0, &mut self.1] {
            pieces.retain(|piece| (piece.chunk, piece.start) < (chunk, offset));
            pieces.iter_mut().filter(|piece| piece.chunk == chunk).for_each(|piece| piece.end = piece.end.min(offset));
        }
    }

    pub(super) fn holds(&self, Span { chunk, start, end }: Span) -> bool {
        let mut at = start;
        for piece in self.0.iter().filter(|piece| piece.chunk == chunk) {
            if piece.start <= at && at < piece.end {
                at = piece.end;
            }
        }
        at >= end
    }
}
