//! When the engine is rehearsed: once, while nobody waits for it.

use std::cell::Cell;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::film_json;

/// Has the browser compile what the first film would otherwise wait for. Only the first call does anything.
#[wasm_bindgen]
pub fn rehearse() {
    thread_local! {
        static IS_DONE: Cell<bool> = const { Cell::new(false) };
    }
    if !IS_DONE.replace(true) {
        let manifest = Uint8Array::from(playback::REHEARSAL.as_bytes());
        if let Ok(film) = film_json::read(&manifest) {
            playback::rehearse(film);
        }
    }
}
