//! What is fuzzed: everything that reads bytes of strangers. Each function takes any bytes at all and panics only where
//! the code has a fault; what is wrong with the bytes is an error inside, and no concern here.
//!
//! `cargo xtask fuzz` looks for new inputs; the corpora beside this directory are replayed by ordinary tests.

mod answer;
mod boxes;
mod captions;
mod cut;
mod film;
mod fragments;
mod framing;
mod inspect;
mod manifest;
mod origin_path;
mod origin_range;
mod origin_request;
mod party;
mod picture;
mod proxy;
mod sample_table;
mod settings;
mod signed_link;
mod store;
mod unindexed;

pub use answer::answer;
pub use boxes::boxes;
pub use captions::captions;
pub use cut::cut;
pub use film::film;
pub use fragments::fragments;
pub use framing::framing;
pub use inspect::inspect;
pub use manifest::manifest;
pub use origin_path::origin_path;
pub use origin_range::origin_range;
pub use origin_request::origin_request;
pub use party::party;
pub use picture::picture;
pub use proxy::proxy;
pub use sample_table::sample_table;
pub use settings::settings;
pub use signed_link::signed_link;
pub use store::store;
pub use unindexed::unindexed;

/// Takes any bytes.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("boxes", boxes),
    ("captions", captions),
    ("sample_table", sample_table),
    ("fragments", fragments),
    ("framing", framing),
    ("picture", picture),
    ("unindexed", unindexed),
    ("manifest", manifest),
    ("film", film),
    ("cut", cut),
    ("inspect", inspect),
    ("settings", settings),
    ("signed_link", signed_link),
    ("origin_path", origin_path),
    ("origin_range", origin_range),
    ("origin_request", origin_request),
    ("proxy", proxy),
    ("store", store),
    ("answer", answer),
    ("party", party),
];
