//! What the chunks of a stream without an index tell. `unindexed` reads them; here its headers are copied out of the bytes as
//! they pass.

use std::sync::Arc;

use isobmff::Init;
use js_sys::Uint8Array;
use manifest::ChunkIndex;
use playback::{Input, StreamId};
use unindexed::{ChunkReader, Found, Inits};

use crate::media_source::Media;

/// Reads one chunk, from a byte on at which a box begins.
pub(crate) struct Boxes {
    stream: StreamId,
    chunk: ChunkIndex,
    reader: ChunkReader,
}

impl Boxes {
    /// `known` is the init that its media need, if it has been seen: a chunk need not begin with one of its own.
    pub(crate) fn new(stream: StreamId, chunk: ChunkIndex, offset: u64, total: u64, known: Option<&Arc<Init>>) -> Self {
        Self { stream, chunk, reader: ChunkReader::new(chunk, offset, total, known.cloned()) }
    }

    /// Whether what comes of `chunk` from `start` on leads up to the next byte that is to be looked at.
    pub(crate) fn follows(&self, chunk: ChunkIndex, start: u64) -> bool {
        self.reader.follows(chunk, start)
    }

    /// Looks at bytes of the chunk that begin at `start`, and says what those tell that have not been looked at.
    pub(crate) fn take(&mut self, start: u64, piece: &Uint8Array, inits: &mut Inits) -> Vec<Input> {
        let copy = |range: std::ops::Range<u32>| piece.subarray(range.start, range.end).to_vec();
        let found = self.reader.take(start, piece.length(), copy, Media::supports, inits);
        let (stream, chunk) = (self.stream, self.chunk);
        let input = |found| match found {
            Found::Init { init, kind, mime, duration } => Input::Init { stream, chunk, init, kind, mime, duration },
            Found::Fragment(facts) => Input::Fragment { stream, facts },
            Found::Malformed(what) => Input::Malformed { stream, chunk, what },
        };
        found.into_iter().map(input).collect()
    }
}
