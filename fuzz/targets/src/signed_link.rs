//! The query of a signed link: whatever is read is written in one way only, and none is good that was not signed.

use std::time::{Duration, UNIX_EPOCH};

use signing::{Keys, Link};

/// Reads bytes as the query of a request for a manifest.
pub fn signed_link(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    let keys = Keys::parse(b"a key that no input of this target knows").expect("a key");
    let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    assert!(Link::check(&keys, "/manifest.json", Some(query), now).is_err(), "{query:?}");
    if let Some(link) = Link::parse(query) {
        assert_eq!(link.query(), query);
        let _ = link.expires();
    }
    // What is read as keys signs and verifies.
    if let Ok(keys) = Keys::parse(bytes) {
        assert!(keys.verify(b"message", &keys.sign(b"message")));
    }
}
