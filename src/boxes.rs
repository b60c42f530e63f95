//! What the chunks of a film without an index tell. A module of its own reads them, which the page's script fetches when such
//! a film is loaded: most films have an index.

use js_sys::{Array, Function, Promise, Uint8Array};
use manifest::{ChunkIndex, Kind, MediaTime};
use playback::{FragmentFacts, InitId, Input, StreamId};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::js_error;
use crate::scripts::{Script, script};
use crate::support;

#[wasm_bindgen]
extern "C" {
    /// Of one stream.
    pub(crate) type Boxes;
    /// The bytes of an init that was seen, by its number.
    #[wasm_bindgen(method)]
    pub(crate) fn init(this: &Boxes, number: usize) -> Option<Uint8Array>;
    /// What is to be appended in place of these bytes of a chunk, which begin at `start`.
    #[wasm_bindgen(method)]
    pub(crate) fn fill(this: &Boxes, chunk: usize, start: f64, bytes: &Uint8Array) -> Uint8Array;
    /// For a request for a chunk of `total` bytes from `start` on, whose media need the init of that number unless the chunk
    /// begins with one of its own. Only the beginning of the chunk may be wanted.
    #[wasm_bindgen(method)]
    pub(crate) fn reader(
        this: &Boxes,
        chunk: usize,
        start: f64,
        total: f64,
        init: usize,
        only_beginning: bool,
    ) -> BoxReader;

    /// Of one request.
    pub(crate) type BoxReader;
    #[wasm_bindgen(method)]
    fn take(this: &BoxReader, start: f64, piece: &Uint8Array) -> Array;
}

/// What makes a [`Boxes`] of each stream; otherwise why it cannot be had.
pub(crate) async fn fetch() -> Result<Function, String> {
    let reader = script(Script::Unindexed).ok_or("there is none")?;
    let why = |thrown: JsValue| js_error::describe(&thrown);
    let promise: Promise = reader.call0(&JsValue::NULL).map_err(why)?.unchecked_into();
    JsFuture::from(promise).await.map(JsCast::unchecked_into).map_err(why)
}

/// Of a stream of which nothing is known yet.
pub(crate) fn of_stream(make: &Function) -> Option<Boxes> {
    make.call1(&JsValue::NULL, &support::media_source()?.0).ok().map(JsCast::unchecked_into)
}

impl BoxReader {
    /// Looks at bytes of the chunk that begin at `start`, and says what those tell that has not been told.
    pub(crate) fn facts(&self, stream: StreamId, chunk: ChunkIndex, start: u64, piece: &Uint8Array) -> Vec<Input> {
        self.take(start as f64, piece).iter().map(|fact| input(stream, chunk, &fact)).collect()
    }
}

/// A fact as the module tells it.
fn input(stream: StreamId, chunk: ChunkIndex, fact: &JsValue) -> Input {
    if let Some(what) = fact.as_string() {
        return Input::Malformed { stream, chunk, what };
    }
    let fact: &Array = fact.unchecked_ref();
    let [first, second, third] = [0, 1, 2].map(|at| fact.get(at).as_f64());
    let (first, last) = (first.unwrap_or_default() as u64, fact.get(3));
    let time = |micros: f64| MediaTime::from_micros(micros as i64);
    if let Some(mime) = last.as_string() {
        let kind = match second {
            Some(0.0) => Kind::Video,
            Some(1.0) => Kind::Audio,
            _ => Kind::Muxed,
        };
        return Input::Init { stream, chunk, init: InitId(first as usize), kind, mime, duration: third.map(time) };
    }
    let [start, end] = [second, third].map(|micros| time(micros.unwrap_or_default()));
    Input::Fragment { stream, facts: FragmentFacts { chunk, end_offset: first, start, end, sync: last.is_truthy() } }
}

#[cfg(test)]
mod tests {
    use unindexed::{ChunkReader, Found, Inits};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    const FRAG: &[u8] = include_bytes!("../fuzz/corpus/fragments/frag.mp4");
    const STREAM: StreamId = StreamId(1);
    const CHUNK: ChunkIndex = ChunkIndex(2);

    fn boxes() -> Boxes {
        let source = support::media_source().expect("a MediaSource").0;
        JsValue::from(unindexed_module::stream(source.unchecked_into())).unchecked_into()
    }

    fn input(found: Found) -> Input {
        let (stream, chunk) = (STREAM, CHUNK);
        match found {
            Found::Init { init, kind, mime, duration } => Input::Init { stream, chunk, init, kind, mime, duration },
            Found::Fragment(facts) => Input::Fragment { stream, facts },
            Found::Malformed(what) => Input::Malformed { stream, chunk, what },
        }
    }

    #[wasm_bindgen_test]
    fn what_the_module_tells_comes_as_it_was_told() {
        let damaged = [FRAG, b"this is no box at all"].concat();
        let total = damaged.len();
        let copy = |range: std::ops::Range<u32>| damaged[range.start as usize..range.end as usize].to_vec();
        let mut reader = ChunkReader::new(CHUNK, 0, total as u64, None);
        let told = reader.take(0, total as u32, copy, |_| true, &mut Inits::default());
        let told: Vec<_> = told.into_iter().map(input).collect();
        assert!(matches!(told[..], [Input::Init { .. }, Input::Fragment { .. }, .., Input::Malformed { .. }]));

        let boxes = boxes();
        let reader = boxes.reader(CHUNK.0, 0.0, total as f64, 0, false);
        let facts = reader.facts(STREAM, CHUNK, 0, &Uint8Array::from(&damaged[..]));
        assert_eq!(format!("{facts:?}"), format!("{told:?}"));
        let init = boxes.init(0).expect("it was seen").to_vec();
        assert!(FRAG.starts_with(&init) && boxes.init(1).is_none());
    }

    #[wasm_bindgen_test]
    fn a_request_goes_on_where_the_one_before_has_ended() {
        let boxes = boxes();
        let total = FRAG.len() as f64;
        let (first, second) = FRAG.split_at(FRAG.len() / 2 + 1);
        let take = |start: usize, bytes: &[u8], only_beginning| {
            let reader = boxes.reader(CHUNK.0, start as f64, total, 0, only_beginning);
            reader.facts(STREAM, CHUNK, start as u64, &Uint8Array::from(bytes))
        };
        let all = take(0, FRAG, true);
        let mut told = take(0, first, false);
        // A look at a beginning does not come between.
        take(0, FRAG, true);
        told.extend(take(first.len(), second, false));
        assert_eq!(format!("{told:?}"), format!("{all:?}"));
    }

    #[wasm_bindgen_test]
    fn what_comes_before_late_sound_is_filled_in_the_first_chunk() {
        // The second decode time is that of the sound, in 64 bits; its clock has 8,000 ticks a second.
        let mut late = FRAG.to_vec();
        let places: Vec<_> = (0..late.len()).filter(|&at| late[at..].starts_with(b"tfdt\x01")).collect();
        late[places[1] + 8..places[1] + 16].copy_from_slice(&16_000_u64.to_be_bytes());
        let bytes = Uint8Array::from(&late[..]);
        for (chunk, silent) in [(0, 1), (1, 0)] {
            let boxes = boxes();
            let reader = boxes.reader(chunk, 0.0, late.len() as f64, 0, false);
            reader.facts(STREAM, ChunkIndex(chunk), 0, &bytes);
            let filled = boxes.fill(chunk, 0.0, &bytes).to_vec();
            let fragments = |bytes: &[u8]| bytes.windows(4).filter(|word| word == b"moof").count();
            assert_eq!(fragments(&filled), fragments(&late) + silent);
            let at = late.windows(4).position(|word| word == b"moof").expect("one") - 4;
            assert!(filled.starts_with(&late[..at]) && filled.ends_with(&late[at..]));
        }
    }
}
