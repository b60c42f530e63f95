//! What the splitter writes, read by ffmpeg: the same packets at the same times as in the film that was cut.
//!
//! Needs `ffmpeg` and `ffprobe`; without them every test here fails and says so.

mod codecs;
mod compare;
mod cut;
mod film;
mod fragmented;
mod packets;
mod program;
mod progressive;
mod sample_film;
mod timing;
mod tracks;
