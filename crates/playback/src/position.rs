//! Bytes of a stream.

use manifest::ChunkIndex;

/// Bytes of one chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Which chunk.
    pub chunk: ChunkIndex,
    /// The first byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

impl Span {
    /// How many bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// A byte of a stream: which chunk, and where in it. Ordered as the film is.
///
/// Never at a chunk's end: that is offset 0 of the next, and the end of the stream is offset 0 of a chunk there is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Which chunk.
    pub chunk: ChunkIndex,
    /// Counted from the chunk's first byte.
    pub offset: u64,
}

impl Position {
    /// The group that its byte belongs to, as far as groups are known.
    pub(crate) fn group(self, stream: &manifest::Stream) -> Option<manifest::GroupId> {
        stream.group_at(self.chunk, self.offset)
    }

    /// The position in `stream` at byte `offset` of `chunk`.
    pub(crate) fn new(stream: &manifest::Stream, chunk: ChunkIndex, offset: u64) -> Self {
        match stream.chunk(chunk) {
            Some(entry) if offset < entry.bytes => Self { chunk, offset },
            Some(_) => Self { chunk: chunk.next(), offset: 0 },
            None => Self { chunk, offset: 0 },
        }
    }

    /// Bytes from here up to `later`; 0 when that is not later.
    pub(crate) fn bytes_until(self, later: Self, stream: &manifest::Stream) -> u64 {
        if later <= self {
            return 0;
        }
        let whole = stream.chunks.get(self.chunk.0..later.chunk.0).unwrap_or_default();
        let whole: u64 = whole.iter().map(|chunk| chunk.bytes).sum();
        (whole + later.offset).saturating_sub(self.offset)
    }

    /// Whether nothing of `stream` is left from here on.
    pub(crate) fn is_end(self, stream: &manifest::Stream) -> bool {
        self.chunk.0 >= stream.chunks.len()
    }
}
