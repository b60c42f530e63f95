//! Films of containers in which settings may change on the way, as the splitter looks through them beside ffmpeg.

use std::io::Write;

/// Reads bytes as Flash video, as raw AAC and as a transport stream.
pub fn settings(bytes: &[u8]) {
    let mut file = tempfile::tempfile().expect("a place for small files");
    file.write_all(bytes).expect("room for small files");
    splitter::look_through(file).expect("what is in it is no error");
}
