//! What the splitter writes, read by ffmpeg: the same packets at the same times as in the film that was cut.
//!
//! Needs `ffmpeg` and `ffprobe`; without them every test here fails and says so.

mod boxes;
mod codecs;
mod compare;
mod containers;
mod converted;
mod cut;
mod damaged;
mod edits;
mod film;
mod fragmented;
mod ladder;
mod large;
mod packets;
mod people;
mod program;
mod progressive;
mod sample_film;
mod shapes;
mod silence;
mod text;
mod timing;
mod tracks;
