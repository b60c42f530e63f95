//! What a server says of the bytes that it sends.

use playback::{ContentRange, EdgeStatus};

/// Reads bytes as the field `Content-Range`, and as what an edge says of its cache.
pub fn answer(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = EdgeStatus::parse(&text);
    let Some(range) = ContentRange::parse(&text) else { return };
    assert!(range.start < range.end && range.total.is_none_or(|total| range.end <= total), "{range:?}");
    let total = range.total.map_or_else(|| "*".to_owned(), |total| total.to_string());
    let again = format!("bytes {}-{}/{total}", range.start, range.end - 1);
    assert_eq!(ContentRange::parse(&again), Some(range), "what is read is read the same");
}
