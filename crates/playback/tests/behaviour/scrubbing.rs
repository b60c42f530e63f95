//! Whoever looks for a place along a slider seeks many times, and is told of once.

use std::time::Duration;

use playback::{Event, Options, SeekOrigin};

use virtual_world::{Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn playing(options: Options) -> World {
    let mut world = Setup::new(Truth::film(300)).options(options).play();
    assert!(world.run_until(20, |world| world.time() > ms(1_000)));
    world
}

/// Where seeks came to rest, and who wanted them.
fn rested(world: &World) -> Vec<(i64, SeekOrigin)> {
    let rested = world.trace.events.iter().filter_map(|(_, event)| match event {
        Event::Rested { to, origin } => Some((to.as_micros() / 1_000, *origin)),
        _ => None,
    });
    rested.collect()
}

fn seeks(world: &World) -> usize {
    world.told(|event| matches!(event, Event::Seeking { .. }))
}

#[test]
fn twenty_steps_of_a_slider_come_to_rest_once() {
    for paused in [false, true] {
        let mut world = playing(Options::default());
        if paused {
            world.press_pause();
        }
        for step in 0..20 {
            world.drag(100_000 + 1_000 * step);
            world.run_for(300);
        }
        assert_eq!((seeks(&world), rested(&world)), (20, vec![]));
        world.run_for(199);
        assert_eq!(rested(&world), []);
        world.run_for(1);
        assert_eq!(rested(&world), [(119_000, SeekOrigin::User)]);
        world.run_for(5_000);
        assert_eq!(rested(&world).len(), 1, "{}", world.describe());
    }
}

#[test]
fn a_seek_that_another_overtakes_never_comes_to_rest() {
    let mut world = playing(Options { seek_rest: Duration::from_secs(3), ..Options::default() });
    world.seek_by(SeekOrigin::User, 200_000);
    world.run_for(2_900);
    world.seek_by(SeekOrigin::Party, 50_000);
    world.run_for(2_999);
    assert_eq!(rested(&world), []);
    world.run_for(1);
    assert_eq!(rested(&world), [(50_000, SeekOrigin::Party)]);
}

#[test]
fn without_a_rest_every_seek_is_told_at_once() {
    let mut world = playing(Options { seek_rest: Duration::ZERO, ..Options::default() });
    for to in [100_000, 150_000] {
        world.drag(to);
        let told = world.trace.events.iter().rev().take(2).map(|(_, event)| event.clone()).collect::<Vec<_>>();
        let (to, origin) = (ms(to), SeekOrigin::User);
        assert_eq!(told, [Event::Rested { to, origin }, Event::Seeking { to, origin }]);
    }
}

#[test]
fn a_seek_that_nobody_can_follow_yet_comes_to_rest_too() {
    let mut world = Setup::new(Truth::film(300)).paused();
    world.seek_by(SeekOrigin::User, 120_500);
    world.run_for(501);
    assert_eq!(rested(&world), [(120_500, SeekOrigin::User)]);
}
