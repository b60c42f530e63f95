//! Which init the bytes of a chunk need, where the chunks of a stream carry different ones.

use manifest::ChunkIndex;

use crate::Sorted;

/// The inits of a stream without an index.
#[derive(Debug, Default)]
pub(crate) struct Inits {
    /// The type of each, by its number.
    mimes: Sorted<usize, String>,
    /// The number of the one that a chunk begins with, where that has been seen.
    own: Sorted<ChunkIndex, usize>,
    /// The one that the SourceBuffer has.
    given: usize,
}

/// What the SourceBuffer has to be given before media of a chunk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The init's number.
    pub(crate) init: usize,
    /// Its type, where that is another than the SourceBuffer's.
    pub(crate) mime: Option<String>,
}

impl Inits {
    /// Takes note that `chunk` begins with that init.
    pub(crate) fn learn(&mut self, chunk: ChunkIndex, init: usize, mime: String) {
        self.mimes.or_insert(init, mime);
        self.own.insert(chunk, init);
    }

    /// What has to come before media of `chunk`; `None` when the SourceBuffer has it. It counts as given.
    pub(crate) fn give(&mut self, chunk: ChunkIndex) -> Option<Change> {
        // A chunk without one goes on with that of the chunk before it.
        let needed = self.own.up_to(chunk).copied().unwrap_or(0);
        let before = std::mem::replace(&mut self.given, needed);
        let mime = self.mimes.get(needed).filter(|mime| self.mimes.get(before) != Some(mime)).cloned();
        (needed != before).then_some(Change { init: needed, mime })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn only_what_differs_is_given_anew() {
        let mut inits = Inits::default();
        assert_eq!(inits.give(ChunkIndex(0)), None, "the first comes with the bytes");
        inits.learn(ChunkIndex(0), 0, "a".into());
        inits.learn(ChunkIndex(2), 1, "b".into());
        inits.learn(ChunkIndex(5), 2, "b".into());
        assert_eq!(inits.give(ChunkIndex(1)), None);
        assert_eq!(inits.give(ChunkIndex(3)), Some(Change { init: 1, mime: Some("b".into()) }));
        assert_eq!(inits.give(ChunkIndex(4)), None);
        assert_eq!(inits.give(ChunkIndex(6)), Some(Change { init: 2, mime: None }), "the type is the same");
        assert_eq!(inits.give(ChunkIndex(0)), Some(Change { init: 0, mime: Some("a".into()) }));
    }
}
