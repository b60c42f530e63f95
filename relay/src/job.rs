//! What a room's task is told.

use party::{ConnectionId, Grant, Hello, Presence, Secret, Shared, ToRoom};
use tokio::sync::mpsc;

use crate::outbox::Outbox;

/// A fact for a room, of a client or of another relay.
#[derive(Debug)]
pub(crate) enum Job {
    /// A client has said hello, and may enter.
    Arrive {
        connection: ConnectionId,
        outbox: mpsc::Sender<Outbox>,
        hello: Box<Hello>,
        grant: Grant,
        secret: Secret,
    },
    Message {
        connection: ConnectionId,
        message: ToRoom,
    },
    Closed {
        connection: ConnectionId,
    },
    /// Another relay has told this.
    Heard(Presence),
    /// Another relay has written this.
    Adopt(Box<Shared>),
    /// Something may have been missed: look what is written.
    Reload,
}
