//! Who chooses among the renditions of a film: a script of the page's, which fetches what decides when such a film is loaded. Most
//! films have one rendition.

use js_sys::Uint8Array;
use playback::{EdgeStatus, Question, RequestId, StreamId};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlMediaElement;

use crate::scripts::{self, script};

#[wasm_bindgen]
extern "C" {
    type Script;
    /// Something has become of a request for media, or the film is loaded no more.
    #[wasm_bindgen(method)]
    fn tell(this: &Script, what: u32, request: u32, number: f64);
    /// The stream that a group is fetched from; below zero where one under way is waited for.
    #[wasm_bindgen(method)]
    fn choose(this: &Script, stream: usize, start: f64, playhead: f64, goal: f64, bytes: f64, left: f64) -> f64;
}

/// A request for media is under way.
pub(crate) const SENT: u32 = 0;
/// Its answer has begun: 1 is an edge's HIT, 2 its MISS, 0 anything else.
pub(crate) const ANSWERED: u32 = 1;
/// Bytes of it are awaited.
pub(crate) const READ: u32 = 2;
/// So many have come.
pub(crate) const BYTES: u32 = 3;
/// It is over, however it ended.
pub(crate) const OVER: u32 = 4;
/// The film is loaded no more.
const CLOSED: u32 = 5;

/// Who chooses for one film, as long as that is loaded.
pub(crate) struct Chooser(Script);

impl Drop for Chooser {
    fn drop(&mut self) {
        self.0.tell(CLOSED, 0, 0.0);
    }
}

/// Who chooses for that film.
pub(crate) fn chooser(video: &HtmlMediaElement, manifest: &Uint8Array) -> Option<Chooser> {
    let maker = script(scripts::Script::Chooser)?;
    maker.call2(&JsValue::NULL, video, manifest).ok().map(|script| Chooser(script.unchecked_into()))
}

impl Chooser {
    /// Tells what becomes of a request: one that it was not told is [`SENT`] does not count.
    pub(crate) fn tell(&self, what: u32, request: RequestId, number: f64) {
        self.0.tell(what, request.0, number);
    }

    /// The stream that a group is fetched from; `None` where one under way is waited for.
    pub(crate) fn choose(&self, question: &Question) -> Option<StreamId> {
        let Question { stream, start, target, goal, goal_bytes, left } = *question;
        let [start, target, goal] = [start, target, goal].map(manifest::MediaTime::as_seconds);
        let left = left.map_or(-1.0, |left| left as f64);
        let rung = self.0.choose(stream.0, start, target, goal, goal_bytes as f64, left);
        (rung >= 0.0).then_some(StreamId(rung as usize))
    }
}

/// As [`ANSWERED`] has it.
pub(crate) fn number_of(edge: Option<EdgeStatus>) -> f64 {
    match edge {
        Some(EdgeStatus::Hit) => 1.0,
        Some(EdgeStatus::Miss) => 2.0,
        Some(EdgeStatus::Other) | None => 0.0,
    }
}
