//! A whole film through the splitter, as far as it goes without writing.

use std::io::Write;

use splitter::{Options, preview};

/// Reads bytes as a film and plans its cut.
pub fn film(bytes: &[u8]) {
    // Neither does the splitter itself read headers that are compressed.
    if bytes.windows(4).any(|word| word == b"cmov") {
        return;
    }
    let mut file = tempfile::NamedTempFile::new().expect("a place for small files");
    // What does not begin like an MP4 would be handed to ffmpeg.
    file.write_all(b"\0\0\0\x10ftypisom\0\0\0\0").and_then(|()| file.write_all(bytes)).expect("room for small files");
    let mut options = Options::new(file.path(), "");
    options.chunk_size = "1MB".parse().expect("a size");
    let strict = preview(&options);
    // Of what is cut off or damaged, as much as is there.
    options.keep_going = true;
    let lenient = preview(&options);
    for preview in [strict, lenient].into_iter().flatten() {
        for stream in &preview.streams {
            assert!(stream.chunks.iter().all(|chunk| chunk.bytes <= 1_000_000));
        }
    }
}
