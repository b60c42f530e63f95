//! Cuts a film into a few large files that an edge cache can hold, without touching its pictures or its sound.
//!
//! One pass: `source` reads boxes and builds tables of samples, `track` places them on the timeline, `stream` says what is written as one stream,
//! `ladder` which streams are rungs of one film, `plan` says where to cut, `chunk` writes, `describe` makes the manifest and `playlist` those of other players, and `directory`
//! publishes all of it at once. `cut` is that line.

mod beside;
mod byte_size;
mod chapter_track;
mod chapters;
pub mod check;
mod choice;
mod chunk;
mod cut;
mod describe;
mod directory;
mod error;
mod ffmpeg;
mod film;
mod hash;
pub mod http;
pub mod inspect;
mod jobs;
mod label;
mod ladder;
mod language;
mod loss;
mod options;
mod parallel;
mod plan;
mod playlist;
mod preview;
mod progress;
mod prune;
pub mod publish;
pub mod share;
mod silence;
mod source;
mod spool;
mod stream;
mod subtitles;
mod syncer;
mod thumbnails;
mod timeline;
mod timing;
mod track;
mod track_type;
pub mod verify;
mod waits;
mod warning;
mod written;

pub use byte_size::{ByteSize, NoByteSize};
pub use choice::{AudioChoice, Choice, FilmTrack};
pub use cut::{Report, cut, preview};
pub use error::Error;
#[doc(hidden)]
pub use ffmpeg::look_through;
pub use ladder::{LadderChoice, NoLadderChoice, NoRung, NoSoundRate, SoundRate, WantedRung};
pub use loss::Loss;
pub use options::{Options, Stop};
pub use preview::{PlannedChunk, PlannedStream, Preview};
pub use progress::Progress;
pub use prune::{Pruned, Removed, prune};
pub use subtitles::{NoSubtitlesFile, SubtitlesFile};
pub use track_type::TrackType;
pub use warning::Warning;
