//! The choice among a film's renditions, for browsers: a module of its own, since most films have one.
//!
//! It hands facts in and choices out, and decides nothing; `package/renditions/renditions.js` has what is around it. Times are seconds of
//! the film and milliseconds of `performance.now()`; a number that is absent is `NaN`.
//!
//! Natively this crate is empty.
#![cfg(target_arch = "wasm32")]

use std::time::Duration;

use adaptation::{Choice, Entry, Limits, Place, Rung, RungId, Source};
use js_sys::Array;
use wasm_bindgen::prelude::*;

/// WebAssembly's memory: smaller than the standard library's allocator.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// The rungs of one film, counted from the lowest.
#[wasm_bindgen]
pub struct Ladder(adaptation::Ladder);

#[wasm_bindgen]
impl Ladder {
    /// Of rungs with those rates, in bits a second, and heights, from the lowest to the highest; of groups that start at those times,
    /// the end of the last among them, with the bytes of each: those of all groups of the lowest rung, then those of the next.
    /// `sound` are the bits in a second of what comes beside them; `default` is the rung to begin with where nothing is known.
    #[wasm_bindgen(constructor)]
    pub fn new(rates: &[f64], heights: &[u32], starts: &[f64], bytes: &[f64], sound: f64, default: usize) -> Ladder {
        let rungs = rates.iter().zip(heights).map(|(rate, height)| Rung {
            bits_per_second: *rate as u64,
            height: *height,
            is_smooth: true,
        });
        let count = starts.len().saturating_sub(1).max(1);
        let groups = starts.windows(2).enumerate().map(|(at, pair)| Entry {
            start: seconds(pair[0]),
            length: seconds(pair[1] - pair[0]),
            bytes: bytes.chunks(count).filter_map(|rung| rung.get(at)).map(|bytes| *bytes as u64).collect(),
        });
        Self(adaptation::Ladder::new(rungs.collect(), groups.collect(), sound as u64, RungId(default)))
    }

    /// An answer began so many milliseconds after its request: an edge's HIT (1), its MISS (2), or who knows (0).
    pub fn answered(&mut self, source: u32, after: f64) {
        let source = match source {
            1 => Source::Hit,
            2 => Source::Miss,
            _ => Source::Unknown,
        };
        self.0.answered(source, millis(after));
    }

    /// Bytes are awaited from `now` on.
    #[wasm_bindgen(js_name = beginRead)]
    pub fn begin_read(&mut self, now: f64) {
        self.0.begin_read(millis(now));
    }

    /// They have come, from the network or from the browser's own cache; none where an answer is over.
    #[wasm_bindgen(js_name = endRead)]
    pub fn end_read(&mut self, now: f64, cached: bool, bytes: f64) {
        let source = if cached { Source::BrowserCache } else { Source::Unknown };
        self.0.end_read(millis(now), source, bytes as u64);
    }

    /// An answer is over.
    pub fn completed(&mut self) {
        self.0.completed();
    }

    /// What the viewer, the page and the device set: lines shown, lines and bits in a second at most, the highest rung of which few
    /// pictures were dropped, and whether data is to be saved.
    pub fn limit(&mut self, shown: f64, height: f64, rate: f64, undropped: f64, saves: bool) {
        let known = |number: f64| (!number.is_nan()).then_some(number);
        self.0.limits = Limits {
            shown_height: known(shown).map(|lines| lines as u32),
            max_height: known(height).map(|lines| lines as u32),
            max_bits_per_second: known(rate).map(|rate| rate as u64),
            undropped: known(undropped).map(|rung| RungId(rung as usize)),
            quota: None,
            saves_data: saves,
        };
    }

    /// Says that the device does not decode a rung in time.
    #[wasm_bindgen(js_name = notSmooth)]
    pub fn not_smooth(&mut self, rung: usize) {
        self.0.set_smooth(RungId(rung), false);
    }

    /// Has one rung played whatever the link carries; `NaN` leaves it to the rules.
    pub fn want(&mut self, rung: f64) {
        self.0.wanted = (!rung.is_nan()).then_some(RungId(rung as usize));
    }

    /// The rung to fetch a group from, why, and why not the next, as texts: `[rung, why, whyNotNext]`.
    pub fn choose(&mut self, rung: usize, start: f64, playhead: f64, goal: f64, bytes: f64, rate: f64) -> Array {
        told(self.0.choose(&place(rung, start, playhead, goal, bytes, rate)))
    }

    /// The same for a group under way, with `left` bytes still to come; `undefined` where that is best waited for.
    #[expect(clippy::too_many_arguments, reason = "one call without an object, while bytes come")]
    pub fn doubt(
        &mut self,
        now: f64,
        left: f64,
        rung: usize,
        start: f64,
        playhead: f64,
        goal: f64,
        bytes: f64,
        rate: f64,
    ) -> Option<Array> {
        let place = place(rung, start, playhead, goal, bytes, rate);
        self.0.doubt(millis(now), &place, left as u64).map(told)
    }

    /// Bits in a second that are to be expected of the link; `NaN` while nothing has come.
    pub fn expected(&self) -> f64 {
        self.0.forecast().map_or(f64::NAN, |link| link.expected as f64 * 8.0)
    }
}

fn place(rung: usize, start: f64, playhead: f64, goal: f64, bytes: f64, rate: f64) -> Place {
    let (start, playhead, goal) = (seconds(start), seconds(playhead), seconds(goal));
    Place { rung: RungId(rung), start, playhead, goal, goal_bytes: bytes as u64, rate }
}

fn told(Choice { rung, why, next }: Choice) -> Array {
    let next = next.map(|obstacle| JsValue::from(obstacle.to_string()));
    Array::of3(&rung.0.into(), &why.to_string().into(), &next.unwrap_or(JsValue::NULL))
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_micros((seconds * 1e6).round() as u64)
}

fn millis(millis: f64) -> Duration {
    Duration::from_micros((millis * 1e3) as u64)
}
