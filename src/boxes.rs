//! What the chunks of a stream without an index tell. `unindexed` reads them; here its headers are copied out of the bytes as
//! they pass.

use js_sys::Uint8Array;
use manifest::ChunkIndex;
use playback::{Input, Sorted, StreamId};
use unindexed::{ChunkReader, Found};

use crate::media_source::Media;

/// The inits of a stream.
#[derive(Default)]
pub(crate) struct Inits {
    known: unindexed::Inits,
    /// The number of the one that a chunk begins with, where that has been seen.
    own: Sorted<ChunkIndex, usize>,
}

impl Inits {
    /// The bytes of one, by its number.
    pub(crate) fn bytes(&self, number: usize) -> Option<&[u8]> {
        self.known.bytes(number)
    }
}

/// Reads one chunk, from a byte on at which a box begins.
pub(crate) struct Boxes {
    stream: StreamId,
    chunk: ChunkIndex,
    reader: ChunkReader,
}

impl Boxes {
    pub(crate) fn new(stream: StreamId, chunk: ChunkIndex, offset: u64, total: u64, inits: &Inits) -> Self {
        // A chunk without an init goes on with that of the chunk before it.
        let needed = inits.own.up_to(chunk).copied().unwrap_or(0);
        let reader = ChunkReader::new(chunk, offset, total, inits.known.get(needed).cloned());
        Self { stream, chunk, reader }
    }

    /// Whether what comes of `chunk` from `start` on leads up to the next byte that is to be looked at.
    pub(crate) fn follows(&self, chunk: ChunkIndex, start: u64) -> bool {
        self.reader.follows(chunk, start)
    }

    /// Looks at bytes of the chunk that begin at `start`, and says what those tell that have not been looked at.
    pub(crate) fn take(&mut self, start: u64, piece: &Uint8Array, inits: &mut Inits) -> Vec<Input> {
        let copy = |range: std::ops::Range<u32>| piece.subarray(range.start, range.end).to_vec();
        let found = self.reader.take(start, piece.length(), copy, Media::supports, &mut inits.known);
        let (stream, chunk) = (self.stream, self.chunk);
        let input = |found| match found {
            Found::Init { init, kind, mime, duration } => {
                inits.own.or_insert(chunk, init);
                Input::Init { stream, chunk, init, kind, mime, duration }
            }
            Found::Fragment(facts) => Input::Fragment { stream, facts },
            Found::Malformed(what) => Input::Malformed { stream, chunk, what },
        };
        found.into_iter().map(input).collect()
    }
}
