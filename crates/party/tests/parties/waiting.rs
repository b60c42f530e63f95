//! For whom a room waits, and for whom not.

use party::{Action, Event, Limit, MemberInput, Phase, Policy};

use crate::player::Traits;
use crate::world::{SECOND, Setup, World, film};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn party(setups: Vec<Setup>) -> World {
    let mut world = World::new(1, setups);
    world.run(5 * SECOND);
    world.act(0, Action::Play);
    world
}

/// How long the room stood since a moment, though it was to play.
fn waited(world: &World, since: i64) -> i64 {
    let mut total = 0;
    for pair in world.states.windows(2).filter(|pair| pair[0].0 >= since) {
        if pair[0].1.phase == Phase::Waiting {
            total += (pair[1].1.at - pair[0].1.at).as_micros().max(0);
        }
    }
    total
}

fn slow(link: i64) -> Setup {
    Setup { traits: Traits { link, ..Traits::default() }, ..Setup::new(4) }
}

/// A link that brings less than the film needs: the room stops before it stands still, waits for its limit in all and not a
/// moment longer, and everybody sees who was let go.
#[test]
fn a_slow_friend_holds_the_room_once_and_is_let_go() {
    let mut world = party(vec![Setup::new(1), Setup::new(2), Setup::new(3), slow(600_000)]);
    let begun = world.now;
    world.run(400 * SECOND);
    let total = waited(&world, begun);
    assert!((1..=10 * SECOND).contains(&total), "it waited {total} µs");
    assert!(world.viewers[0].member.members().iter().any(|member| member.late), "everybody sees it");
    assert!((0..3).all(|viewer| world.drift(viewer).abs() <= 40_000));
    world.leave(3);
    world.run(30 * SECOND);
    assert_eq!(world.room.state().phase, Phase::Playing);
    assert!((0..3).all(|viewer| world.drift(viewer).abs() <= 40_000));
}

/// The stall is known before it happens: nobody runs ahead of who stands still.
#[test]
fn a_stall_that_is_foreseen_is_met_by_all_at_one_picture() {
    let mut world = party(vec![Setup::new(1), Setup::new(2), slow(600_000)]);
    let mut spread = 0;
    for _ in 0..900 {
        world.run(SECOND / 10);
        if world.room.state().phase == Phase::Waiting && world.now > 20 * SECOND {
            let positions: Vec<i64> = world.viewers.iter().map(|viewer| viewer.player.position()).collect();
            spread = positions.iter().max().expect("three") - positions.iter().min().expect("three");
        }
    }
    assert!(world.states.iter().any(|(_, state)| state.cause == party::Cause::Stall));
    assert!(spread <= 40_000, "{spread} µs apart while the room waits");
}

/// Killed in the middle of the wait for it.
#[test]
fn who_vanishes_while_the_room_waits_holds_nobody() {
    let mut world = party(vec![Setup::new(1), Setup::new(2), slow(300_000)]);
    while world.room.state().cause != party::Cause::Stall {
        world.run(SECOND / 20);
        assert!(world.now < 200 * SECOND, "it never waits");
    }
    world.leave(2);
    world.run(3 * SECOND);
    assert_eq!(world.room.state().phase, Phase::Playing);
    world.run(5 * SECOND);
    assert!((0..2).all(|viewer| world.drift(viewer).abs() <= 40_000));
}

#[test]
fn a_seek_waits_for_who_must_fetch_but_no_longer_than_the_limit() {
    for link in [1_500_000, 20_000] {
        let mut world = party(vec![Setup::new(1), Setup::new(2), slow(4_000_000)]);
        world.run(20 * SECOND);
        world.viewers[2].player.traits.link = link;
        let begun = world.now;
        world.act(0, Action::Seek(film(3_000)));
        world.run(20 * SECOND);
        let total = waited(&world, begun);
        let expected = if link == 20_000 { 10 * SECOND..=10 * SECOND } else { SECOND / 2..=3 * SECOND };
        assert!(expected.contains(&total), "{link}: waited {total} µs");
        assert!((0..2).all(|viewer| world.drift(viewer).abs() <= 40_000));
    }
}

#[test]
fn nobody_waits_for_who_is_blocked_or_apart_or_elsewhere() {
    let blocked = Setup { is_blocked: true, ..Setup::new(3) };
    let elsewhere = Setup { content: "another cut", ..Setup::new(4) };
    let mut world = party(vec![Setup::new(1), Setup::new(2), blocked, elsewhere, Setup::new(5)]);
    world.run(3 * SECOND);
    world.input_to(4, MemberInput::Follow(false));
    // The browser told the blocked one so at its first start; the room has let nobody wait since.
    world.run(2 * SECOND);
    let begun = world.now;
    world.act(0, Action::Seek(film(1_000)));
    world.run(5 * SECOND);
    assert!(waited(&world, begun) < SECOND, "{}", waited(&world, begun));
    assert!(world.viewers[2].events.iter().any(|(_, event)| *event == Event::Blocked(true)));
    // One click later.
    world.viewers[2].setup.is_blocked = false;
    world.input_to(2, MemberInput::Blocked(false));
    world.run(5 * SECOND);
    assert!(world.drift(2).abs() < 40_000 && !world.viewers[2].player.is_paused());
}

#[test]
fn never_is_never_and_a_quorum_is_enough() {
    let half = Policy::Quorum { percent: 50, limit: Limit::seconds(10) };
    for (policy, most) in [(Policy::Never, 0), (half, SECOND)] {
        let mut setups = vec![Setup::new(1), Setup::new(2), slow(500_000)];
        setups.iter_mut().for_each(|setup| setup.options.policy = Some(policy));
        let mut world = party(setups);
        world.run(20 * SECOND);
        let begun = world.now;
        world.run(200 * SECOND);
        assert!(waited(&world, begun) <= most, "{policy:?}: {}", waited(&world, begun));
    }
}

#[test]
fn who_was_let_go_and_has_caught_up_is_waited_for_again() {
    let mut world = party(vec![Setup::new(1), Setup::new(2), slow(600_000)]);
    while !world.room.members().iter().any(|member| member.late) {
        world.run(SECOND);
        assert!(world.now < 400 * SECOND, "it is never let go");
    }
    world.viewers[2].player.traits.link = 8_000_000;
    world.run(60 * SECOND);
    assert!(world.room.members().iter().all(|member| !member.late));
    assert!((0..3).all(|viewer| world.drift(viewer).abs() <= 40_000));
    let seeks = world.viewers[2].player.seeks.iter().filter(|at| **at > world.now - 30 * SECOND).count();
    assert!(seeks <= 1, "{seeks} seeks");
}

/// Of the last seconds of a film there are never five more to come.
#[test]
fn a_stall_next_to_the_end_costs_no_more_than_its_bytes() {
    let mut world = party(vec![Setup::new(1), Setup::new(2), slow(500_000)]);
    world.run(5 * SECOND);
    let begun = world.now;
    let last = manifest::MediaTime::from_micros(crate::player::LENGTH - 5 * SECOND);
    world.act(0, Action::Seek(last));
    world.run(40 * SECOND);
    assert!(world.viewers.iter().all(|viewer| viewer.player.position() == crate::player::LENGTH));
    let total = waited(&world, begun);
    // Five seconds of the film at half its speed take ten, of which it plays during some; the limit would be ten after that.
    assert!(total <= 9 * SECOND, "it waited {total} µs");
}

/// Whoever comes first after a restart does not play without the others.
#[test]
fn a_room_that_waited_when_it_was_forgotten_waits_on() {
    let mut world = party(vec![Setup::new(1), Setup::new(2), slow(300_000)]);
    world.run(2 * SECOND);
    world.act(0, Action::Seek(film(2_000)));
    world.run(SECOND / 2);
    assert_eq!(world.room.state().phase, Phase::Waiting);
    world.restart_room(2);
    let mut early = 0;
    for _ in 0..60 {
        world.run(SECOND / 10);
        let is_ready = world.viewers[2].player.sample(party::Now::default()).buffered >= film(1);
        early += i32::from(world.room.state().phase == Phase::Playing && !is_ready);
    }
    assert_eq!(early, 0, "it played before the slow one was ready");
    world.run(20 * SECOND);
    assert_eq!(world.room.state().phase, Phase::Playing);
}
