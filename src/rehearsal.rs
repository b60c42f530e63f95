//! When the engine is rehearsed: once, while nobody waits for it.

use std::cell::Cell;

use wasm_bindgen::prelude::wasm_bindgen;

/// Has the browser compile what the first film would otherwise wait for. Only the first call does anything.
#[wasm_bindgen]
pub fn rehearse() {
    thread_local! {
        static IS_DONE: Cell<bool> = const { Cell::new(false) };
    }
    if !IS_DONE.replace(true) {
        playback::rehearse();
    }
}
