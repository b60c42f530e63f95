//! What happened in a world.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use manifest::ChunkIndex;
use playback::{Event, Input, Output, StreamId};

use crate::network::Ask;

/// Hashes what is written, without a text in between.
struct Hashed<'a>(&'a mut DefaultHasher);

impl Write for Hashed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

#[derive(Debug, Default)]
pub struct Trace {
    pub events: Vec<(Duration, Event)>,
    /// Of chunks.
    pub requests: Vec<Ask>,
    /// Of fragment tables.
    pub tables: Vec<Ask>,
    /// Times that the manifest was asked for.
    pub manifests: usize,
    pub inputs: usize,
    pub timers: usize,
    pub operations: usize,
    /// Answers to reads of media.
    pub pieces: usize,
    pub quota_errors: usize,
    /// Times that the element was told that a stream is over before the film is.
    pub signalled_ends: usize,
    /// Times that a SourceBuffer's type was changed for media of the same stream.
    pub changes: usize,
    /// Times that the engine asked which rung a group comes from.
    pub questions: usize,
    /// Times that media of another stream than before came into a SourceBuffer.
    pub switches: usize,
    /// Bytes that were asked for of groups that lay buffered from another rung, and nothing was a reason for that.
    pub overwritten: u64,
    /// Bytes that came over the link.
    pub bytes: u64,
    /// Of those, bytes that had come before.
    pub refetched: u64,
    /// Of those, bytes that had come before, and no seek, eviction, damage or change since is a reason.
    pub wasted: u64,
    pub most_pending: u64,
    /// Answers that are under way to the engine.
    pub refusals: Vec<Input>,
    /// Whether there has been a reason to fetch bytes again.
    pub has_reason: bool,
    received: BTreeMap<(StreamId, ChunkIndex), Vec<(u64, u64)>>,
    fingerprint: u64,
}

impl Trace {
    /// Adds an output to the fingerprint: equal worlds have equal ones.
    pub fn note(&mut self, now: Duration, output: &Output) {
        let mut hasher = DefaultHasher::new();
        let mut text = Hashed(&mut hasher);
        // Hashing does not fail.
        let _ = write!(text, "{output:?}");
        (self.fingerprint, now).hash(&mut hasher);
        self.fingerprint = hasher.finish();
    }

    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Whether any bytes of a stream have come.
    pub fn has_received(&self, stream: StreamId) -> bool {
        self.received.keys().any(|(known, _)| *known == stream)
    }

    /// Useful bytes of a chunk have come.
    pub fn fetched(&mut self, stream: StreamId, chunk: ChunkIndex, start: u64, end: u64) {
        let known = self.received.entry((stream, chunk)).or_default();
        let overlap = |(from, to): &(u64, u64)| to.min(&end).saturating_sub(*from.max(&start));
        let again: u64 = known.iter().map(overlap).sum();
        self.refetched += again;
        if !self.has_reason {
            self.wasted += again;
        }
        // Spans that touch are one: no byte lies in two of them.
        let touches = |(from, to): &(u64, u64)| *from <= end && start <= *to;
        let one = known
            .iter()
            .filter(|span| touches(span))
            .fold((start, end), |one, span| (one.0.min(span.0), one.1.max(span.1)));
        known.retain(|span| !touches(span));
        known.push(one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_is_counted_once_for_each_byte() {
        let mut trace = Trace::default();
        let mut fetched = |start, end| trace.fetched(StreamId(0), ChunkIndex(0), start, end);
        fetched(0, 10);
        fetched(20, 30);
        // All of both, and what lies between them for the first time.
        fetched(0, 30);
        fetched(5, 25);
        assert_eq!(trace.refetched, 40);
    }
}
