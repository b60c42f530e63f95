//! What `splitter inspect` shows of a file.

use std::io::Write;

/// Reads bytes as a file of boxes.
pub fn inspect(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a place for small files");
    file.write_all(bytes).expect("room for small files");
    let Ok(shown) = splitter::inspect::inspect(file.path()) else { return };
    assert_eq!(shown.bytes, bytes.len() as u64);
    let ends = shown.boxes.iter().map(|node| node.offset.saturating_add(node.bytes));
    assert!(ends.zip(shown.boxes.iter().skip(1)).all(|(end, next)| end == next.offset), "boxes leave gaps");
    serde_json::to_string(&shown).expect("it can be printed");
}
