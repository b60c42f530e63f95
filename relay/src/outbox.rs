//! What a client is sent.

use party::{Farewell, ToMember};
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// A message for one client.
#[derive(Clone, Debug)]
pub(crate) enum Outbox {
    Text(Utf8Bytes),
    /// And then nothing more.
    Last(Utf8Bytes),
}

/// A farewell, with the time after which to come back spread among all who are sent away.
pub(crate) fn bye(why: Farewell) -> ToMember {
    let mut byte = [0];
    // Without randomness they all come back at once, which is no harm but a burst.
    let _ = getrandom::fill(&mut byte);
    ToMember::bye(why, byte[0])
}
