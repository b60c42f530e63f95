//! Messages between members and rooms: what is read is written and read the same, and neither machine falls over it.

use party::{
    ConnectionId, Grant, Member, MemberInput, MemberOptions, MemberOutput, Now, Room, RoomInput, RoomOptions,
    RoomOutput, RoomTime, Secret, Span, ToMember, ToRoom,
};

/// Reads lines as messages, and hands them to a room and to a member.
pub fn party(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (mut room, mut member) = (Room::new(RoomTime::default(), 1, RoomOptions::default()), member());
    let (mut now, mut at) = (Now::default(), RoomTime::default());
    for line in text.lines().take(64) {
        (now, at) = (now + Span::from_millis(700), at + Span::from_millis(700));
        if let Ok(message) = ToRoom::decode(line) {
            assert_eq!(ToRoom::decode(&message.encode()).ok().as_ref(), Some(&message));
            room.handle_input(at, input(message));
            while !matches!(room.poll_output(), RoomOutput::Wait(_)) {}
        }
        if let Ok(message) = ToMember::decode(line) {
            assert_eq!(ToMember::decode(&message.encode()).ok().as_ref(), Some(&message));
            member.handle_input(now, MemberInput::Message(message));
            while !matches!(member.poll_output(), MemberOutput::Wait(_)) {}
        }
    }
}

fn input(message: ToRoom) -> RoomInput {
    let connection = ConnectionId(1);
    match message {
        ToRoom::Hello(hello) => {
            let (hello, grant) = (Box::new(hello), Grant::default());
            RoomInput::Hello { connection, hello, grant, secret: Secret::cut("secret") }
        }
        message => RoomInput::Message { connection, message },
    }
}

/// One that is connected.
fn member() -> Member {
    let mut member = Member::new(MemberOptions::default());
    member.handle_input(Now::default(), MemberInput::Follow(true));
    member.handle_input(Now::default(), MemberInput::Opened);
    while !matches!(member.poll_output(), MemberOutput::Wait(_)) {}
    member
}
