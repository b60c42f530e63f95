//! Measurements, printed as tables in Markdown.

pub(crate) mod abr;
pub(crate) mod origin;
pub(crate) mod page;
pub(crate) mod party;
pub(crate) mod player;
pub(crate) mod relay;
pub(crate) mod splitter;
