//! Where on the film's timeline the times of a chunk without an index count from.
//!
//! Chunks made one by one, as ffmpeg's segment muxer with `-reset_timestamps` or `MP4Box -splits` make them, all begin at
//! zero. Each is moved to where the one before it ends (`timestampOffset`). Until the chunk before has been seen whole that is
//! an estimate by its bytes, put right as soon as its end is known.

use manifest::{ChunkIndex, MediaTime};

use crate::{FragmentFacts, Sorted};

/// Time of the first fragment below which a chunk, unless it is the first, is taken to count its times from zero.
const BEGINNING: MediaTime = MediaTime::from_millis(1_000);

/// Misplacement of a chunk that needs no repair: browsers bridge a frame.
pub(crate) const SEAMLESS: MediaTime = MediaTime::from_millis(20);

#[derive(Debug, Default)]
pub(crate) struct Timeline {
    /// For each chunk that has been seen, what is added to its own times.
    offsets: Sorted<ChunkIndex, MediaTime>,
}

impl Timeline {
    /// What is added to the times of that chunk.
    pub(crate) fn offset(&self, chunk: ChunkIndex) -> MediaTime {
        self.offsets.get(chunk).copied().unwrap_or_default()
    }

    /// Whether a fragment of that chunk has been seen.
    pub(crate) fn knows(&self, chunk: ChunkIndex) -> bool {
        self.offsets.contains(chunk)
    }

    /// Takes note of a fragment, and says what is to be added to its times.
    pub(crate) fn place(&mut self, facts: &FragmentFacts, film: &mut manifest::Stream) -> MediaTime {
        if let Some(offset) = self.offsets.get(facts.chunk) {
            return *offset;
        }
        let first = film.chunks[0].start.unwrap_or_default();
        let begins_anew = facts.chunk > ChunkIndex(0) && facts.start < first + BEGINNING;
        let offset = if begins_anew {
            film.estimate_starts();
            film.chunks[facts.chunk].start.unwrap_or_default() - facts.start
        } else {
            MediaTime::ZERO
        };
        self.offsets.insert(facts.chunk, offset);
        offset
    }

    /// More of `chunk` has been seen, or all of it. Where the next chunk begins anew and was put elsewhere than at its end,
    /// or too early at least, it is moved there; the answer is from where on what has been buffered is wrong.
    pub(crate) fn settle(&mut self, chunk: ChunkIndex, film: &mut manifest::Stream) -> Option<MediaTime> {
        let is_moved = |at: ChunkIndex| self.offsets.get(at).is_some_and(|offset| *offset != MediaTime::ZERO);
        let estimated = film.chunk(chunk.next())?.start?;
        let entry = &film.chunks[chunk];
        let (start, known_end) = (entry.groups.first()?.start, entry.groups.last()?.end);
        let begins_anew = is_moved(chunk.next()) || (is_moved(chunk) && !self.knows(chunk.next()));
        let is_whole = entry.indexed_bytes() == entry.bytes;
        if !begins_anew || estimated == known_end || !is_whole && known_end < estimated {
            return None;
        }
        // The rest takes as long for its bytes as what has been seen.
        let length = (known_end - start).share(entry.bytes, entry.indexed_bytes());
        let end = if is_whole { known_end } else { known_end.max(start + length) };
        let by = end - estimated;
        film.move_chunks(chunk.next(), by);
        self.offsets.values_from_mut(chunk.next()).for_each(|offset| *offset = *offset + by);
        (by.abs() > SEAMLESS).then(|| end.min(estimated))
    }
}
