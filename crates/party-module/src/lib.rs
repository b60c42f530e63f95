//! A member of a watch party for browsers: a module of its own, since most viewers watch alone.
//!
//! It hands facts in and effects out, and decides nothing; `package/together/party.js` has the loop around it. Times are milliseconds of
//! `performance.now()`, places in the film seconds; texts of JSON are those of the message format.
//!
//! Natively this crate is empty but for its tests: what is read and written is held there against what serde reads and writes.
#![cfg(any(target_arch = "wasm32", test))]

mod json;
#[cfg(target_arch = "wasm32")]
mod member;
mod moment;
#[cfg(target_arch = "wasm32")]
mod output;
mod read;
mod words;
mod write;

/// WebAssembly's memory: smaller than the standard library's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(test)]
mod tests;
