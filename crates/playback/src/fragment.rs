//! What is told of the fragments of a stream without an index.

use manifest::{ChunkIndex, MediaTime};

/// What the head of a fragment in a stream without an index says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentFacts {
    /// Which chunk.
    pub chunk: ChunkIndex,
    /// Where in the chunk the fragment ends.
    pub end_offset: u64,
    /// Presentation time of its first sample.
    pub start: MediaTime,
    /// Where its last sample ends.
    pub end: MediaTime,
    /// Whether it begins with a sync sample.
    pub sync: bool,
}
