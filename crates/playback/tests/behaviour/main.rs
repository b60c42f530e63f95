//! The engine's behaviour in a virtual world, one file for each.

mod audio;
mod before_metadata;
mod comes_back;
mod crosses_chunks;
mod decoder;
mod early_ends;
mod ends;
mod foresight;
mod goals;
mod holes;
mod inits;
mod integrity;
mod loaded_anew;
mod managed;
mod offline;
mod quota;
mod random;
mod restarting;
mod restless;
mod retries;
mod rungs;
mod scrubbing;
mod seeks;
mod sparse_pictures;
mod starts;
mod unindexed;
mod updates;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
