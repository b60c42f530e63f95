//! Whatever a Range field says, what is sent lies within the file, and no byte of it twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use origin::range::{MAX_RANGES, Selection, select};

fuzz_target!(|input: (u64, &str)| {
    let (file_bytes, field) = input;
    let Selection::Ranges(mut ranges) = select(field, file_bytes) else { return };
    assert!(!ranges.is_empty() && ranges.len() <= MAX_RANGES);
    ranges.sort_by_key(|range| range.start);
    assert!(ranges.iter().all(|range| range.start < range.end && range.end <= file_bytes), "{ranges:?}");
    assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start), "{ranges:?}");
    for range in ranges {
        let text = range.content_range(file_bytes).to_string();
        assert_eq!(text, format!("bytes {}-{}/{file_bytes}", range.start, range.end - 1));
    }
});
