//! Which init the bytes of a chunk need, where the chunks of a stream carry different ones.

use manifest::ChunkIndex;

use crate::{InitId, Sorted};

/// The inits of a stream without an index.
#[derive(Debug, Default)]
pub(crate) struct Inits {
    /// The type of each.
    mimes: Sorted<InitId, String>,
    /// The one that a chunk begins with, where that has been seen.
    own: Sorted<ChunkIndex, InitId>,
}

impl Inits {
    /// Takes note that `chunk` begins with that init.
    pub(crate) fn learn(&mut self, chunk: ChunkIndex, init: InitId, mime: String) {
        self.mimes.or_insert(init, mime);
        self.own.insert(chunk, init);
    }

    /// The type of that init, where it has been seen.
    pub(crate) fn mime(&self, init: InitId) -> Option<&String> {
        self.mimes.get(init)
    }

    /// Whether `chunk` is known to begin with an init.
    pub(crate) fn begins(&self, chunk: ChunkIndex) -> bool {
        self.own.contains(chunk)
    }

    /// The one that media of `chunk` need: its own, or else that of the chunk before it.
    pub(crate) fn needed(&self, chunk: ChunkIndex) -> InitId {
        self.own.up_to(chunk).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_chunk_without_an_init_goes_on_with_that_of_the_one_before() {
        let mut inits = Inits::default();
        assert_eq!(inits.needed(ChunkIndex(0)), InitId(0));
        inits.learn(ChunkIndex(0), InitId(0), "a".into());
        inits.learn(ChunkIndex(2), InitId(1), "b".into());
        assert_eq!([0, 1, 2, 5].map(|chunk| inits.needed(ChunkIndex(chunk)).0), [0, 0, 1, 1]);
        assert_eq!([0, 1, 2].map(|chunk| inits.begins(ChunkIndex(chunk))), [true, false, true]);
        assert_eq!(inits.mime(InitId(1)).map(String::as_str), Some("b"));
    }
}
