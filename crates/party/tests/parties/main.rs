//! Parties in a virtual world: many viewers, each with a clock, a player and a network of its own, and one room.

mod commands;
mod growing;
mod growth;
mod network;
mod player;
mod random;
mod staying;
mod together;
mod waiting;
mod world;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
