//! A real origin whose log is kept, cuts of films that exist only as bytes, and viewers that check every byte.

mod cut;
mod origin;
mod viewer;

pub use cut::Cut;
pub use origin::{Asked, LiveOrigin};
pub use viewer::{Answer, Viewer};
