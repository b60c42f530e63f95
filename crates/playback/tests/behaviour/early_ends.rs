//! Streams that end long before the film does, by default options.

use playback::{Event, ReadyState, StreamId};

use virtual_world::{Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// 20 Mbit/s: a minute of it is more than the goal in bytes.
const RICH: u64 = 2_500_000;

fn film(video: Cut, audio: Cut) -> Setup {
    Setup::new(Truth::indexed(&[video, audio])).link(Link::mbit(100))
}

fn silent_credits() -> Setup {
    film(Cut { rate: RICH, groups_per_chunk: 5, ..Cut::video(120) }, Cut { length: 8_000, ..Cut::audio(8) })
}

fn plays_to_the_end(mut world: World) -> World {
    world.run_to_end();
    assert_eq!(world.fatal(), None);
    world.assert_all_shown();
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{:?}", world.trace.events);
    world
}

#[test]
fn sound_that_ends_early_does_not_hold_the_pictures_up() {
    let world = plays_to_the_end(silent_credits().play());
    assert!(world.trace.signalled_ends > 0);
    assert_eq!(world.trace.wasted, 0);
}

#[test]
fn little_more_than_the_goal_is_fetched_beyond_the_end_of_the_sound() {
    let mut world = silent_credits().play();
    assert!(world.run_until(60, |world| world.time() > ms(12_000)), "{}", world.describe());
    let until = world.element.buffers.values().map(virtual_world::SourceBuffer::end).max().expect("two");
    assert!(until < ms(60_000), "{}", world.describe());
}

#[test]
fn pictures_that_end_early_do_not_hold_the_sound_up() {
    // Sound without loss: its SourceBuffer holds no two minutes of it.
    let audio = Cut { rate: 150_000, groups_per_chunk: 20, ..Cut::audio(300) };
    plays_to_the_end(film(Cut { length: 30_000, ..Cut::video(30) }, audio).play());
}

#[test]
fn a_seek_beyond_the_end_of_the_sound_arrives_and_one_back_has_sound_again() {
    let mut world = silent_credits().play();
    world.run_for(3_000);
    world.seek(90_000);
    let arrived = |world: &World| world.element.state.ready >= ReadyState::FutureData && world.time() > ms(91_000);
    assert!(world.run_until(20, arrived), "{}", world.describe());
    world.seek(2_000);
    assert!(world.run_until(20, |world| world.time() > ms(9_000) && world.time() < ms(20_000)), "{}", world.describe());
    world.run_to_end();
}

#[test]
fn another_language_that_ends_early_plays_to_the_end() {
    let cuts = [
        Cut { rate: RICH, groups_per_chunk: 5, ..Cut::video(120) },
        Cut::audio(120),
        Cut { length: 8_000, ..Cut::audio(8) },
    ];
    for at in [2_000, 30_000] {
        let mut world = Setup::new(Truth::indexed(&cuts)).link(Link::mbit(100)).play();
        world.run_for(at);
        world.select_audio(StreamId(2));
        world.run_to_end();
        assert_eq!(world.fatal(), None);
        world.assert_all_shown();
    }
}

#[test]
fn over_a_link_that_hardly_carries_the_pictures_none_of_them_is_taken_for_the_end() {
    let video = Cut { rate: 250_000, ..Cut::video(60) };
    let mut world = film(video, Cut { length: 8_000, ..Cut::audio(8) }).link(Link::mbit(2)).play();
    world.run_to_end();
    world.assert_all_shown();
}
