//! What comes of a request.

use std::time::Duration;

/// One step of an answer, or its end. What is said of a request that the engine has given up is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The response's head.
    Head(ResponseHead),
    /// The answer to one [`crate::Output::Read`]: the number of bytes of the body that came. The shell keeps those that were asked for; a
    /// server that ignores Range sends others first.
    Bytes(u64),
    /// The body's end, as the network sees it.
    End,
    /// It broke.
    Failed(Failure),
}

/// What a response's head says, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResponseHead {
    /// RFC 9110 section 15.
    pub status: u16,
    /// RFC 9110 section 14.4.
    pub content_range: Option<ContentRange>,
    /// RFC 9110 section 8.6.
    pub content_length: Option<u64>,
    /// RFC 9110 section 8.3, as sent.
    pub content_type: Option<String>,
    /// RFC 9110 section 8.8.3, as sent.
    pub etag: Option<String>,
    /// RFC 9110 section 10.2.3.
    pub retry_after: Option<Duration>,
    /// What an edge cache says of itself.
    pub edge: Option<EdgeStatus>,
}

impl ResponseHead {
    /// Where in the object its body begins: at the beginning, where a server ignores Range.
    #[must_use]
    pub fn first_byte(&self) -> u64 {
        self.content_range.filter(|_| self.status == 206).map_or(0, |range| range.start)
    }

    /// The type, where it is that of a page: no part of a film has it.
    pub(crate) fn page_type(&self) -> Option<&str> {
        let found = self.content_type.as_deref()?;
        let essence = found.split(';').next().unwrap_or_default().trim();
        ["text/html", "application/xhtml+xml"].iter().any(|page| essence.eq_ignore_ascii_case(page)).then_some(found)
    }

    /// Whether this is the head of the whole of an object that has `total` bytes.
    pub(crate) fn check_whole(&self, total: u64) -> Result<(), Failure> {
        match (self.content_length, self.page_type()) {
            (Some(found), None) if found != total => Err(Failure::WrongTotal { found, expected: total }),
            (found, Some(page)) if found != Some(total) => Err(Failure::WrongType { found: page.to_owned() }),
            _ => Ok(()),
        }
    }
}

/// Whether a cache on the way had the bytes (Cloudflare's `CF-Cache-Status`, otherwise `Age`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeStatus {
    /// It had them.
    Hit,
    /// It asked further up.
    Miss,
    /// Anything else, such as `DYNAMIC`: it does not keep them.
    Other,
}

impl EdgeStatus {
    /// Reads the field's value.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        match value.trim() {
            "HIT" | "STALE" | "UPDATING" | "REVALIDATED" => Self::Hit,
            "MISS" | "EXPIRED" => Self::Miss,
            _ => Self::Other,
        }
    }
}

impl Failure {
    /// Whether the server has something else under the object's address, or nothing: the manifest may know better by now.
    pub(crate) fn denies_object(&self) -> bool {
        matches!(self, Self::Status { status: 404 | 410, .. } | Self::WrongTotal { .. } | Self::WrongType { .. })
    }
}

/// `bytes first-last/total`, the end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentRange {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// Of the whole representation; `None` for `*`.
    pub total: Option<u64>,
}

impl ContentRange {
    /// Reads the field's value; `None` for an unsatisfied range, another unit or nonsense.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (range, total) = value.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let (start, end) = (first.trim().parse().ok()?, last.trim().parse::<u64>().ok()?.checked_add(1)?);
        let total = match total.trim() {
            "*" => None,
            total => Some(total.parse().ok()?),
        };
        (start < end && total.is_none_or(|total| end <= total)).then_some(Self { start, end, total })
    }
}

/// Why a request broke.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// No connection, or one that was cut. Browsers do not say which.
    #[error("the connection failed")]
    Network,
    /// Neither a head nor a byte for [`crate::Options::silence`].
    #[error("nothing arrived for too long")]
    Silence,
    /// The body ended early.
    #[error("the body ended {missing} bytes early")]
    Truncated {
        /// How many bytes are missing.
        missing: u64,
    },
    /// An answer that is no success.
    #[error("the server answered {status}")]
    Status {
        /// RFC 9110 section 15.
        status: u16,
        /// What the server asks for.
        retry_after: Option<Duration>,
    },
    /// A 206 for other bytes than those asked for.
    #[error("the server sent another range than asked for")]
    WrongRange,
    /// The object is not as long as the manifest says.
    #[error("the object has {found} bytes, the manifest says {expected}")]
    WrongTotal {
        /// What the server says.
        found: u64,
        /// What the manifest says.
        expected: u64,
    },
    /// A page in the place of the object: what hosting for single pages answers where it has nothing.
    #[error("the server sent a page ({found}) in its place")]
    WrongType {
        /// RFC 9110 section 8.3, as sent.
        found: String,
    },
    /// More than anything of its kind has.
    #[error("it has more than {limit} bytes")]
    TooLarge {
        /// The most that is read.
        limit: u64,
    },
    /// The page did not let the request be sent, or did not give what it had promised.
    #[error("{0}")]
    Page(String),
    /// The object is no longer the one that the first bytes came from.
    #[error("the object changed while it was read")]
    Changed,
    /// The bytes are not those that were cut.
    #[error("its SHA-256 digest is not the manifest's")]
    Digest,
    /// A fragment table that contradicts its chunk.
    #[error("{0}")]
    Table(manifest::Error),
    /// A chunk without an index does not say when it starts.
    #[error("there is no fragment in its first {searched} bytes")]
    Headless {
        /// How many bytes were searched.
        searched: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_content_range_is_read_as_sent() {
        let range = |start, end, total| Some(ContentRange { start, end, total });
        assert_eq!(ContentRange::parse("bytes 0-0/1"), range(0, 1, Some(1)));
        assert_eq!(ContentRange::parse("bytes 5-9/*"), range(5, 10, None));
        for nonsense in
            ["bytes */10", "bytes 9-5/10", "bytes 0-10/10", "items 0-1/2", "", "bytes 0-18446744073709551615/*"]
        {
            assert_eq!(ContentRange::parse(nonsense), None, "{nonsense}");
        }
    }
}
