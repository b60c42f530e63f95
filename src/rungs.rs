//! Who chooses among the renditions of a film: a script of the page's, which fetches what decides when such a film is loaded. Most
//! films have one rendition.

use std::cell::RefCell;

use js_sys::{Function, Uint8Array};
use playback::{EdgeStatus, Input, Object, Question, RequestId, StreamId};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlMediaElement;

thread_local! {
    static MAKER: RefCell<Option<Function>> = const { RefCell::new(None) };
}

#[wasm_bindgen]
extern "C" {
    type Script;
    /// Something has become of a request for media, or (5) the film is loaded no more.
    #[wasm_bindgen(method)]
    fn tell(this: &Script, what: u32, request: u32, number: f64);
    /// The stream that a group is fetched from; nothing where one under way is waited for.
    #[wasm_bindgen(method)]
    fn choose(
        this: &Script,
        stream: usize,
        start: f64,
        playhead: f64,
        goal: f64,
        bytes: f64,
        left: f64,
    ) -> Option<usize>;
}

/// Who chooses for one film, as long as that is loaded.
pub(crate) struct Chooser(Script);

impl Drop for Chooser {
    fn drop(&mut self) {
        self.0.tell(5, 0, 0.0);
    }
}

/// What becomes of a request for media.
#[derive(Clone, Copy, Debug)]
pub(crate) enum News {
    Sent,
    Answered(Option<EdgeStatus>),
    /// Bytes of it are awaited.
    Read,
    Bytes(u64),
    /// It is over, however it ended.
    Over,
}

/// Says who chooses among renditions: a function that gets the media element and the manifest of a film that has several.
#[wasm_bindgen(js_name = chooseWith)]
pub fn choose_with(
    #[wasm_bindgen(unchecked_param_type = "(video: HTMLMediaElement, manifest: Uint8Array) => object")] maker: Function,
) {
    MAKER.set(Some(maker));
}

/// Who chooses for that film.
pub(crate) fn chooser(video: &HtmlMediaElement, manifest: &Uint8Array) -> Option<Chooser> {
    let maker = MAKER.with_borrow(Clone::clone)?;
    maker.call2(&JsValue::NULL, video, manifest).ok().map(|script| Chooser(script.unchecked_into()))
}

impl Chooser {
    /// Tells of a request for `object`: those for other things than media do not count.
    pub(crate) fn note(&self, object: Object, request: RequestId, news: News) {
        if !matches!(object, Object::Chunk { .. }) {
            return;
        }
        let (what, number) = match news {
            News::Sent => (0, 0.0),
            News::Answered(edge) => match edge {
                Some(EdgeStatus::Hit) => (1, 1.0),
                Some(EdgeStatus::Miss) => (1, 2.0),
                Some(EdgeStatus::Other) | None => (1, 0.0),
            },
            News::Read => (2, 0.0),
            News::Bytes(count) => (3, count as f64),
            News::Over => (4, 0.0),
        };
        self.0.tell(what, request.0, number);
    }

    /// The answer to a question, if there is one.
    pub(crate) fn answer(&self, question: &Question) -> Option<Input> {
        let Question { stream, start, target, goal, goal_bytes, left } = *question;
        let [start, target, goal] = [start, target, goal].map(manifest::MediaTime::as_seconds);
        let rung =
            self.0.choose(stream.0, start, target, goal, goal_bytes as f64, left.map_or(f64::NAN, |left| left as f64));
        rung.map(|rung| Input::Chosen { instead_of: stream, rung: StreamId(rung) })
    }
}
