//! The inits that the chunks of a stream begin with.

use std::ops::Range;
use std::sync::Arc;

use isobmff::{Init, TrackKind, difference};
use manifest::ChunkIndex;
use playback::InitId;

use crate::silence::Silence;

/// Each init of a stream but once, however many chunks begin with it. Which chunk begins with which, the engine knows.
#[derive(Debug, Default)]
pub struct Inits {
    known: Vec<Known>,
    /// What is to be heard in the first chunk before its sound begins, coded as its init says.
    pub(crate) silence: Option<Silence>,
}

#[derive(Debug)]
struct Known {
    bytes: Vec<u8>,
    init: Arc<Init>,
}

impl Inits {
    /// The bytes of one.
    #[must_use]
    pub fn bytes(&self, id: InitId) -> Option<&[u8]> {
        self.known.get(id.0).map(|known| &*known.bytes)
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: InitId) -> Option<&Arc<Init>> {
        self.known.get(id.0).map(|known| &known.init)
    }

    /// What these bytes of a chunk lack, which are to be appended: fragments of silence, and where in the chunk each belongs, the first one first.
    pub fn silence(&mut self, chunk: ChunkIndex, bytes: Range<u64>) -> impl Iterator<Item = (u64, &[u8])> {
        let silence = self.silence.iter_mut().filter(move |_| chunk == ChunkIndex(0));
        silence.flat_map(move |silence| silence.within(bytes.clone()))
    }

    /// Takes note of one, and says which it is: an equal one, if there is one.
    ///
    /// # Errors
    /// One that differs from the first in more than a SourceBuffer can change to is refused, with the difference: where the
    /// tracks are of other kinds, or the browser does not play its type (`supports`).
    pub fn learn(
        &mut self,
        bytes: Vec<u8>,
        init: &Arc<Init>,
        supports: impl FnOnce(&str) -> bool,
    ) -> Result<InitId, String> {
        let mut differs = None;
        let mut number = self.known.len();
        for (at, known) in self.known.iter().enumerate() {
            match difference(&known.bytes, &bytes).map_err(|error| error.to_string())? {
                Some(found) => differs = differs.or(Some(found)),
                None => number = at,
            }
        }
        if number == self.known.len() {
            let first = self.known.first().map_or(init, |first| &first.init);
            let refused = differs.filter(|_| !kinds(first).eq(kinds(init)) || !supports(&init.mime()));
            if let Some(difference) = refused {
                return Err(format!("its init differs from the first chunk's: {difference}"));
            }
            self.known.push(Known { bytes, init: init.clone() });
        }
        Ok(InitId(number))
    }
}

/// What may not change (Media Source Extensions, initialization segment received).
fn kinds(init: &Init) -> impl Iterator<Item = TrackKind> {
    init.tracks.iter().map(|track| track.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn init(bytes: &[u8]) -> Arc<Init> {
        Arc::new(Init::parse(bytes).expect("an init"))
    }

    const H264: &[u8] = include_bytes!("../../../fuzz/corpus/boxes/frag.mp4");
    const VP9: &[u8] = include_bytes!("../../../fuzz/corpus/boxes/vp9.mp4");
    const FLAC: &[u8] = include_bytes!("../../../fuzz/corpus/boxes/flac.mp4");

    #[test]
    fn an_equal_init_has_the_same_number() {
        let mut inits = Inits::default();
        assert_eq!(inits.learn(VP9.to_vec(), &init(VP9), |_| true), Ok(InitId(0)));
        assert_eq!(inits.learn(VP9.to_vec(), &init(VP9), |_| unreachable!("it is known")), Ok(InitId(0)));
        assert_eq!(inits.bytes(InitId(0)), Some(VP9));
        assert!(inits.bytes(InitId(1)).is_none() && inits.get(InitId(0)).is_some());
    }

    #[test]
    fn another_init_of_the_same_kinds_is_taken_where_the_browser_plays_it() {
        let hevc: &[u8] = include_bytes!("../../../fuzz/corpus/boxes/hevc.mp4");
        let mut inits = Inits::default();
        inits.learn(VP9.to_vec(), &init(VP9), |_| true).expect("the first");
        let mime = init(hevc).mime();
        let refused = inits.learn(hevc.to_vec(), &init(hevc), |asked| asked != mime).expect_err("not played");
        assert!(refused.starts_with("its init differs from the first chunk's: "), "{refused}");
        assert_eq!(inits.learn(hevc.to_vec(), &init(hevc), |asked| asked == mime), Ok(InitId(1)));
    }

    #[test]
    fn tracks_of_other_kinds_are_refused_whatever_the_browser_plays() {
        let mut inits = Inits::default();
        inits.learn(VP9.to_vec(), &init(VP9), |_| true).expect("the first");
        assert!(inits.learn(FLAC.to_vec(), &init(FLAC), |_| true).is_err());
        assert!(inits.learn(H264.to_vec(), &init(H264), |_| true).is_err(), "it brings sound, too");
    }
}
