//! Chunks made one by one: the times in each count from zero.

use manifest::ChunkIndex;
use playback::{Event, Object, StreamId};

use virtual_world::{Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn setup() -> Setup {
    Setup::new(Truth::restarting(&Cut::muxed(120))).link(Link::mbit(20))
}

fn arrives(world: &mut World, millis: i64) {
    world.seek(millis);
    let arrived = world.run_until(20, |world| !world.element.state.seeking);
    assert!(arrived, "to {millis}: {}", world.describe());
    world.run_for(4_000);
    assert!(world.time() > ms(millis + 3_000), "to {millis}: {}", world.describe());
}

#[test]
fn they_play_to_the_end_without_a_seam_and_no_byte_comes_twice() {
    let mut world = setup().play();
    world.run_to_end();
    world.assert_all_shown();
    assert_eq!(world.element.shown.len(), 1, "one run without a break");
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
    assert_eq!(world.trace.wasted, 0);
    assert_eq!(world.player.duration(), Some(ms(120_000)), "exact in the end");
}

#[test]
fn the_next_chunk_is_fetched_before_the_playhead_gets_there() {
    let mut world = setup().play();
    assert!(world.run_until(60, |world| world.time() > ms(20_000)));
    let asked = world
        .trace
        .requests
        .iter()
        .any(|ask| ask.object == Object::Chunk { stream: StreamId(0), chunk: ChunkIndex(1) });
    assert!(asked, "{:?}", world.trace.requests);
}

#[test]
fn a_seek_within_what_has_been_seen_is_exact() {
    let mut world = setup().play();
    assert!(world.run_until(90, |world| world.time() > ms(65_000)));
    arrives(&mut world, 31_000);
    world.run_to_end();
    assert_eq!(world.player.duration(), Some(ms(120_000)));
}

#[test]
fn a_seek_beyond_it_goes_where_the_bytes_suggest_and_plays_on() {
    for to in [80_000, 45_000] {
        let mut world = setup().play();
        world.run_for(3_000);
        arrives(&mut world, to);
        world.run_to_end();
        assert_eq!(world.fatal(), None);
    }
}

#[test]
fn playing_into_a_chunk_that_was_put_by_estimate_puts_it_right() {
    let mut world = setup().play();
    world.run_for(3_000);
    arrives(&mut world, 65_000);
    world.seek(20_000);
    world.run_to_end();
    assert_eq!(world.fatal(), None);
    assert_eq!(world.player.duration(), Some(ms(120_000)), "{}", world.describe());
    let (from, to) = *world.element.shown.last().expect("it was shown");
    assert_eq!((from, to), (ms(20_000), ms(120_000)), "in one run");
}
