//! What one viewer does for all.

use party::{Action, ContentId, Control, Effect, Event, MemberInput, Phase, Refusal};

use crate::network::Way;
use crate::world::{SECOND, Setup, World, film};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn three() -> World {
    let mut world = World::new(1, (1..=3).map(Setup::new).collect());
    world.run(5 * SECOND);
    world.act(0, Action::Play);
    world.run(10 * SECOND);
    world
}

#[test]
fn a_pause_stops_everybody_at_one_picture() {
    let mut world = three();
    world.act(1, Action::Pause);
    world.run(5 * SECOND);
    let due = world.due().0;
    for viewer in &world.viewers {
        assert!(viewer.player.is_paused());
        assert_eq!(viewer.player.position(), due, "not a picture more or less");
    }
    world.act(2, Action::Play);
    world.run(5 * SECOND);
    assert!((0..3).all(|viewer| !world.viewers[viewer].player.is_paused() && world.drift(viewer).abs() < 40_000));
}

/// Its own player has played already, by its own controls.
#[test]
fn who_presses_play_begins_with_the_others() {
    let far = |seed| Setup { way: Way::stream(100_000, 2_000), ..Setup::new(seed) };
    let mut world = World::new(1, (1..=3).map(far).collect());
    world.run(10 * SECOND);
    for _ in 0..5 {
        let (stood, seeks) = (world.due().0, world.viewers[0].player.seeks.len());
        world.viewers[0].player.apply(Effect::Play);
        world.act(0, Action::Play);
        while !world.due().1 {
            world.run(1_000);
            let position = world.viewers[0].player.position();
            assert!(position - stood <= 10_000, "{position} µs before the room begins at {stood}");
        }
        world.run(5 * SECOND);
        assert!((0..3).all(|viewer| world.drift(viewer).abs() < 40_000));
        assert_eq!(world.viewers[0].player.seeks.len(), seeks, "it has moved nowhere, so nothing is to be set right");
        world.act(1, Action::Pause);
        world.run(5 * SECOND);
    }
}

#[test]
fn two_commands_at_once_leave_all_with_the_same() {
    for (one, other) in [
        (Action::Pause, Action::Seek(film(600))),
        (Action::Seek(film(700)), Action::Seek(film(800))),
        (Action::Pause, Action::Pause),
        (Action::Seek(film(700)), Action::Pause),
    ] {
        let mut world = three();
        world.act(1, one.clone());
        world.act(2, other.clone());
        world.run(10 * SECOND);
        let stamp = world.room.state().stamp;
        assert!(world.viewers.iter().all(|viewer| viewer.member.state().map(|state| state.stamp) == Some(stamp)));
        assert!((0..3).all(|viewer| world.drift(viewer).abs() < 60_000), "{one:?} {other:?}");
        // What does not contradict the other is done, too.
        let (is_paused, is_moved) = (world.room.state().phase == Phase::Paused, world.due().0 > 500 * SECOND);
        assert_eq!(is_paused, [&one, &other].contains(&&Action::Pause), "{one:?} {other:?}");
        assert_eq!(
            is_moved,
            matches!((&one, &other), (Action::Seek(_), _) | (_, Action::Seek(_))),
            "{one:?} {other:?}"
        );
    }
}

#[test]
fn who_drags_along_the_seek_bar_ends_where_it_is_let_go() {
    let mut world = three();
    for to in 100..130 {
        world.act(1, Action::Seek(film(to)));
        world.run(30_000);
    }
    world.run(10 * SECOND);
    let due = world.due().0;
    assert!(((138 * SECOND)..(140 * SECOND)).contains(&due), "{due}");
    assert!((0..3).all(|viewer| world.drift(viewer).abs() < 60_000));
}

/// A viewer is quicker than its way to the room: what it wants last is what becomes.
#[test]
fn the_last_of_two_commands_within_one_round_trip_counts() {
    for (one, other, is_paused) in [
        (Action::Pause, Action::Play, false),
        (Action::Play, Action::Pause, true),
        (Action::Pause, Action::Pause, true),
    ] {
        let mut world = three();
        world.act(1, one.clone());
        world.run(10_000);
        world.act(1, other.clone());
        world.run(8 * SECOND);
        assert_eq!(world.room.state().phase == Phase::Paused, is_paused, "{one:?} {other:?}");
        let was_refused = |event: &Event| matches!(event, Event::Refused { .. });
        assert!(!world.viewers[1].events.iter().any(|(_, event)| was_refused(event)), "{one:?} {other:?}");
        assert!((0..3).all(|viewer| world.drift(viewer).abs() < 60_000));
    }
}

#[test]
fn who_may_not_is_told_so_left_alone_and_taken_back() {
    let mut world = three();
    world.act(0, Action::Control(Control::Host));
    world.run(SECOND);
    let rev = world.room.state().stamp.rev;
    // The viewer has paused by the video's own controls.
    world.viewers[1].player.apply(party::Effect::Pause);
    world.act(1, Action::Pause);
    world.run(5 * SECOND);
    assert_eq!(world.room.state().stamp.rev, rev);
    assert!(world.viewers[1].player.is_paused(), "nobody fights the viewer");
    let events = &world.viewers[1].events;
    assert!(events.iter().any(|(_, event)| matches!(event, Event::Refused { why: Some(Refusal::NotAllowed), .. })));
    assert!(events.iter().any(|(_, event)| *event == Event::Following(false)));
    world.input_to(1, MemberInput::Follow(true));
    world.run(6 * SECOND);
    assert!(!world.viewers[1].player.is_paused() && world.drift(1).abs() < 60_000);
}

#[test]
fn the_host_hands_over() {
    let mut world = three();
    let heir = world.viewers[2].member.me().expect("it is there");
    world.act(0, Action::Control(Control::Host));
    world.run(SECOND);
    world.act(0, Action::Host(heir));
    world.run(SECOND);
    world.act(0, Action::Pause);
    world.act(2, Action::Seek(film(900)));
    world.run(5 * SECOND);
    assert!(world.due().0 >= 900 * SECOND && world.room.state().phase == Phase::Playing);
    assert!(!world.viewers[0].member.follows());
}

#[test]
fn a_room_whose_host_has_gone_gets_another() {
    let mut world = three();
    world.act(0, Action::Control(Control::Host));
    world.run(SECOND);
    world.leave(0);
    world.run(40 * SECOND);
    world.act(1, Action::Pause);
    world.run(2 * SECOND);
    assert_eq!(world.room.state().phase, Phase::Paused);
}

#[test]
fn nobody_is_made_to_follow_another_film() {
    let mut world = three();
    world.join(Setup { content: "another cut", ..Setup::new(9) });
    world.run(5 * SECOND);
    let viewer = &world.viewers[3];
    assert!(viewer.player.is_paused() && viewer.player.position() == 0);
    let film = ContentId::new("film").expect("short");
    assert!(viewer.events.iter().any(|(_, event)| *event == Event::OtherContent(film.clone())));
    world.input_to(3, MemberInput::Content(Some(film)));
    world.run(5 * SECOND);
    assert!(world.drift(3).abs() < 60_000);
}

#[test]
fn another_film_begins_at_its_beginning_once_all_have_it() {
    let mut world = three();
    let next = ContentId::new("the next one").expect("short");
    world.act(0, Action::Content(next.clone()));
    world.run(SECOND);
    for viewer in 0..3 {
        world.input_to(viewer, MemberInput::Content(Some(next.clone())));
    }
    world.run(8 * SECOND);
    assert_eq!(world.room.state().content, Some(next));
    assert!(world.due().0 < 9 * SECOND);
    assert!((0..3).all(|viewer| world.drift(viewer).abs() < 60_000));
}

#[test]
fn whoever_is_offline_hears_that_nothing_became_of_it() {
    let mut world = three();
    world.viewers[1].setup.way.partitions.push((world.now, world.now + 60 * SECOND));
    world.act(1, Action::Pause);
    world.run(15 * SECOND);
    let events = &world.viewers[1].events;
    assert!(events.iter().any(|(_, event)| matches!(event, Event::Refused { action: Action::Pause, why: None })));
    assert!(world.drift(1).abs() < 60_000, "and it goes on with the others, as far as it knows");
}

#[test]
fn a_room_that_is_opened_in_mid_film_goes_on_there() {
    let mut world = World::new(1, Vec::new());
    let way = Way::stream(60_000, 2_000);
    world.join(Setup { way, ..Setup::new(1) });
    world.viewers[0].player.apply(Effect::Seek(film(500)));
    world.viewers[0].player.apply(Effect::Play);
    world.run(20 * SECOND);
    assert_eq!(world.room.state().phase, Phase::Playing, "whoever opens it is not interrupted");
    let place = world.due().0 / SECOND;
    assert!((518..=520).contains(&place), "{place}");
    assert_eq!(world.viewers[0].player.seeks.len(), 1, "nor moved");
    // Who comes later brings no place along.
    world.join(Setup::new(2));
    world.run(10 * SECOND);
    assert!(world.due().0 / SECOND >= 528);
    for viewer in 0..2 {
        assert!(world.drift(viewer).abs() <= 40_000, "{} µs", world.drift(viewer));
    }
}

/// The order that the documentation shows: first the room, then the film.
#[test]
fn a_room_takes_the_film_where_its_first_viewer_has_it() {
    for is_playing in [true, false] {
        let mut world = World::new(1, vec![Setup { content: "", ..Setup::new(1) }]);
        world.run(3 * SECOND);
        assert_eq!(world.room.state().content, None);
        world.viewers[0].player.apply(Effect::Seek(film(500)));
        if is_playing {
            world.viewers[0].player.apply(Effect::Play);
        }
        world.run(3 * SECOND);
        world.input_to(0, MemberInput::Content(ContentId::new("film")));
        world.run(10 * SECOND);
        assert_eq!(world.room.state().phase == Phase::Playing, is_playing);
        let place = world.due().0 / SECOND;
        assert!(if is_playing { (510..=513).contains(&place) } else { place == 500 }, "{place}");
        assert!(world.drift(0).abs() <= 40_000);
    }
}

#[test]
fn who_loads_another_film_is_told_so_and_commands_nobody() {
    let mut world = three();
    world.join(Setup { content: "", ..Setup::new(9) });
    world.run(3 * SECOND);
    world.act(3, Action::Pause);
    let impossible = Event::Refused { action: Action::Pause, why: Some(Refusal::Impossible) };
    assert!(world.viewers[3].events.iter().any(|(_, event)| *event == impossible), "without a film it cannot");
    world.input_to(3, MemberInput::Content(ContentId::new("another cut")));
    let film_of_all = ContentId::new("film").expect("short");
    assert!(world.viewers[3].events.iter().any(|(_, event)| *event == Event::OtherContent(film_of_all.clone())));
    let stamp = world.room.state().stamp;
    for action in [Action::Pause, Action::Seek(film(900)), Action::Rate(party::Rate::FASTEST), Action::Play] {
        world.act(3, action);
        world.run(SECOND);
    }
    assert_eq!(world.room.state().stamp, stamp, "what it does to its own film is its own");
}

#[test]
fn a_film_that_is_over_is_played_again_by_pressing_play() {
    for is_paused in [false, true] {
        let mut world = three();
        let last = manifest::MediaTime::from_micros(crate::player::LENGTH - 5 * SECOND);
        world.act(0, Action::Seek(last));
        world.run(15 * SECOND);
        assert!(world.viewers.iter().all(|viewer| viewer.player.position() == crate::player::LENGTH));
        if is_paused {
            world.act(1, Action::Pause);
            world.run(SECOND);
        }
        world.act(1, Action::Play);
        world.run(10 * SECOND);
        assert_eq!(world.room.state().phase, Phase::Playing);
        let place = world.due().0 / SECOND;
        assert!((8..=10).contains(&place), "{place}");
        assert!((0..3).all(|viewer| world.drift(viewer).abs() <= 60_000));
    }
}
