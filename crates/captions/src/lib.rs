//! Files of captions (SubRip, SubStation Alpha, WebVTT, in whatever encoding) as WebVTT that every browser reads.
//!
//! Pure: bytes in, text out; no I/O and no clock. Work and memory grow with the length of a file and with nothing that
//! the file says.
//!
//! - [`webvtt`] reads a whole file.
//! - [`Cue`] and [`file()`] write one from cues that come from elsewhere, such as the samples of a track.

mod ass;
mod ass_text;
mod cue;
mod encoding;
mod error;
mod lines;
mod markup;
mod srt;
mod timing;
mod vtt;

pub use cue::{Cue, escape, file};
pub use error::Error;

/// The largest file that is read, in bytes: the captions of a film take some 100 kB.
pub const MOST_BYTES: usize = 32 << 20;

/// A file of captions as WebVTT, whole, with at least one cue.
///
/// Times stay as they are: an `X-TIMESTAMP-MAP`, which belongs to a segment of an HLS stream, is left out.
///
/// # Errors
/// Where there is no cue that can be read, and where the file is larger than [`MOST_BYTES`].
pub fn webvtt(bytes: &[u8]) -> Result<String, Error> {
    if bytes.len() > MOST_BYTES {
        return Err(Error::TooLarge);
    }
    let text = lines::normalize(&encoding::decode(bytes));
    if vtt::is_webvtt(&text) {
        return vtt::mend(&text).ok_or(Error::NoCue);
    }
    let cues = if ass::is_ass(&text) { ass::parse(&text) } else { srt::parse(&text) };
    let file = file("", &cues);
    file.contains("-->").then_some(file).ok_or(Error::NoCue)
}

#[cfg(test)]
mod tests;

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
