//! The playback engine: facts in, effects out.
//!
//! It contains no clock, no I/O, no callbacks, no unseeded randomness and no media bytes. It sees sizes, times and
//! digests; the shell keeps the bytes and does what it is told.
//!
//! The grammar: [`Player::handle_input`] with the time and one [`Input`], then [`Player::poll_output`] until it answers
//! [`Output::Wait`]. The same engine runs in the browser and in tests against a virtual browser and network.

mod append;
mod buffer;
mod download;
mod error;
mod event;
mod input;
mod now;
mod options;
mod output;
mod player;
mod position;
mod ranges;
mod retry;
mod stall;
mod stream;
mod survey;

pub use error::{Attempt, Error};
pub use event::{Event, Origin, StallCause};
pub use input::{ContentRange, Failure, FragmentFacts, Input, OperationError, Playhead, ReadyState, ResponseHead};
pub use now::Now;
pub use options::Options;
pub use output::{CacheMode, Fetch, Object, OpenStream, Output, RequestId, StreamId};
pub use player::Player;
pub use ranges::Ranges;
