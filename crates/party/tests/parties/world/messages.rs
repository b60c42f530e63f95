//! What goes from viewers to the room and back.

use party::{ConnectionId, Farewell, Room, RoomInput, RoomOptions, RoomOutput, RoomTime, Span, Text, ToMember, ToRoom};

use super::{BEGIN, Happening, SECOND, World};
use crate::network::Direction;

impl World {
    /// Whoever keeps the room begins anew and has forgotten everything.
    pub(crate) fn restart_room(&mut self, epoch: u64) {
        self.room = room(self.now, epoch);
        for (connection, viewer) in std::mem::take(&mut self.connections) {
            self.at(self.now + 10_000, Happening::Closed(viewer, Some(connection)));
        }
    }

    /// A viewer's connection ends, and both ends notice.
    pub(crate) fn lose_way(&mut self, viewer: usize) {
        if let Some(connection) = self.viewers[viewer].connection {
            self.at(self.now + 1_000, Happening::Closed(viewer, Some(connection)));
            self.at(self.now + 1_000, Happening::Gone(connection));
        }
    }

    pub(super) fn open(&mut self, viewer: usize) {
        let connection = ConnectionId(self.next);
        self.next += 1;
        let way = &mut self.viewers[viewer].setup.way;
        way.reopen();
        if way.is_cut(self.now) {
            self.viewers[viewer].connection = None;
            return self.at(self.now + 3 * SECOND, Happening::Closed(viewer, None));
        }
        let there_and_back = way.delay.0 + way.delay.1;
        self.viewers[viewer].connection = Some(connection);
        self.connections.push((connection, viewer));
        self.at(self.now + there_and_back, Happening::Opened(viewer, connection));
    }

    pub(super) fn send_to_room(&mut self, viewer: usize, message: &ToRoom) {
        let Some(connection) = self.viewers[viewer].connection else { return };
        let text = message.encode();
        let way = &mut self.viewers[viewer].setup.way;
        for at in way.deliver(&mut self.dice, self.now, Direction::Up) {
            self.at(at, Happening::ToRoom(connection, text.clone()));
        }
    }

    pub(super) fn send_to_member(&mut self, connection: ConnectionId, message: &ToMember) {
        let Some((_, viewer)) = self.connections.iter().find(|(known, _)| *known == connection).copied() else {
            return;
        };
        let text = message.encode();
        self.longest = self.longest.max(text.len());
        let way = &mut self.viewers[viewer].setup.way;
        for at in way.deliver(&mut self.dice, self.now, Direction::Down) {
            self.at(at, Happening::ToMember(viewer, connection, text.clone()));
        }
    }

    pub(super) fn room_input(&mut self, input: RoomInput) {
        let now = self.room_time();
        self.room.handle_input(now, input);
        if self.states.last().is_none_or(|(_, last)| last != self.room.state()) {
            self.states.push((self.now, self.room.state().clone()));
        }
        loop {
            match self.room.poll_output() {
                RoomOutput::Wait(at) => {
                    self.room_wake += 1;
                    if let Some(at) = at {
                        let due = self.now + (at - now).as_micros().max(1_000);
                        self.at(due, Happening::RoomTick(self.room_wake));
                    }
                    return;
                }
                RoomOutput::Send { to, message } => self.send_to_member(to, &message),
                RoomOutput::Broadcast(message) => {
                    for connection in self.room.connections().collect::<Vec<_>>() {
                        self.send_to_member(connection, &message);
                    }
                }
                RoomOutput::Close { connection, why } => {
                    self.send_to_member(connection, &ToMember::Bye { why, after: Span::ZERO });
                    if let Some((_, viewer)) = self.connections.iter().find(|(known, _)| *known == connection).copied()
                    {
                        self.connections.retain(|(known, _)| *known != connection);
                        assert!(why != Farewell::Misbehaved, "members behave");
                        self.at(self.now + SECOND, Happening::Closed(viewer, Some(connection)));
                    }
                }
                RoomOutput::Tell(_) => {}
            }
        }
    }
}

/// A room that begins now.
pub(super) fn room(now: i64, epoch: u64) -> Room {
    let clock = Text::cut(&format!("clock {epoch}"));
    Room::new(RoomTime::from_micros(BEGIN + now), epoch, RoomOptions { clock, ..RoomOptions::default() })
}
