//! Films that are no MP4, or coded as no browser plays: ffmpeg, where it is installed, brings them into a form that is.
//!
//! 1. `ffprobe` says what is in the film, and [`Recipe`] what is to become of each stream.
//! 2. `ffmpeg` writes a progressive MP4 into a file without a name, where it can go back to fill in what it learns late,
//!    and lists the packets that it reads.
//! 3. What it wrote is held against that list and the container's length, so that nothing is lost in silence.
//! 4. It is then cut like any other film.

mod adts;
mod changes;
mod continuity;
mod ending;
mod flv;
mod framecrc;
mod loss;
mod mpeg_audio;
mod name;
mod probe;
mod recipe;
mod run;
mod said;
mod transport;

pub(crate) use changes::changes;
pub use changes::look_through;
pub(crate) use ending::cuts_last_picture;
pub(crate) use loss::{before_keyframes, find_loss, is_damaged_within};
pub(crate) use name::{STANDARD_INPUT, by_hand, quoted};
pub(crate) use probe::Probe;
pub(crate) use recipe::{Anew, Recipe, is_installed};
pub(crate) use run::convert;
pub(crate) use said::{joined, listen};
