//! What Cloudflare R2 refuses and the server of the tests does not: it stands before that one.
//!
//! - Checksums beside the signed digest: 501, as R2 has answered the AWS SDKs.
//! - Parts of a multipart upload that are not of equal size, the last excepted.
//! - More than one write to the same key in a second.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use http::{HeaderMap, Method};

/// How a request is refused.
pub(crate) type Refused = (u16, &'static str);

/// What is remembered between requests.
#[derive(Default)]
pub(crate) struct Rules {
    written: HashMap<String, Instant>,
    /// By upload id: the lengths of its parts by their numbers.
    parts: HashMap<String, HashMap<u32, usize>>,
}

impl Rules {
    /// Whether R2 would refuse this, and how.
    pub(crate) fn refuse(
        &mut self,
        method: &Method,
        path: &str,
        query: &HashMap<String, String>,
        headers: &HeaderMap,
        bytes: usize,
    ) -> Option<Refused> {
        let is_checksum = |name: &str| name.starts_with("x-amz-checksum") || name.contains("sdk-checksum");
        if headers.keys().any(|name| is_checksum(name.as_str()) || name.as_str() == "x-amz-trailer") {
            return Some((501, "NotImplemented"));
        }
        match (method, query.get("uploadId")) {
            (&Method::PUT, Some(id)) => {
                let number = query.get("partNumber").and_then(|number| number.parse().ok()).unwrap_or(0);
                self.parts.entry(id.clone()).or_default().insert(number, bytes);
                None
            }
            (&Method::POST, Some(id)) => {
                let parts = self.parts.get(id)?;
                let last = parts.keys().max()?;
                let size = parts.get(&1)?;
                let is_equal = parts.iter().all(|(number, bytes)| number == last || bytes == size);
                let is_large = parts.iter().all(|(number, bytes)| number == last || *bytes >= 5 << 20);
                (!is_equal || !is_large).then_some((400, "InvalidPart"))
            }
            (&Method::PUT, None) => {
                let now = Instant::now();
                let last = self.written.insert(path.to_owned(), now);
                let is_soon = last.is_some_and(|last| now - last < Duration::from_secs(1));
                is_soon.then_some((429, "TooManyRequests"))
            }
            _ => None,
        }
    }
}
