//! JSON's text, parsed by `serde_json`. The browser has a parser of its own, and the player does not bring another.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::read::{Json, wrong};
use crate::{Document, Error, Film};

impl Film {
    /// Reads either form of manifest.
    ///
    /// # Errors
    /// [`Error`] says what is wrong and where; nothing of a wrong manifest is used.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        Self::read(text, raw)
    }
}

impl Document {
    /// Reads the JSON of a full manifest and holds nothing against anything: see [`Document::check`].
    ///
    /// # Errors
    /// [`crate::Cause::Json`] with the place.
    pub fn parse(text: &[u8]) -> Result<Self, Error> {
        raw(text).and_then(|json| json.read()).map_err(wrong)
    }
}

/// One JSON value and nothing behind it, of which nothing has been read.
fn raw(text: &[u8]) -> Result<&RawValue, String> {
    // PowerShell 5 and some editors write a byte order mark, which JSON (RFC 8259 section 8.1) does not have.
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    serde_json::from_slice(text).map_err(|error| error.to_string())
}

impl Json for &RawValue {
    fn is_array(&self) -> bool {
        self.get().starts_with('[')
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_path_to_error::deserialize(*self).map_err(|error| {
            let (place, what) = (error.path().to_string(), error.inner());
            // The path of the whole is a point.
            if place == "." { what.to_string() } else { format!("{place}: {what}") }
        })
    }
}
