//! What reads files that most viewers never need: captions that they bring, and the pictures for a seek bar. The page's script
//! fetches it when it is first needed.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::js_error;
use crate::scripts::{Script, script};

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{0}")]
    Invalid(String),
    #[error("what reads such files could not be fetched: {0}")]
    NoReader(String),
}

/// What the reader makes of a file.
pub(crate) async fn read(bytes: &Uint8Array, kind: &str) -> Result<JsValue, Error> {
    let reader = script(Script::Reader).ok_or_else(|| Error::NoReader("there is none".to_owned()))?;
    let no_reader = |thrown: JsValue| Error::NoReader(js_error::describe(&thrown));
    let promise: Promise = reader.call2(&JsValue::NULL, bytes, &kind.into()).map_err(no_reader)?.unchecked_into();
    JsFuture::from(promise).await.map_err(|thrown| match thrown.as_string() {
        // The reader's own words.
        Some(why) => Error::Invalid(why),
        None => no_reader(thrown),
    })
}
