//! The films that the tests play, made with ffmpeg from recipes kept here.
//!
//! Every frame carries its own number in a row of black and white cells ([`cells`]), and the tone changes with every
//! second ([`Tone`]): what a browser shows and sounds can be held against the clock without a reference picture.

pub mod cells;
mod recipe;
mod tone;

pub use recipe::{BIG, Film, HOUR, HUGE, LIGHT, MODEST, Recipe, SAMPLE};
pub use tone::Tone;
