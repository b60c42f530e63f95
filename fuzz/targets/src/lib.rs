//! What is fuzzed: everything that reads bytes of strangers. Each function takes any bytes at all and panics only where
//! the code has a fault; what is wrong with the bytes is an error inside, and no concern here.
//!
//! `cargo fuzz run boxes` in this directory's parent looks for new inputs; the corpora beside it are replayed by ordinary
//! tests.

mod boxes;
mod captions;
mod film;
mod fragments;
mod framing;
mod manifest;
mod origin_path;
mod origin_range;
mod party;
mod picture;
mod sample_table;
mod settings;
mod signed_link;
mod unindexed;

pub use boxes::boxes;
pub use captions::captions;
pub use film::film;
pub use fragments::fragments;
pub use framing::framing;
pub use manifest::manifest;
pub use origin_path::origin_path;
pub use origin_range::origin_range;
pub use party::party;
pub use picture::picture;
pub use sample_table::sample_table;
pub use settings::settings;
pub use signed_link::signed_link;
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
    ("settings", settings),
    ("signed_link", signed_link),
    ("origin_path", origin_path),
    ("origin_range", origin_range),
    ("party", party),
];
