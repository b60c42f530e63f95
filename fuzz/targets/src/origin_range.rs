//! The `Range` field of a request: what is sent lies within the file, and no byte of it twice.

use origin::range::{MAX_RANGES, Selection, select};

/// Takes the length of a file from the first eight bytes, and the field from the rest.
pub fn origin_range(bytes: &[u8]) {
    let Some((length, field)) = bytes.split_first_chunk::<8>() else { return };
    let (file_bytes, Ok(field)) = (u64::from_le_bytes(*length), std::str::from_utf8(field)) else { return };
    let Selection::Ranges(mut ranges) = select(field, file_bytes) else { return };
    assert!(!ranges.is_empty() && ranges.len() <= MAX_RANGES);
    ranges.sort_by_key(|range| range.start);
    assert!(ranges.iter().all(|range| range.start < range.end && range.end <= file_bytes), "{ranges:?}");
    assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start), "{ranges:?}");
    for range in ranges {
        let text = range.content_range(file_bytes).to_string();
        assert_eq!(text, format!("bytes {}-{}/{file_bytes}", range.start, range.end - 1));
    }
}
