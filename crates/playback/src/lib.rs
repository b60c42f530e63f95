//! The playback engine: facts in, effects out.
//!
//! It contains no clock, no I/O, no callbacks, no unseeded randomness and no media bytes. It sees sizes, times and
//! digests; the shell keeps the bytes and does what it is told.
//!
//! The grammar: [`Player::handle_input`] with the time and one [`Input`], then [`Player::poll_output`] until it answers
//! [`Output::Wait`]. The same engine runs in the browser and in tests against a virtual browser and network.

mod activity;
mod answer;
mod body;
mod checks;
mod download;
mod effects;
mod error;
mod event;
mod exchange;
mod feed;
mod forecast;
mod fragment;
mod held;
mod hopeless;
mod id;
mod inits;
mod input;
mod media;
mod network;
mod now;
mod options;
mod output;
mod pacing;
mod player;
mod position;
mod ranges;
mod readiness;
mod rehearsal;
mod retry;
mod rungs;
mod second_chance;
mod shown;
mod sink;
mod situation;
mod sorted;
mod stall;
mod statistics;
mod survey;
mod throughput;
mod timeline;
mod track;
mod tracks;
mod transfer;
mod updates;

pub use activity::{Activity, Wait, Why};
pub use answer::{Answer, ContentRange, EdgeStatus, Failure, ResponseHead};
pub use body::{Body, Piece};
pub use download::{Download, Errand, Trouble};
pub use error::{Attempt, Error};
pub use event::{Event, SeekOrigin, StallCause, Unchecked};
pub use fragment::FragmentFacts;
pub use id::{BufferId, CheckId, InitId, RequestId, StreamId};
pub use input::{Input, OperationError, Playhead, ReadyState};
pub use now::{Now, span};
pub use options::{Integrity, Options};
pub use output::{CacheMode, Fetch, Object, Output};
pub use player::Player;
pub use position::{Position, Span};
pub use ranges::Ranges;
pub use readiness::Readiness;
pub use rehearsal::{REHEARSAL, rehearse};
pub use rungs::Question;
pub use sorted::Sorted;
pub use statistics::{Stalls, Start, Statistics};
pub use throughput::Bandwidth;

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
