//! A room of a watch party for JavaScript: in a Node server, or in that of a browser's tabs which keeps the room.
//!
//! It hands facts in and effects out, and decides nothing; `package/rooms/keeper.js` has the loop around it. Times are
//! milliseconds since 1970 on a clock that does not run backwards; texts are those of the message format, which serde reads and
//! writes here as it does in the relay.
//!
//! Natively this crate is empty.
#![cfg(target_arch = "wasm32")]

use js_sys::Array;
use party::{
    ConnectionId, Farewell, Grant, Name, RoomInput as Input, RoomOptions, RoomOutput as Output, RoomTime, Secret,
    Shared, Text, ToMember, ToRoom,
};
use wasm_bindgen::prelude::*;

/// Part of the time in which those come back who are sent away together, in 256ths, that lies between two connections of which
/// one has followed the other.
const RETURN_STEP: u64 = 79;

/// WebAssembly's memory: smaller than the standard library's allocator.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// What all in one room do.
#[wasm_bindgen]
pub struct Room(party::Room);

#[wasm_bindgen]
impl Room {
    /// `epoch` is the wall clock in milliseconds. `clock` names the clock that all times are of. `shared` is what another
    /// authority has left of the room, if it has.
    #[wasm_bindgen(constructor)]
    pub fn new(now: f64, epoch: f64, most_members: u32, clock: &str, shared: Option<String>) -> Room {
        let options = RoomOptions { most_members: most_members.clamp(1, 100) as usize, clock: Text::cut(clock) };
        let (now, epoch) = (time(now), epoch as u64);
        Self(match shared.and_then(|text| read(&text)) {
            Some(shared) => party::Room::of(now, shared, options),
            None => party::Room::new(now, epoch, options),
        })
    }

    /// A member's text. For a hello, `secret` is a new random one, `host` and `name` are what the room's keeper says of the member
    /// itself. `false` where it is no message.
    pub fn hear(
        &mut self,
        now: f64,
        connection: f64,
        text: &str,
        secret: &str,
        host: Option<bool>,
        name: Option<String>,
    ) -> bool {
        let Ok(message) = ToRoom::decode(text) else { return false };
        let connection = ConnectionId(connection as u64);
        let input = match message {
            ToRoom::Hello(hello) => {
                let grant = Grant { host, name: name.map(|name| Name::cut(&name)) };
                Input::Hello { connection, hello: Box::new(hello), grant, secret: Secret::cut(secret) }
            }
            message => Input::Message { connection, message },
        };
        self.0.handle_input(time(now), input);
        true
    }

    /// A connection is gone.
    pub fn closed(&mut self, now: f64, connection: f64) {
        self.0.handle_input(time(now), Input::Closed { connection: ConnectionId(connection as u64) });
    }

    /// The authority before this one has left that, and it comes late.
    pub fn adopt(&mut self, now: f64, shared: &str) {
        if let Some(shared) = read(shared) {
            self.0.handle_input(time(now), Input::Adopt(Box::new(shared)));
        }
    }

    /// It is the time that [`Self::poll`] has named.
    pub fn tick(&mut self, now: f64) {
        self.0.handle_input(time(now), Input::Tick);
    }

    /// The next effect: `["send", text, …connections]`, `["close", text, connection]`, or `["wait", until]`, with which it ends.
    pub fn poll(&mut self) -> Array {
        loop {
            let (what, text, to) = match self.0.poll_output() {
                Output::Send { to, message } => ("send", message.encode(), vec![to]),
                Output::Broadcast(message) => ("send", message.encode(), self.0.connections().collect()),
                Output::Close { connection, why } => ("close", farewell(why, connection), vec![connection]),
                // There are no other authorities of this room.
                Output::Tell(_) => continue,
                Output::Wait(at) => {
                    let at = at.map(|at| at.as_micros() as f64 / 1e3);
                    return [JsValue::from("wait"), at.into()].iter().collect();
                }
            };
            let to = to.into_iter().map(|connection| JsValue::from(connection.0 as f64));
            return [what.into(), text.into()].into_iter().chain(to).collect();
        }
    }

    /// Whether nobody has been there for five minutes.
    #[wasm_bindgen(js_name = isOver)]
    pub fn is_over(&self, now: f64) -> bool {
        self.0.is_over(time(now))
    }

    /// Counts the changes of [`Self::shared`].
    pub fn version(&self) -> f64 {
        self.0.shared().version as f64
    }

    /// What the next authority needs of the room.
    pub fn shared(&self) -> String {
        serde_json::to_string(self.0.shared()).expect("there are no maps with odd keys")
    }

    /// The state and the members, as the message format has them.
    pub fn view(&self) -> String {
        let view = serde_json::json!({ "state": self.0.state(), "members": self.0.members() });
        view.to_string()
    }
}

/// The last message to a connection that its keeper ends: `forbidden`, `full`, `misbehaved`, `replaced`, `restart` or `slow`.
#[wasm_bindgen]
pub fn bye(why: &str, connection: f64) -> String {
    let why = serde_json::from_value(why.into()).unwrap_or(Farewell::Unknown);
    farewell(why, ConnectionId(connection as u64))
}

fn farewell(why: Farewell, ConnectionId(connection): ConnectionId) -> String {
    ToMember::bye(why, connection.wrapping_mul(RETURN_STEP) as u8).encode()
}

fn read(shared: &str) -> Option<Shared> {
    serde_json::from_str(shared).ok()
}

/// To the nearest microsecond: cut off, a moment that a page was to call at would not have come when it does.
fn time(millis: f64) -> RoomTime {
    RoomTime::from_micros((millis * 1e3).round_ties_even() as i64)
}

#[cfg(test)]
mod tests;
