//! The JSON that names a cut film, and the arithmetic from a time to a byte range.
//!
//! Pure: no I/O, no clock, no media bytes. [`Document`] is what stands in `manifest.json`, letter for letter; [`Film`] is
//! what the rest of the project works with, and a `Film` exists only if every number in its document agrees with every
//! other. The second form that [`Film::read`] takes is the plain array of `{url, bytes}`, whose times and inits are
//! unknown until the chunks themselves have been seen.
//!
//! There is one reader, [`Film::read`], and whoever has parsed JSON hands it over as [`Json`]: in the browser that is the
//! browser, elsewhere `serde_json` (`Film::parse`, with the feature `json`).

mod base64;
mod check;
mod content_id;
mod digest;
mod document;
mod error;
mod film;
mod fragment_table;
mod index;
#[cfg(feature = "json")]
mod json;
mod plain;
mod read;
mod time;
mod whole;

pub use check::MOST_CHAPTERS;
pub use content_id::{ID_DIGITS, READY, is_content_id, whole_id};
pub use digest::Digest;
pub use document::{
    ChapterEntry, ChunkEntry, Document, FileEntry, GroupIndex, InitEntry, Kind, StreamEntry, SubtitlesEntry,
    ThumbnailsEntry, VERSION,
};
pub use error::{Cause, Error};
pub use film::{Chunk, Film, FragmentTableRef, Init, Stream, Subtitles, Thumbnails};
pub use fragment_table::{FragmentRecord, FragmentTable};
pub use index::{ChunkIndex, Group, GroupId};
pub use read::Json;
pub use time::{MediaTime, Timescale, proportion};
