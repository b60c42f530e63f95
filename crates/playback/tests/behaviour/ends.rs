//! The end of the film.

use playback::Event;

use virtual_world::{Cut, Setup, Truth, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn the_stream_is_ended_once_and_the_film_too() {
    let mut world = Setup::new(Truth::film(90)).play();
    world.run_to_end();
    world.run_for(60_000);
    assert_eq!(world.told(|event| *event == Event::Complete), 1);
    assert_eq!(world.told(|event| *event == Event::Ended), 1);
    assert!(!world.is_requesting());
}

#[test]
fn streams_of_unequal_lengths_end_with_the_longer() {
    for (video, audio) in [(60_000, 57_300), (57_300, 60_000), (60_000, 60_021), (60_000, 45_000)] {
        let cuts = [Cut { length: video, ..Cut::video(60) }, Cut { length: audio, ..Cut::audio(60) }];
        let mut world = Setup::new(Truth::indexed(&cuts)).play();
        world.run_to_end();
        world.assert_all_shown();
        assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{video} {audio}");
    }
}

#[test]
fn after_the_end_nothing_wakes_the_engine() {
    let mut world = Setup::new(Truth::film(30)).play();
    world.run_to_end();
    let timers = world.trace.timers;
    world.run_for(600_000);
    assert!(world.trace.timers - timers < 3, "{} timers", world.trace.timers - timers);
}

#[test]
fn a_film_shorter_than_a_group_plays() {
    for length in [40, 500, 1_999] {
        let cuts = [Cut { length, ..Cut::video(1) }, Cut { length, ..Cut::audio(1) }];
        let mut world = Setup::new(Truth::indexed(&cuts)).play();
        world.run_to_end();
        assert_eq!(world.time(), ms(length));
    }
}
