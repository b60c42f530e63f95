//! Several ranges in one response: `multipart/byteranges` (RFC 9110 section 14.6).

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use crate::body::Body;
use crate::range::ByteRange;
use crate::storage::Content;

/// Set once a process and guessed by nobody, so that no file can be made to contain it.
static BOUNDARY: LazyLock<String> = LazyLock::new(|| {
    let random = |salt: u64| RandomState::new().hash_one(salt);
    format!("{:016x}{:016x}", random(0), random(1))
});

/// The value of `Content-Type` for [`body`].
pub(crate) fn content_type() -> String {
    format!("multipart/byteranges; boundary={}", *BOUNDARY)
}

/// A part for each range, each with its own type and place.
pub(crate) fn body(file: &Content, ranges: &[ByteRange], part_type: &str) -> Body {
    let file_bytes = file.identity().bytes;
    let parts = ranges.iter().fold(Body::empty(), |body, &range| {
        let content_range = range.content_range(file_bytes);
        let boundary = &*BOUNDARY;
        body.then(format!("\r\n--{boundary}\r\nContent-Type: {part_type}\r\nContent-Range: {content_range}\r\n\r\n"))
            .then_file(file.clone(), range)
    });
    parts.then(format!("\r\n--{}--\r\n", *BOUNDARY))
}
