//! Subtitles: each track of text in a film, and each file beside it, becomes a WebVTT file.

mod embedded;
mod side_file;

use manifest::{Digest, SubtitlesEntry};
use sha2::{Digest as _, Sha256};

pub(crate) use embedded::{is_text, read as read_embedded};
pub(crate) use side_file::read as read_side_file;
pub use side_file::{NoSubtitlesFile, SubtitlesFile};

/// The longest language tag that is kept, in bytes: it stands in the name of a file.
const LONGEST_TAG: usize = 64;

/// Whether a text has the form of a BCP 47 language tag. What has it can stand in a path and in a URL.
pub(crate) fn is_language_tag(text: &str) -> bool {
    let is_part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.len() <= LONGEST_TAG && text.split('-').all(is_part)
}

/// Subtitles of one language, on the film's timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subtitles {
    /// BCP 47 language tag.
    pub(crate) language: Option<String>,
    /// Its name for a menu, where it has one.
    pub(crate) label: Option<String>,
    /// A whole WebVTT file.
    pub(crate) text: String,
}

impl Subtitles {
    /// Where they stand in the cut. The name holds a digest, so that equal names mean equal bytes, as the content id wants.
    pub(crate) fn url(&self) -> String {
        let language = self.language.as_deref().unwrap_or("und");
        format!("subtitles/{language}-{}.vtt", &self.digest().to_string()[..16])
    }

    fn digest(&self) -> Digest {
        Digest(Sha256::digest(&self.text).into())
    }

    /// What the manifest says of them.
    pub(crate) fn entry(&self) -> SubtitlesEntry {
        let Self { language, label, .. } = self.clone();
        let (bytes, sha256) = (Some(self.text.len() as u64), Some(self.digest()));
        SubtitlesEntry { url: self.url(), bytes, sha256, language, label, default: false }
    }
}
