//! What the splitter leaves on the disk, whatever happens to it: run as the program that users run.
//!
//! Needs `ffmpeg` and `ffprobe`; without them every test that takes them fails and says so.

#[path = "../chance/mod.rs"]
mod chance;
mod commands;
mod directory;
mod equal_cuts;
mod film;
#[cfg(target_os = "linux")]
mod full_disk;
mod killed;
mod ladder;
mod playlists;
mod private;
mod program;
mod refused;
mod standard_input;
mod thumbnails;
#[cfg(unix)]
mod transcode;
mod verify;
