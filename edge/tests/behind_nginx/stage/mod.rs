//! A real origin whose log is kept, cuts of films that exist only as bytes, and viewers that check every byte.

mod cut;
mod origin;
mod viewer;

pub(crate) use cut::Cut;
pub(crate) use origin::{Asked, LiveOrigin};
pub(crate) use viewer::Viewer;
