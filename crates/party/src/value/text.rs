//! Texts of strangers, of bounded length.

use serde::{Deserialize, Serialize};

/// A text of at most `MOST` bytes of UTF-8, without control characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text<const MOST: usize>(String);

impl<const MOST: usize> Text<MOST> {
    /// `None` where it is too long or holds control characters.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (text.len() <= MOST && !text.chars().any(char::is_control)).then(|| Self(text.to_owned()))
    }

    /// As much of it as there is room for, without its control characters.
    #[must_use]
    pub fn cut(text: &str) -> Self {
        let mut kept = String::new();
        for char in text.chars().filter(|char| !char.is_control()) {
            if kept.len() + char.len_utf8() > MOST {
                break;
            }
            kept.push(char);
        }
        Self(kept)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MOST: usize> TryFrom<String> for Text<MOST> {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("a text is too long, or holds control characters")
    }
}
