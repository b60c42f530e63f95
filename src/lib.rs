//! The browser shell: the only place that knows the DOM.
//!
//! It does what [`playback`] says and reports what happened; it decides nothing. Media bytes stay `Uint8Array`s behind
//! offsets (`payload`); only box headers are copied into WebAssembly memory, of another module (`boxes`).
//!
//! ```text
//! player (the page's API) → loaded → mailbox (the only loop) → driver → fetch, media_source, video_element
//!                                     ↑ messages                          │
//!                                     └───────────────────────────────────┘
//! ```
//!
//! Natively this crate is empty.
#![cfg(target_arch = "wasm32")]

mod abort;
mod address;
mod alarm;
mod announced;
mod border;
mod boxes;
mod connection;
mod deeds;
mod details;
mod digest;
mod download;
mod driver;
mod events;
mod fetch;
mod film_json;
mod film_source;
mod flow;
mod from_js;
mod gate;
mod head;
mod inbox;
mod js_error;
mod loaded;
mod mailbox;
mod managed;
mod media_source;
mod memory;
mod options;
mod payload;
mod player;
mod plays;
mod problem;
mod readers;
mod received;
mod rehearsal;
mod request;
mod resume;
mod rungs;
mod scripts;
mod state;
mod stats;
mod support;
mod task;
mod text_tracks;
mod thumbnails;
mod timer;
mod tracks;
mod video_element;

pub use player::Player;
pub use rehearsal::rehearse;
pub use scripts::fetch_with;

/// WebAssembly's memory. The standard library's allocator (dlmalloc) is 2.7 kB more to download.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
