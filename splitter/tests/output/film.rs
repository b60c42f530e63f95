//! Films to cut.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::succeed;

/// The film of the repository: 30 s, H.264 and AAC, 15 groups.
pub(crate) fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/media/sample.mp4")
}

/// That film `times` over, in a directory.
pub(crate) fn long(directory: &Path, times: u32) -> PathBuf {
    let path = directory.join(format!("film-{times}.mp4"));
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-stream_loop", &(times - 1).to_string(), "-i"]).arg(sample());
    succeed(ffmpeg.args(["-c", "copy", "-fflags", "+bitexact"]).arg(&path));
    path
}
