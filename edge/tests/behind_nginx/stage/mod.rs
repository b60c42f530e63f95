//! A real origin whose log is kept, cuts of films that exist only as bytes, and viewers that check every byte.
#![allow(dead_code, unused_imports, clippy::allow_attributes, reason = "each test program uses its own part of this")]

mod cut;
mod origin;
mod viewer;

pub(crate) use cut::Cut;
pub(crate) use origin::{Asked, LiveOrigin};
pub(crate) use viewer::Viewer;
