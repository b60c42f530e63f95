//! Carries the messages of rooms over WebSocket, and keeps the rooms: sockets and clocks around [`party::Room`].
//!
//! It knows no media, asks for no accounts and writes nothing to disk. A room is a task that owns its [`party::Room`]; a
//! connection is a task that reads one socket and writes what its outbox holds. What either may hold is bounded: a client that
//! sends too much is not read, one that does not read is let go.
//!
//! With a Redis, several relays serve the same rooms: what must not be lost of a room lies there, changed by compare-and-set and
//! told by publish and subscribe, and its clock is the room's.

mod clock;
mod config;
mod connection;
mod error;
mod handshake;
mod inner;
mod job;
mod metrics;
mod outbox;
mod random;
mod relay;
mod room;
mod room_id;
mod rooms;
mod store;
mod token;

pub use config::Config;
pub use error::Error;
pub use handshake::{Refusal, is_upgrade, logged_path};
pub use relay::Relay;
pub use room_id::RoomId;
pub use token::Claims;
