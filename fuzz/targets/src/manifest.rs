//! The manifest and its tables of fragments.

use manifest::{Film, FragmentTable};

/// Reads bytes as a manifest and as a table of fragments.
pub fn manifest(bytes: &[u8]) {
    if let Ok(film) = Film::parse(bytes) {
        assert!(!film.streams.is_empty());
        for chunk in film.streams.iter().flat_map(|stream| &stream.chunks) {
            let end = chunk.groups.iter().map(|group| group.bytes).sum::<u64>();
            assert!(chunk.groups.is_empty() || end == chunk.bytes);
        }
    }
    let chunk_bytes = bytes.len() as u64 * 1_000;
    if let Ok(table) = FragmentTable::decode(bytes, chunk_bytes) {
        assert_eq!(table.encode(), bytes, "what is read is written the same");
    }
}
