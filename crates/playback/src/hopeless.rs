//! Reasons to fail that trying again does not change.

use crate::Error;

#[derive(Debug)]
pub(crate) enum Hopeless {
    Unsupported { mime: String },
    Uncheckable { what: &'static str },
}

impl Hopeless {
    pub(crate) fn error(&self) -> Error {
        match self {
            Self::Unsupported { mime } => Error::Unsupported { mime: mime.clone() },
            Self::Uncheckable { what } => Error::Uncheckable { url: String::new(), what: (*what).to_owned() },
        }
    }
}
