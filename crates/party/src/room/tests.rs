mod trust;

use super::*;
use crate::message::{Command, VERSION};
use crate::state::{Action, Phase};
use crate::value::ContentId;
use manifest::MediaTime;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn hello() -> Hello {
    Hello { content: ContentId::new("film"), ..Hello::new(Name::cut("somebody")) }
}

fn arrives(connection: u64, hello: Hello) -> Input {
    let secret = Secret::cut(&format!("secret {connection}"));
    Input::Hello { connection: ConnectionId(connection), hello: Box::new(hello), grant: Grant::default(), secret }
}

fn at(millis: i64) -> RoomTime {
    RoomTime::from_micros(1_000_000_000 + millis * 1_000)
}

fn drain(room: &mut Room) -> Vec<Output> {
    std::iter::from_fn(|| Some(room.poll_output()).filter(|output| !matches!(output, Output::Wait(_)))).collect()
}

fn welcomed(outputs: &[Output]) -> Option<Secret> {
    outputs.iter().find_map(|output| match output {
        Output::Send { message: ToMember::Welcome(welcome), .. } => Some(welcome.seat.clone()),
        _ => None,
    })
}

#[test]
fn a_full_room_lets_nobody_in_but_who_has_a_seat() {
    let options = Options { most_members: 2, ..Options::default() };
    let mut room = Room::new(at(0), 1, options);
    room.handle_input(at(0), arrives(1, hello()));
    let seat = welcomed(&drain(&mut room)).expect("there is room");
    room.handle_input(at(1), arrives(2, hello()));
    room.handle_input(at(2), arrives(3, hello()));
    let full = Output::Close { connection: ConnectionId(3), why: Farewell::Full };
    assert!(drain(&mut room).contains(&full));
    // The same seat through another connection: the old one ends.
    room.handle_input(at(3), arrives(4, Hello { seat: Some(seat), ..hello() }));
    let replaced = Output::Close { connection: ConnectionId(1), why: Farewell::Replaced };
    assert!(drain(&mut room).contains(&replaced));
    assert_eq!(room.members().len(), 2);
}

#[test]
fn those_who_come_and_go_leave_no_more_seats_than_there_may_be_members() {
    let mut room = Room::new(at(0), 1, Options { most_members: 5, ..Options::default() });
    for connection in 0..1_000 {
        room.handle_input(at(connection as i64), arrives(connection, hello()));
        room.handle_input(at(connection as i64), Input::Closed { connection: ConnectionId(connection) });
        drain(&mut room);
        assert!(room.members().len() <= 6);
    }
    room.handle_input(at(500_000), Input::Tick);
    assert!(room.members().is_empty());
    assert!(!room.is_over(at(200_000)) && room.is_over(at(400_000)));
}

#[test]
fn who_leaves_for_good_is_gone_from_everybodys_list() {
    let mut room = Room::new(at(0), 1, Options::default());
    room.handle_input(at(0), arrives(1, hello()));
    room.handle_input(at(1), arrives(2, hello()));
    // Sooner than anybody is told that it came; but it was in the list that it was welcomed with itself.
    room.handle_input(at(20), Input::Message { connection: ConnectionId(2), message: ToRoom::Leave });
    room.handle_input(at(900), Input::Tick);
    let is_told = |output: &Output| match output {
        Output::Broadcast(ToMember::Members { gone, .. }) => *gone == [MemberId(2)],
        _ => false,
    };
    assert!(drain(&mut room).iter().any(is_told));
}

#[test]
fn a_guest_by_token_never_becomes_the_host_by_itself() {
    let mut room = Room::new(at(0), 1, Options::default());
    let guest = Grant { host: Some(false), name: Name::new("guest") };
    let Input::Hello { connection, hello, secret, .. } = arrives(1, hello()) else { unreachable!() };
    room.handle_input(at(0), Input::Hello { connection, hello, grant: guest, secret });
    room.handle_input(at(60_000), Input::Tick);
    assert!(!room.members()[0].host);
    assert_eq!(room.members()[0].name.as_str(), "guest");
}

#[test]
fn members_of_another_version_are_told_so() {
    let mut room = Room::new(at(0), 1, Options::default());
    room.handle_input(at(0), arrives(1, Hello { version: VERSION + 1, ..hello() }));
    assert_eq!(drain(&mut room), [Output::Close { connection: ConnectionId(1), why: Farewell::Version }]);
    assert!(room.is_over(at(0)), "nobody is remembered in it");
    let mut room = Room::new(at(0), 1, Options::default());
    room.handle_input(at(0), arrives(1, hello()));
    room.handle_input(at(0), Input::Closed { connection: ConnectionId(1) });
    room.handle_input(at(0), arrives(2, Hello { version: VERSION + 1, ..hello() }));
    assert!(!room.is_over(at(0)), "somebody may come back to this one");
}

/// Two authorities of one room over one store, which takes what is newer than it has by compare-and-set.
struct Two {
    store: Shared,
    rooms: [Room; 2],
    /// Every state that any of them has told.
    told: Vec<State>,
}

impl Two {
    fn new() -> Self {
        let room = Room::new(at(0), 1, Options::default());
        Self { store: room.shared().clone(), rooms: [room.clone(), room], told: Vec::new() }
    }

    fn input(&mut self, which: usize, now: RoomTime, input: &Input) {
        loop {
            let room = &mut self.rooms[which];
            let before = room.clone();
            room.handle_input(now, input.clone());
            match room.unwritten() {
                None => break,
                Some(version) if version == self.store.version => {
                    self.store = room.shared().clone();
                    room.written();
                    break;
                }
                // The winner's counts, and the input comes again.
                Some(_) => room.retreat(before, self.store.clone()),
            }
        }
        let mut heard = Vec::new();
        for output in drain(&mut self.rooms[which]) {
            match output {
                Output::Tell(presence) => heard.push(presence),
                Output::Broadcast(ToMember::State(state)) => self.told.push(state),
                _ => {}
            }
        }
        heard.into_iter().for_each(|presence| self.input(1 - which, now, &Input::Heard(presence)));
    }
}

proptest! {
    /// Whatever the order in which two authorities act and hear of each other: one room, and never two states of one stamp.
    #[test]
    fn two_authorities_keep_one_room(steps in prop::collection::vec((0..2_usize, 0..6_u8, 0..3_000_i64), 1..60)) {
        let mut two = Two::new();
        let mut now = 0;
        let mut ids = [0_u32; 2];
        for which in 0..2 {
            two.input(which, at(0), &arrives(which as u64, hello()));
        }
        for (which, what, pause) in steps {
            now += pause;
            let base = two.rooms[which].state().stamp;
            let connection = ConnectionId(which as u64);
            let action = match what {
                0 => Action::Play,
                1 => Action::Pause,
                2 => Action::Seek(MediaTime::from_millis(now)),
                _ => Action::Content(ContentId::cut(&now.to_string())),
            };
            let input = match what {
                0..=3 => {
                    ids[which] += 1;
                    Input::Message { connection, message: ToRoom::Command(Command { id: ids[which], base, action }) }
                }
                4 => Input::Adopt(Box::new(two.store.clone())),
                _ => Input::Tick,
            };
            two.input(which, at(now), &input);
        }
        for which in [0, 1, 0, 1, 0] {
            two.input(which, at(now), &Input::Tick);
            let newest = Input::Adopt(Box::new(two.store.clone()));
            two.input(which, at(now), &newest);
        }
        prop_assert!(two.rooms[0].members().iter().all(|member| member.present));
        prop_assert_eq!(two.rooms[0].shared(), two.rooms[1].shared());
        for one in &two.told {
            prop_assert!(two.told.iter().all(|other| one.stamp != other.stamp || one == other), "{:?}", one);
        }
    }

    /// What is written down is what is read.
    #[test]
    fn a_room_survives_being_written_down(seeks in prop::collection::vec(0..10_000_i64, 0..8)) {
        let mut room = Room::new(at(0), 1, Options::default());
        room.handle_input(at(0), arrives(1, hello()));
        for (id, to) in (1..).zip(seeks) {
            let (base, action) = (room.state().stamp, Action::Seek(MediaTime::from_millis(to)));
            let message = ToRoom::Command(Command { id, base, action });
            room.handle_input(at(to), Input::Message { connection: ConnectionId(1), message });
        }
        let text = serde_json::to_string(room.shared()).expect("it can be written");
        prop_assert_eq!(&serde_json::from_str::<Shared>(&text).expect("it can be read"), room.shared());
    }
}

#[test]
fn a_room_that_is_empty_plays_for_nobody() {
    let mut room = Room::new(at(0), 1, Options::default());
    room.handle_input(at(0), Input::Tick);
    assert_eq!((room.state().phase, room.connections().count()), (Phase::Paused, 0));
}
