//! The path of a request: whatever passes names something below the root, and is read in one way only.

use origin::path::RequestPath;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Reads bytes as the path of a request.
pub fn origin_path(bytes: &[u8]) {
    let Ok(path) = std::str::from_utf8(bytes).map_or(Err(()), |text| RequestPath::parse(text).map_err(drop)) else {
        return;
    };
    for segment in path.as_str().split('/').filter(|_| !path.as_str().is_empty()) {
        assert!(!segment.is_empty() && !segment.starts_with('.') && !segment.ends_with(['.', ' ']), "{path:?}");
        assert!(!segment.contains(['\\', ':']) && !segment.chars().any(char::is_control), "{path:?}");
    }
    // Encoded again, it is the same: nothing is decoded twice.
    let encode = |segment| utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string();
    let encoded: Vec<_> = path.as_str().split('/').map(encode).collect();
    let slash = if path.is_directory() && !path.as_str().is_empty() { "/" } else { "" };
    let again = format!("/{}{slash}", encoded.join("/"));
    // Three bytes for one may be too many.
    if again.len() <= 2048 {
        assert_eq!(RequestPath::parse(&again).as_ref(), Ok(&path));
    }
}
