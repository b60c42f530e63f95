//! From JSON to a film, whoever has parsed the JSON.
//!
//! 1. The form: a plain array of chunks, or an object, whose version must be known before anything else is believed.
//! 2. An object is read as a [`Document`].
//! 3. The document is checked.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::whole::whole_option;
use crate::{Cause, Document, Error, Film, VERSION, plain};

/// JSON that has been parsed.
pub trait Json {
    /// Whether it is an array.
    fn is_array(&self) -> bool;

    /// Reads it. It may be read again.
    ///
    /// # Errors
    /// Say what is wrong, behind the path of the member (`streams[0].init.bytes: …`).
    fn read<T: DeserializeOwned>(&self) -> Result<T, String>;
}

/// Brackets in each other: more than any manifest has. Whoever parses or shows JSON may do so by recursion.
const DEEPEST: usize = 64;

/// The most characters that are said of a value that is wrong: it may be as long as the manifest.
const LONGEST: usize = 400;

/// The version of an object, if it has one.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Versioned {
    #[serde(default, deserialize_with = "whole_option")]
    version: Option<u64>,
}

impl Film {
    /// The largest manifest that is read, in bytes. A two-hour film has about 60 kB.
    pub const LARGEST_MANIFEST: usize = 16 << 20;

    /// Reads either form of manifest. `parse` is given a text that is neither too long nor too deep.
    ///
    /// # Errors
    /// [`Error`] says what is wrong and where; nothing of a wrong manifest is used.
    pub fn read<'a, J: Json>(text: &'a [u8], parse: impl FnOnce(&'a [u8]) -> Result<J, String>) -> Result<Self, Error> {
        if text.len() > Self::LARGEST_MANIFEST {
            return Err(Cause::TooLarge { bytes: text.len(), limit: Self::LARGEST_MANIFEST }.into());
        }
        if depth(text) > DEEPEST {
            return Err(wrong("too many brackets in each other".to_owned()));
        }
        let json = parse(text).map_err(wrong)?;
        if json.is_array() {
            return plain::film(json.read().map_err(wrong)?);
        }
        match json.read().map_err(wrong)? {
            Versioned { version: Some(found) } if found != u64::from(VERSION) => {
                Err(Cause::Version { found, known: VERSION }.into())
            }
            // Without a version the document itself is at fault, and says so.
            Versioned { .. } => json.read::<Document>().map_err(wrong)?.check(),
        }
    }
}

pub(crate) fn wrong(mut what: String) -> Error {
    if let Some((end, _)) = what.char_indices().nth(LONGEST) {
        what.truncate(end);
    }
    Cause::Json(what).into()
}

/// How many brackets stand in each other, at most. Of what is no JSON it may say anything.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut is_text, mut is_escaped) = (0_usize, 0, false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => depth += 1,
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
