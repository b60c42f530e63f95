//! A browser, a link and an edge, all virtual: a clock that jumps, and rules that are asserted at every step.
//!
//! It serves the engine's tests and its simulations. It holds no media: films are lists of fragments, frames are times and
//! sizes, digests stand for bytes.
#![expect(missing_docs, reason = "a stage, not an interface: its parts are named for what they stand for")]

mod element;
mod film;
mod network;
mod setup;
mod source_buffer;
mod trace;
mod world;

pub use element::Element;
pub use film::{Chunk, Cut, Fragment, Stream, Truth};
pub use network::{Answer, Ask, Ending, Filling, Link, Origin, PIECE};
pub use setup::{Chooses, Setup, ms};
pub use source_buffer::{Flavour, SourceBuffer};
pub use trace::Trace;
pub use world::World;
