//! Watching together, as state machines: facts in, effects out.
//!
//! It contains no clock, no I/O, no callbacks, no randomness that is not seeded or handed in, no sockets, no player and no
//! media bytes. What it knows of a film is a content id and times.
//!
//! - [`Room`] orders what all do. It runs wherever the room is kept: in the relay, in a Node server, in one of the tabs.
//! - [`Member`] is one viewer's side: a [`Clock`], a [`Controller`], and the room as it was last told.
//! - [`ToRoom`] and [`ToMember`] are what they say to each other.
//!
//! The grammar of both: `handle_input` with the time and a fact, then `poll_output` until it answers with a wait. Three kinds of
//! time are never mixed: [`Now`] is a member's own clock, [`RoomTime`] the room's, `manifest::MediaTime` the film's.

mod bounds;
mod clock;
mod controller;
mod member;
mod message;
mod policy;
mod rate;
mod room;
mod sample;
mod state;
mod time;
mod timeline;
mod value;

pub use clock::Clock;
pub use controller::{Controller, Effect, Goal, Profile, Reason};
pub use member::{Event, Input as MemberInput, Member, Options as MemberOptions, Output as MemberOutput, Wake};
pub use message::{
    Activity, Command, Farewell, Hello, Known, LONGEST_TO_MEMBER, LONGEST_TO_ROOM, Malformed, Member as MemberView,
    Refusal, Report, ToMember, ToRoom, VERSION, Welcome,
};
pub use policy::{Limit, Policy};
pub use rate::Rate;
pub use room::{
    ConnectionId, Grant, Input as RoomInput, Options as RoomOptions, Output as RoomOutput, Presence, Room, Shared,
};
pub use sample::{Forecast, Growth, Sample};
pub use state::{Action, Cause, Control, Phase, Stamp, State};
pub use time::{Now, RoomTime, Span};
pub use timeline::Timeline;
pub use value::{ContentId, MemberId, Name, Secret, Text, Token};

#[cfg(all(test, target_arch = "wasm32"))]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
