//! Files of captions that a viewer brings: read by a module of its own, which the page's script fetches when it is first
//! needed.

use std::cell::RefCell;

use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::js_error;

thread_local! {
    /// From bytes to a promise of WebVTT.
    static READER: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Why captions cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Invalid(String),
    #[error("what reads captions could not be fetched: {0}")]
    NoReader(String),
}

/// Says what reads captions: it gets the bytes of a file, and rejects with a text where that has no captions.
#[wasm_bindgen(js_name = readCaptionsWith)]
pub fn read_captions_with(
    #[wasm_bindgen(unchecked_param_type = "(bytes: Uint8Array) => Promise<string>")] reader: Function,
) {
    READER.set(Some(reader));
}

/// The bytes of a file of captions as WebVTT.
pub(crate) async fn read(bytes: &Uint8Array) -> Result<String, Error> {
    let reader = READER.with_borrow(Clone::clone).ok_or_else(|| Error::NoReader("there is none".to_owned()))?;
    let no_reader = |thrown: JsValue| Error::NoReader(js_error::describe(&thrown));
    let promise: Promise = reader.call1(&JsValue::NULL, bytes).map_err(no_reader)?.unchecked_into();
    let text = JsFuture::from(promise).await.map_err(|thrown| match thrown.as_string() {
        // The reader's own words.
        Some(why) => Error::Invalid(why),
        None => no_reader(thrown),
    })?;
    Ok(text.as_string().unwrap_or_default())
}
