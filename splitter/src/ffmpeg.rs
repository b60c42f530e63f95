//! Films that are no MP4, or coded as no browser plays: ffmpeg, where it is installed, brings them into a form that is.
//!
//! 1. `ffprobe` says what is in the film, and [`Recipe`] what is to become of each stream.
//! 2. `ffmpeg` writes a fragmented MP4 into a pipe, which is [spooled](crate::spool), and says how far it is.
//! 3. What it writes is then cut like any other film.

mod probe;
mod recipe;
mod run;

pub(crate) use probe::Probe;
pub(crate) use recipe::{Recipe, by_hand, is_installed};
pub(crate) use run::convert;
