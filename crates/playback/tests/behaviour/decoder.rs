//! A decoder that hangs though it has all it needs.

use std::time::Duration;

use playback::{Event, Input, StallCause};

use virtual_world::{Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A film whose playhead stands still at 10 s, and has done so for that long.
fn hung(millis: u64) -> World {
    let mut world = Setup::new(Truth::film(30)).play();
    world.element.sticks_at = Some(ms(10_000));
    assert!(world.run_until(60, |world| world.time() == ms(10_000)));
    world.run_for(millis);
    world
}

#[test]
fn it_is_nudged_after_a_second_and_the_film_plays_on() {
    let mut world = hung(950);
    assert_eq!(world.player.statistics().nudges, 0);
    assert!(world.run_until(1, |world| world.player.statistics().nudges == 1), "{}", world.describe());
    world.run_to_end();
    assert_eq!(world.player.statistics().nudges, 1);
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(StallCause::Decoder))), 1);
    assert_eq!(world.told(|event| matches!(event, Event::Recovered { .. })), 1);
    world.assert_all_shown();
}

#[test]
fn one_that_comes_back_by_itself_is_not_sent_back_to_where_it_hung() {
    let mut world = hung(0);
    let hung_at = world.now();
    world.run_for(900);
    world.element.sticks_at = None;
    // Facts come all the time, and only some of them with a sample of the playhead.
    while world.now() < hung_at + Duration::from_millis(1_100) {
        world.tell(Input::Online(true));
        world.run_for(7);
    }
    world.run_to_end();
    assert_eq!(world.player.statistics().nudges, 0);
    world.assert_all_shown();
}

#[test]
fn a_film_that_plays_on_after_a_pause_has_not_hung() {
    let mut world = Setup::new(Truth::film(30)).play();
    assert!(world.run_until(60, |world| world.time() > ms(10_000)));
    world.press_pause();
    world.run_for(5_000);
    world.press_play();
    world.run_to_end();
    assert_eq!(world.player.statistics().nudges, 0);
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
    assert_eq!(world.element.shown.len(), 1, "one run without a break");
}

#[test]
fn a_film_at_the_rate_of_nothing_has_not_hung() {
    let mut world = Setup::new(Truth::film(30)).play();
    assert!(world.run_until(60, |world| world.time() > ms(10_000)));
    let at = world.time();
    world.change_rate(0.0);
    world.run_for(5_000);
    assert_eq!(world.time(), at);
    world.change_rate(1.0);
    world.run_to_end();
    assert_eq!(world.player.statistics().nudges, 0);
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
    world.assert_all_shown();
}

#[test]
fn one_that_has_too_little_for_the_next_picture_waits_for_the_network() {
    // Groups of a frame each over a link that is far too slow.
    let cut = Cut { group: 40, fragments_per_group: 1, groups_per_chunk: 750, rate: 600_000, ..Cut::muxed(2) };
    let mut world = Setup::new(Truth::indexed(&[cut])).link(Link::mbit(1)).play();
    world.run_to_end();
    assert_eq!(world.player.statistics().nudges, 0);
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(StallCause::Decoder))), 0, "{}", world.describe());
    world.assert_all_shown();
}
