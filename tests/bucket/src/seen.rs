//! What was asked for.

use std::collections::HashMap;

use http::request::Parts;
use http::{Method, header};
use url::form_urlencoded::parse;

/// One request, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How it was asked for.
    pub method: Method,
    /// Without the bucket.
    pub key: String,
    /// What stood behind the question mark.
    pub query: HashMap<String, String>,
    /// The field `Range`.
    pub range: Option<String>,
    /// Length of its body.
    pub bytes: usize,
    /// Of the answer.
    pub status: u16,
}

impl Seen {
    pub(crate) fn of(parts: &Parts) -> Self {
        let key = parts.uri.path().trim_start_matches("/films").trim_start_matches('/');
        // Google's clients escape all of it.
        let key = parse(key.as_bytes()).map(|(key, _)| key.into_owned()).collect();
        let query = parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let range = parts.headers.get(header::RANGE).and_then(|value| Some(value.to_str().ok()?.to_owned()));
        Self { method: parts.method.clone(), key, query, range, bytes: 0, status: 0 }
    }
}
