//! The end of the film.

use playback::Event;

use virtual_world::{Cut, Link, Setup, Truth, ms};
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

/// A browser shows nothing behind the end of either before the other has ended, too.
#[test]
fn streams_of_very_unequal_lengths_end_with_the_longer() {
    for (video, audio) in [(60_000, 35_000), (35_000, 60_000), (120_000, 60_000)] {
        for link in [Link::mbit(4), Link::mbit(100)] {
            let cuts = [Cut { length: video, ..Cut::video(60) }, Cut { length: audio, ..Cut::audio(60) }];
            let mut world = Setup::new(Truth::indexed(&cuts)).link(link).play();
            world.run_to_end();
            world.assert_all_shown();
        }
    }
}

#[test]
fn a_seek_behind_the_end_of_the_shorter_stream_arrives() {
    for (video, audio) in [(90_000, 50_000), (50_000, 90_000)] {
        let cuts = [Cut { length: video, ..Cut::video(60) }, Cut { length: audio, ..Cut::audio(60) }];
        let mut world = Setup::new(Truth::indexed(&cuts)).link(Link::mbit(100)).play();
        world.run_for(3_000);
        world.seek(52_000);
        world.run_to_end();
        assert_eq!(world.told(|event| matches!(event, Event::Seeked { to, .. } if *to == ms(52_000))), 1);
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

#[test]
fn what_is_removed_at_the_end_does_not_end_the_film_twice() {
    let mut world = Setup::new(Truth::film(120)).play();
    world.run_to_end();
    // Whoever looks at the playhead once more finds it at the end still.
    for _ in 0..3 {
        world.press_pause();
        world.run_for(1_000);
    }
    assert_eq!(world.told(|event| *event == Event::Ended), 1, "{}", world.describe());
}
