//! Files of captions.

/// Reads bytes as a file of captions. What is made of them is WebVTT that needs no more mending.
pub fn captions(bytes: &[u8]) {
    let Ok(read) = captions::webvtt(bytes) else { return };
    assert!(read.starts_with("WEBVTT"));
    assert!(read.len() <= 64 * bytes.len(), "{} bytes of {}", read.len(), bytes.len());
    assert_eq!(captions::webvtt(read.as_bytes()), Ok(read.clone()), "what is read is read the same");
}
