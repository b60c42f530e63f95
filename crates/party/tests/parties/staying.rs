//! Sleep, partitions, reconnections, a room that is forgotten.

use party::{Action, Event, MemberInput, Phase};

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

fn assert_together(world: &World) {
    let stamp = world.room.state().stamp;
    for (n, viewer) in world.viewers.iter().enumerate() {
        assert_eq!(viewer.member.state().map(|state| state.stamp), Some(stamp), "viewer {n}");
        assert!(world.drift(n).abs() <= 40_000, "viewer {n} is {} µs off", world.drift(n));
    }
}

#[test]
fn a_laptop_that_slept_finds_the_others_whether_or_not_its_clock_ran_on() {
    for (span, is_counted) in [(8, true), (8, false), (25, false), (300, true), (300, false), (3_600, false)] {
        let mut world = three();
        world.sleep(1, span * SECOND, is_counted);
        world.run((span + 8) * SECOND);
        assert_together(&world);
    }
}

#[test]
fn who_was_cut_off_for_half_a_minute_is_there_again_soon_and_is_the_same() {
    let mut world = three();
    let me = world.viewers[1].member.me();
    world.viewers[1].setup.way.partitions.push((world.now, world.now + 30 * SECOND));
    world.act(0, Action::Seek(film(1_000)));
    world.run(30 * SECOND);
    let healed = world.now;
    let mut since = healed;
    for _ in 0..300 {
        world.run(SECOND / 10);
        if world.drift(1).abs() > 40_000 {
            since = world.now;
        }
    }
    assert_together(&world);
    assert_eq!(world.viewers[1].member.me(), me);
    // It tries again within 15 s at the latest.
    assert!(since - healed <= 19 * SECOND, "{}", since - healed);
}

/// Whether the way was known to be lost or seemed open.
#[test]
fn who_is_told_that_the_network_is_back_is_with_the_others_within_three_seconds() {
    for span in [30, 4] {
        let mut world = three();
        world.viewers[1].setup.way.partitions.push((world.now, world.now + span * SECOND));
        world.act(0, Action::Seek(film(1_000)));
        world.run(span * SECOND);
        world.input_to(1, MemberInput::Online);
        world.run(3 * SECOND);
        for _ in 0..50 {
            assert_together(&world);
            world.run(SECOND / 10);
        }
    }
}

#[test]
fn who_is_offline_goes_on_with_the_others() {
    let mut world = three();
    world.viewers[1].setup.way.partitions.push((world.now, world.now + 120 * SECOND));
    for _ in 0..110 {
        world.run(SECOND);
        assert!(world.drift(1).abs() <= 40_000, "{} µs after {} s", world.drift(1), world.now / SECOND);
    }
}

#[test]
fn a_room_that_was_forgotten_goes_on_where_it_was() {
    let mut world = three();
    world.act(1, Action::Seek(film(500)));
    world.run(10 * SECOND);
    let before = world.due().0;
    world.restart_room(2);
    world.run(10 * SECOND);
    assert_together(&world);
    assert!((world.due().0 - before - 10 * SECOND).abs() < 3 * SECOND, "{}", world.due().0 - before);
    assert_eq!(world.room.state().phase, Phase::Playing);
    let members = world.viewers[2].member.members();
    assert_eq!(members.iter().filter(|member| member.host).count(), 1);
    assert!(members.iter().any(|member| member.host && Some(member.id) == world.viewers[0].member.me()));
}

/// A laptop that has just woken does not know what time it is in the room: what it remembers is where it was, not where somebody
/// last went to.
#[test]
fn a_room_that_is_remembered_by_a_sleeper_goes_on_near_where_it_was() {
    let mut world = World::new(1, vec![Setup::new(1)]);
    world.run(5 * SECOND);
    world.act(0, Action::Play);
    world.run(600 * SECOND);
    let before = world.due().0;
    world.restart_room(2);
    world.sleep(0, 8 * SECOND, true);
    world.run(30 * SECOND);
    assert_together(&world);
    assert!(world.due().0 >= before, "{} µs before {before}", before - world.due().0);
}

/// What was done is not done again because its answer was lost with the connection.
#[test]
fn a_command_whose_answer_was_lost_counts_once() {
    let mut world = three();
    world.act(1, Action::Seek(film(500)));
    // It arrives, and its answer does not.
    while world.room.state().cause != party::Cause::Seek {
        world.run(500);
    }
    world.lose_way(1);
    world.run(10 * SECOND);
    assert_together(&world);
    assert!(world.due().0 >= 500 * SECOND, "{}", world.due().0);
    let seeks = world.states.iter().filter(|(_, state)| state.cause == party::Cause::Seek);
    let by = seeks.filter(|(_, state)| state.by == world.viewers[1].member.me());
    assert_eq!(by.map(|(_, state)| state.stamp).collect::<std::collections::BTreeSet<_>>().len(), 1);
}

/// The one who comes back first has missed the last command: the memory of the others counts.
#[test]
fn the_newest_memory_of_a_forgotten_room_counts() {
    let mut world = three();
    world.viewers[0].setup.way.partitions.push((world.now, world.now + 5 * SECOND));
    world.act(1, Action::Pause);
    world.run(2 * SECOND);
    world.act(1, Action::Seek(film(700)));
    world.run(2 * SECOND);
    world.restart_room(2);
    world.run(15 * SECOND);
    assert_together(&world);
    assert_eq!((world.room.state().phase, world.due().0), (Phase::Paused, 700 * SECOND));
}

#[test]
fn a_throttled_tab_stays_near() {
    let throttled = Setup { is_throttled: true, ..Setup::new(3) };
    let mut world = World::new(1, vec![Setup::new(1), Setup::new(2), throttled]);
    world.run(8 * SECOND);
    world.act(0, Action::Play);
    world.run(60 * SECOND);
    for _ in 0..300 {
        world.run(SECOND);
        assert!(world.drift(2).abs() <= 60_000, "{} µs", world.drift(2));
    }
}

#[test]
fn a_link_that_is_dead_without_a_word_is_found_out() {
    let mut world = three();
    // Only one way, which no socket notices.
    world.viewers[1].setup.way.partitions.push((world.now, world.now + 25 * SECOND));
    world.run(20 * SECOND);
    assert!(world.viewers[1].events.iter().any(|(_, event)| matches!(event, Event::Lost { .. })));
    world.run(20 * SECOND);
    assert_together(&world);
}

/// A room that is full or shuts down is another thing to tell a viewer than one that is silent.
#[test]
fn whoever_is_sent_away_for_now_hears_why_and_comes_back() {
    let mut world = three();
    let bye = party::ToMember::Bye { why: party::Farewell::Full, after: party::Span::ZERO };
    world.input_to(1, party::MemberInput::Message(bye));
    let events = &world.viewers[1].events;
    assert!(
        events.iter().any(|(_, event)| matches!(event, Event::Lost { why: Some(party::Farewell::Full), .. })),
        "{events:?}"
    );
    world.run(10 * SECOND);
    assert_together(&world);
}
