//! What members claim, and what becomes of it.

use super::*;
use crate::Rate;
use crate::message::{Activity, Known};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn memory(epoch: u64, seconds: i64, host: bool) -> Option<Known> {
    let position = MediaTime::from_millis(seconds * 1_000);
    let state = Shared::new(at(0), epoch).state;
    let state = State { content: ContentId::new("film"), position, rate: Rate::ONE, ..state };
    Some(Known { state, position, host })
}

fn remembers(epoch: u64, seconds: i64, host: bool) -> Hello {
    Hello { known: memory(epoch, seconds, host), ..hello() }
}

fn host(room: &Room) -> Option<MemberId> {
    room.members().iter().find(|member| member.host).map(|member| member.id)
}

fn says(connection: u64, message: ToRoom) -> Input {
    Input::Message { connection: ConnectionId(connection), message }
}

fn commands(room: &mut Room, now: RoomTime, id: u32, action: Action) -> Vec<Output> {
    let base = room.state().stamp;
    room.handle_input(now, says(1, ToRoom::Command(Command { id, base, action })));
    drain(room)
}

#[test]
fn nobody_takes_the_hosts_role_in_a_room_that_a_page_has_just_begun() {
    let mut room = Room::new(at(0), 1_000, Options::default());
    room.handle_input(at(0), arrives(1, remembers(0, 500, false)));
    assert_eq!((host(&room), room.state().position), (Some(MemberId(1)), MediaTime::from_millis(500_000)));
    room.handle_input(at(1_000), arrives(2, remembers(0, 0, true)));
    assert_eq!(host(&room), Some(MemberId(1)));
}

#[test]
fn a_room_that_was_forgotten_takes_its_host_back_for_half_a_minute() {
    for (after, expected) in [(10_000, MemberId(2)), (31_000, MemberId(1))] {
        let mut room = Room::new(at(0), 1_000, Options::default());
        room.handle_input(at(0), arrives(1, remembers(900, 500, false)));
        room.handle_input(at(after), arrives(2, remembers(900, 510, true)));
        assert_eq!(host(&room), Some(expected), "after {after} ms");
    }
}

/// A page that remembers nothing may come back before those who do.
#[test]
fn who_remembers_the_room_counts_more_than_who_begins_one() {
    let mut room = Room::new(at(0), 1_000, Options::default());
    room.handle_input(at(0), arrives(1, remembers(0, 0, false)));
    room.handle_input(at(500), arrives(2, remembers(900, 500, true)));
    assert_eq!((host(&room), room.state().position), (Some(MemberId(2)), MediaTime::from_millis(500_000)));
}

#[test]
fn what_somebody_claims_to_remember_does_not_move_a_room_that_goes_on() {
    let is_moved = |room: &Room| room.state().position == MediaTime::from_millis(900_000);
    let begun = || {
        let mut room = Room::new(at(0), 1_000, Options::default());
        room.handle_input(at(0), arrives(1, remembers(0, 500, false)));
        drain(&mut room);
        room
    };
    let mut commanded = begun();
    commands(&mut commanded, at(100), 1, Action::Seek(MediaTime::from_millis(1_000)));
    commanded.handle_input(at(200), arrives(2, remembers(900, 900, false)));
    assert!(!is_moved(&commanded));
    let mut late = begun();
    late.handle_input(at(40_000), arrives(2, remembers(900, 900, false)));
    assert!(!is_moved(&late));
    for epoch in [u64::MAX, 1 << 53, 1_000_000_000_000] {
        let mut room = begun();
        room.handle_input(at(200), arrives(2, remembers(epoch, 900, false)));
        assert!(!is_moved(&room) && room.state().stamp.epoch == 1_000, "epoch {epoch}");
    }
    let mut nowhere = Room::new(at(0), 1_000, Options::default());
    let known = memory(0, i64::MAX / 1_000_000, false);
    nowhere.handle_input(at(0), arrives(1, Hello { known, ..hello() }));
    assert_eq!(nowhere.state().position, MediaTime::ZERO);
}

/// One number that a browser cannot read would take the room from everybody.
#[test]
fn numbers_that_browsers_cannot_read_are_not_told() {
    let mut room = Room::new(at(0), 1_000, Options::default());
    room.handle_input(at(0), arrives(1, hello()));
    drain(&mut room);
    let told = commands(&mut room, at(10), 1, Action::Seek(MediaTime::MAX));
    let refused = ToMember::Refused { id: 1, why: crate::message::Refusal::Impossible };
    assert_eq!(told, [Output::Send { to: ConnectionId(1), message: refused }]);
    let sane = Report {
        stamp: room.state().stamp,
        activity: Activity::Holding,
        position: MediaTime::ZERO,
        at: at(10),
        buffered: MediaTime::ZERO,
        ready: None,
        stall: None,
        drift: None,
        delay: Span::ZERO,
        reach: None,
    };
    let (far, long) = (RoomTime::from_micros(i64::MAX), Span::from_micros(1 << 54));
    for report in [
        Report { stamp: Stamp { epoch: u64::MAX, rev: 0 }, ..sane },
        Report { stamp: Stamp { epoch: 0, rev: 1 << 53 }, ..sane },
        Report { position: MediaTime::MAX, ..sane },
        Report { buffered: MediaTime::from_micros(-1), ..sane },
        Report { at: RoomTime::from_micros(i64::MIN), ..sane },
        Report { ready: Some(far), ..sane },
        Report { stall: Some(far), ..sane },
        Report { drift: Some(-long), ..sane },
        Report { delay: long, ..sane },
        Report { reach: Some(MediaTime::MAX), ..sane },
    ] {
        room.handle_input(at(20), says(1, ToRoom::Report(report)));
        assert!(room.members().iter().all(|member| member.report.is_none()), "{report:?}");
    }
    room.handle_input(at(30), says(1, ToRoom::Report(sane)));
    assert_eq!(room.members()[0].report, Some(sane));
}

#[test]
fn a_page_that_comes_back_says_what_it_has_done_and_a_new_one_begins_to_count() {
    for (last, expected) in [(2, 2), (0, 3)] {
        let mut room = Room::new(at(0), 1_000, Options::default());
        room.handle_input(at(0), arrives(1, hello()));
        let seat = welcomed(&drain(&mut room));
        commands(&mut room, at(10), 1, Action::Seek(MediaTime::from_millis(1_000)));
        commands(&mut room, at(20), 2, Action::Seek(MediaTime::from_millis(2_000)));
        room.handle_input(at(30), Input::Closed { connection: ConnectionId(1) });
        room.handle_input(at(40), arrives(1, Hello { seat, last, ..hello() }));
        let before = room.state().stamp.rev;
        commands(&mut room, at(50), 2, Action::Seek(MediaTime::from_millis(3_000)));
        assert_eq!(room.state().stamp.rev - before, expected - 2, "with {last} made before");
    }
}

#[test]
fn a_newcomer_does_not_say_how_a_room_is_to_be_that_others_have_left() {
    let mut room = Room::new(at(0), 1_000, Options::default());
    room.handle_input(at(0), arrives(1, hello()));
    room.handle_input(at(1_000), Input::Closed { connection: ConnectionId(1) });
    room.handle_input(at(130_000), Input::Tick);
    assert!(room.members().is_empty());
    room.handle_input(at(131_000), arrives(2, Hello { control: Some(crate::state::Control::Host), ..hello() }));
    assert_eq!(room.state().control, crate::state::Control::Anyone);
}
