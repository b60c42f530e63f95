//! A real nginx with the edge's rules, in front of the real origin and beside it.

mod caching;
mod conformance;
mod forwarding;
mod party;
mod shared;
mod stage;
