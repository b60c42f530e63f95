//! The reader of captions for browsers: a module of its own, since most viewers bring none.
//!
//! Natively this crate is empty.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen::prelude::wasm_bindgen;

/// A file of captions (SubRip, SubStation Alpha or WebVTT, in any encoding) as WebVTT.
///
/// # Errors
/// Where it has no cue, or is larger than what is read; the text says which.
#[wasm_bindgen]
pub fn webvtt(bytes: &[u8]) -> Result<String, String> {
    captions::webvtt(bytes).map_err(|error| error.to_string())
}
