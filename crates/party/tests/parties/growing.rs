//! A film that still goes up, watched together: the room waits for more of it, and nobody misses any.

use party::{Action, Cause, Phase, Policy, State};

use crate::growth::Growing;
use crate::network::Way;
use crate::player::{LENGTH, Traits};
use crate::world::{SECOND, Setup, World, film};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// It comes half as fast as it plays.
const SLOW: Growing =
    Growing { first: 20 * SECOND, speed: SECOND / 2, step: 3 * SECOND, done: i64::MAX, follows: true };

fn watching(seed: u64, growing: Growing) -> Setup {
    Setup { traits: Traits { growing: Some(growing), ..Traits::default() }, ..Setup::new(seed) }
}

fn party(setups: Vec<Setup>) -> World {
    let mut world = World::new(1, setups);
    world.run(5 * SECOND);
    world.act(0, Action::Play);
    world
}

fn waits_for_more(state: &State) -> bool {
    state.phase == Phase::Waiting && state.until.is_none()
}

/// Lets the world go on; at each moment the room is where somebody can be, and no player has come to the end of what it has.
fn run(world: &mut World, growing: Growing, span: i64) {
    let end = world.now + span;
    while world.now < end {
        world.run(SECOND / 10);
        let (place, ready) = (world.due().0, growing.ready(world.now));
        assert!(place <= ready, "at {} s the room is at {place}, and {ready} are there", world.now / SECOND);
        for (n, viewer) in world.viewers.iter().enumerate() {
            let has = viewer.player.opened.length();
            assert!(
                has == LENGTH || viewer.player.position() < has,
                "viewer {n} is at the end of what is loaded, {has}"
            );
        }
    }
}

/// Each state goes on where the one before had come to.
fn assert_nothing_is_skipped(world: &World) {
    for pair in world.states.windows(2).filter(|pair| !matches!(pair[1].1.cause, Cause::Seek | Cause::Content)) {
        let (before, after) = (&pair[0].1, &pair[1].1);
        let skipped = after.position - before.timeline().position(after.at);
        assert!(skipped.as_micros() <= 1, "{skipped:?} between {before:?} and {after:?}");
    }
}

#[test]
fn the_room_stands_where_there_is_no_more_yet_and_goes_on_with_it() {
    let mut world = party((1..4).map(|seed| watching(seed, SLOW)).collect());
    let mut spread = 0;
    let end = world.now + 240 * SECOND;
    while world.now < end {
        run(&mut world, SLOW, SECOND / 2);
        let (place, moves) = world.due();
        let newest = world.room.state();
        let steady = (world.room_time() - newest.at).as_micros() > 2 * SECOND;
        if steady && (moves || waits_for_more(newest)) {
            let drifts = (0..3).map(|viewer| world.drift(viewer).abs());
            spread = spread.max(drifts.max().expect("three"));
        }
        assert!(place + 16 * SECOND > SLOW.ready(world.now) || world.now < 40 * SECOND, "it keeps up with what comes");
    }
    assert!(spread <= 40_000, "{spread} µs off");
    let waits = world.states.iter().filter(|(_, state)| waits_for_more(state)).count();
    assert!((5..60).contains(&waits), "it waited {waits} times");
    assert!(world.room.members().iter().all(|member| !member.late), "nobody is let go for what is nobody's fault");
    assert_nothing_is_skipped(&world);
}

#[test]
fn once_all_of_it_is_there_it_plays_as_any_other() {
    let growing = Growing { done: 90 * SECOND, ..SLOW };
    let mut world = party((1..4).map(|seed| watching(seed, growing)).collect());
    run(&mut world, growing, 150 * SECOND);
    let since = world.states.last().expect("there are").0;
    assert!(since < 100 * SECOND && world.room.state().phase == Phase::Playing);
    assert!((0..3).all(|viewer| world.drift(viewer).abs() <= 40_000));
    assert!(world.viewers.iter().all(|viewer| viewer.player.growth().is_none()));
    assert_nothing_is_skipped(&world);
}

/// Who watches alone in a room would otherwise miss what the room runs on for.
#[test]
fn nobody_misses_anything_whatever_the_policy() {
    for policy in [Policy::Never, Policy::default()] {
        for viewers in 1..3 {
            let mut setups: Vec<Setup> = (0..viewers).map(|seed| watching(seed + 1, SLOW)).collect();
            setups.iter_mut().for_each(|setup| setup.options.policy = Some(policy));
            let mut world = party(setups);
            run(&mut world, SLOW, 120 * SECOND);
            assert!(world.states.iter().any(|(_, state)| waits_for_more(state)), "{policy:?}");
            assert_nothing_is_skipped(&world);
        }
    }
}

#[test]
fn a_seek_beyond_what_is_there_goes_to_its_end() {
    for phase in [Phase::Playing, Phase::Paused] {
        let mut world = party((1..4).map(|seed| watching(seed, SLOW)).collect());
        run(&mut world, SLOW, 5 * SECOND);
        if phase == Phase::Paused {
            world.act(1, Action::Pause);
            run(&mut world, SLOW, 2 * SECOND);
        }
        world.act(0, Action::Seek(film(1_000)));
        run(&mut world, SLOW, 3 * SECOND);
        let state = world.room.state();
        assert!(if phase == Phase::Paused { state.phase == phase } else { waits_for_more(state) }, "{state:?}");
        let positions = world.viewers.iter().map(|viewer| viewer.player.position());
        assert!(positions.clone().max().expect("three") - positions.min().expect("three") <= 40_000);
        // Who plays there does not begin the film anew.
        world.act(2, Action::Play);
        run(&mut world, SLOW, 30 * SECOND);
        assert!(world.due().0 > 20 * SECOND);
    }
}

/// Its page does not look for more: that is its own fault.
#[test]
fn who_does_not_get_more_though_it_is_there_holds_the_room_once_and_is_let_go() {
    let quick = Growing { speed: 2 * SECOND, ..SLOW };
    let left = watching(3, Growing { follows: false, ..quick });
    let mut world = party(vec![watching(1, quick), watching(2, quick), left]);
    run(&mut world, quick, 60 * SECOND);
    let late: Vec<bool> = world.room.members().iter().map(|member| member.late).collect();
    assert_eq!(late, [false, false, true]);
    assert_eq!(world.room.state().phase, Phase::Playing);
    assert!((0..2).all(|viewer| world.drift(viewer).abs() <= 40_000));
    let stands = &world.viewers[2].player;
    assert!(stands.is_paused() && stands.position() <= 32 * SECOND, "it stands at the end of what it has");
}

#[test]
fn a_room_that_waited_for_more_when_it_was_forgotten_waits_on() {
    let still = Growing { speed: 0, ..SLOW };
    let mut world = party((1..3).map(|seed| watching(seed, still)).collect());
    run(&mut world, still, 30 * SECOND);
    assert!(waits_for_more(world.room.state()), "{:?}", world.room.state());
    world.restart_room(2);
    run(&mut world, still, 30 * SECOND);
    assert!(waits_for_more(world.room.state()), "{:?}", world.room.state());
    assert!((0..2).all(|viewer| world.drift(viewer).abs() <= 40_000));
}

#[test]
fn nobody_misses_anything_whatever_the_networks_do() {
    for seed in 0..if cfg!(target_arch = "wasm32") { 6 } else { 60 } {
        let mut dice = fastrand::Rng::with_seed(seed);
        let growing = Growing {
            first: dice.i64(5..40) * SECOND,
            speed: dice.i64(200_000..3_000_000),
            step: dice.i64(1..12) * SECOND,
            done: 100 * SECOND,
            follows: true,
        };
        let viewers = dice.u64(1..5);
        let mut setup = |number: u64| {
            let delay = (dice.i64(0..150_000), dice.i64(0..150_000));
            let (loss, is_stream) = (dice.u8(0..4), dice.bool());
            let way = Way { delay, loss, is_stream, ..Way::stream(0, dice.i64(0..100_000)) };
            Setup { way, ..watching(number + 1, growing) }
        };
        let mut world = party((0..viewers).map(&mut setup).collect());
        run(&mut world, growing, 40 * SECOND);
        world.join(setup(viewers));
        run(&mut world, growing, 130 * SECOND);
        // Somebody may come to the end of what it has loaded just now.
        while (world.room_time() - world.room.state().at).as_micros() < 10 * SECOND && world.now < 240 * SECOND {
            run(&mut world, growing, SECOND);
        }
        assert_nothing_is_skipped(&world);
        assert_eq!(world.room.state().phase, Phase::Playing, "{seed}: {:?}", world.room.state());
        for viewer in 0..world.viewers.len() {
            let drift = world.drift(viewer);
            assert!(drift.abs() <= 120_000, "{seed}: viewer {viewer} is {drift} µs off");
        }
    }
}
