//! A stream of fragments, as the player meets it.

use isobmff::{Event, Walker, Want};

/// Walks bytes twice: whole, and byte by byte, which must find the same.
pub fn fragments(bytes: &[u8]) {
    let whole = walk(bytes, usize::MAX);
    if bytes.len() < 4_096 {
        assert_eq!(whole, walk(bytes, 1), "how a stream is cut into pieces shows");
    }
}

fn walk(bytes: &[u8], piece: usize) -> Vec<Event> {
    let (mut walker, mut rest, mut events) = (Walker::new(0), bytes, Vec::new());
    while !rest.is_empty() {
        let (taken, found) = match walker.want() {
            Want::Bytes(wanted) => {
                let taken = wanted.min(piece).min(rest.len());
                (taken, walker.feed(&rest[..taken]))
            }
            Want::Skip(wanted) => {
                let taken = usize::try_from(wanted).unwrap_or(usize::MAX).min(piece).min(rest.len());
                (taken, walker.skip(taken as u64).map(|()| None))
            }
        };
        let Ok(found) = found else { return events };
        assert!(taken > 0, "it wants nothing and goes nowhere");
        events.extend(found);
        rest = &rest[taken..];
    }
    assert_eq!(walker.offset(), bytes.len() as u64);
    let _ = walker.finish();
    events
}
