//! What the splitter writes, read by ffmpeg: the same packets at the same times as in the film that was cut.
//!
//! Needs `ffmpeg` and `ffprobe`; without them every test here fails and says so.

mod compare;
mod cut;
mod film;
mod packets;
mod program;
mod sample_film;
