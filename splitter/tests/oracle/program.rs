//! ffmpeg and ffprobe.

use std::process::Command;

/// Runs a program to its end and gives its standard output.
///
/// # Panics
/// When it is missing or fails, with what it said.
pub(crate) fn output(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap_or_else(|error| {
        panic!("{:?} cannot be started ({error}): these tests need ffmpeg, install it first", command.get_program())
    });
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed ({}): {said}", output.status);
    output.stdout
}
