//! The engine's behaviour in a virtual world, one file for each.

mod crosses_chunks;
mod ends;
mod goals;
mod holes;
mod quota;
mod random;
mod retries;
mod seeks;
mod starts;
mod unindexed;
mod world;
