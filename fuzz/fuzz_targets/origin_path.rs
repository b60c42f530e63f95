//! Whatever path passes names something below the root, and is read in one way only.
#![no_main]

use libfuzzer_sys::fuzz_target;
use origin::path::RequestPath;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

fuzz_target!(|text: &str| {
    let Ok(path) = RequestPath::parse(text) else { return };
    for segment in path.as_str().split('/').filter(|_| !path.as_str().is_empty()) {
        assert!(!segment.is_empty() && !segment.starts_with('.') && !segment.ends_with(['.', ' ']), "{path:?}");
        assert!(!segment.contains(['\\', ':', '\0']) && !segment.chars().any(char::is_control), "{path:?}");
    }
    // Encoded again, it is the same: nothing is decoded twice.
    let encoded: Vec<_> =
        path.as_str().split('/').map(|segment| utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string()).collect();
    let slash = if path.is_directory() && !path.as_str().is_empty() { "/" } else { "" };
    let again = format!("/{}{slash}", encoded.join("/"));
    // Three bytes for one may be too many.
    if again.len() <= 2048 {
        assert_eq!(RequestPath::parse(&again).as_ref(), Ok(&path));
    }
});
