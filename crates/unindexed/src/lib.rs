//! What the boxes of a film without an index tell the engine: its inits, when its fragments play, and where playback may
//! begin.
//!
//! Pure: no I/O, no clock, and no media bytes: only headers are asked for, `mdat` is stepped over. A [`ChunkReader`] follows
//! the bytes of one chunk as they come; [`Inits`] keeps those that the chunks of a stream begin with, each but once, and what
//! is to be heard before sound that begins late.

mod inits;
mod reader;
mod silence;

pub use inits::Inits;
pub use playback::InitId;
pub use reader::{ChunkReader, Found};
