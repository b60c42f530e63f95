//! A decoder that hangs though it has all it needs, or fails.

use std::time::Duration;

use manifest::MediaTime;
use playback::{Error, Event, Input, Options, Playhead, StallCause, StreamId};

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
fn after_one_that_says_that_all_has_been_played_and_then_fails_another_goes_on_where_the_film_was() {
    for moment in [0, 5_000] {
        let mut world = Setup::new(Truth::film(60)).play();
        let has_bytes = |world: &World| world.element.buffers.values().any(|buffer| buffer.end() > ms(0));
        assert!(world.run_until(60, |world| world.time() >= ms(moment) && has_bytes(world)));
        let claim = Playhead { time: ms(60_000), ended: true, paused: true, ..world.element.state.clone() };
        world.tell(Input::Playhead(claim.clone()));
        // A moment later the browser knows better, and says the same of the playhead.
        world.tell(Input::Playhead(claim));
        world.element.is_broken = true;
        world.tell(Input::MediaFailed { what: "media error 3".into() });
        assert_eq!(world.told(|event| matches!(event, Event::Ended)), 0, "{}", world.describe());
        world.run_to_end();
        assert_eq!(world.told(|event| matches!(event, Event::Ended)), 1);
        let is_gap = |pair: &[(MediaTime, MediaTime)]| pair[0].1 < pair[1].0;
        assert!(!world.element.shown.windows(2).any(is_gap), "{:?}", world.element.shown);
    }
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
fn one_that_takes_long_after_each_seek_is_not_sent_back_for_ever() {
    for millis in [1_500, 3_000] {
        let mut world = hung(0);
        world.element.is_slow_by = Some(Duration::from_millis(millis));
        assert!(world.run_until(60, |world| world.time() > ms(12_000)), "{millis} ms: {}", world.describe());
        let nudges = world.player.statistics().nudges;
        assert!(nudges <= 3, "{millis} ms: {nudges} nudges");
        world.run_to_end();
        world.assert_all_shown();
    }
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

/// A film that plays at 20 s.
fn playing(setup: Setup) -> World {
    let mut world = setup.play();
    assert!(world.run_until(60, |world| world.time() > ms(20_000)), "{}", world.describe());
    world
}

#[test]
fn after_one_that_fails_another_goes_on_where_the_film_was() {
    let mut world = playing(Setup::new(Truth::film(60)));
    world.change_rate(1.5);
    let (broke_at, before) = (world.time(), world.player.statistics().clone());
    let bandwidth = world.player.bandwidth();
    world.break_decoder();
    assert!(world.run_until(5, |world| world.time() > broke_at + ms(500)), "{}", world.describe());
    assert_eq!((world.element.shown.len(), world.element.state.rate), (1, 1.5), "one run without a break");
    assert_eq!(world.told(|event| *event == Event::Loaded), 2);
    assert_eq!(world.told(|event| matches!(event, Event::Reopening { what } if what.contains("media error 3"))), 1);
    let others = |event: &Event| matches!(event, Event::FirstFrame { .. } | Event::Stalled(_) | Event::Fatal(_));
    assert_eq!(world.told(others), 1, "the first frame alone: {}", world.describe());
    let after = world.player.statistics();
    assert_eq!(after.start, before.start);
    assert!(after.media_bytes > before.media_bytes && after.requests > before.requests);
    assert!(world.player.bandwidth().confidence >= bandwidth.confidence, "what is known of the link stays known");
    world.run_to_end();
    world.assert_all_shown();
}

#[test]
fn one_that_fails_again_in_the_same_place_is_told_and_retry_opens_another() {
    let mut world = playing(Setup::new(Truth::film(60)));
    world.break_decoder();
    assert!(world.run_until(5, |world| world.time() > ms(23_000)), "{}", world.describe());
    world.break_decoder();
    let told = |world: &World| world.told(|event| matches!(event, Event::Fatal(Error::Decoder { .. })));
    assert_eq!(told(&world), 1, "{}", world.describe());
    let asked = world.trace.requests.len();
    world.run_for(60_000);
    assert_eq!(world.trace.requests.len(), asked, "a fatal error rests");
    world.retry();
    world.run_to_end();
    assert_eq!(told(&world), 1);
    world.assert_all_shown();
}

#[test]
fn two_that_fail_far_apart_are_both_replaced() {
    let mut world = playing(Setup::new(Truth::film(60)));
    world.break_decoder();
    assert!(world.run_until(60, |world| world.time() > ms(40_000)), "{}", world.describe());
    world.break_decoder();
    world.run_to_end();
    assert_eq!((world.fatal(), world.told(|event| *event == Event::Loaded)), (None, 3));
    world.assert_all_shown();
}

#[test]
fn what_was_chosen_outlives_a_decoder() {
    let mut world = playing(Setup::new(Truth::two_languages(60)));
    world.select_audio(StreamId(2));
    world.run_for(5_000);
    world.press_pause();
    let at = world.time();
    world.break_decoder();
    world.run_for(5_000);
    assert!(world.element.state.paused, "nobody has pressed play");
    assert_eq!(world.time(), at);
    assert_eq!(world.player.playing().collect::<Vec<_>>(), [StreamId(0), StreamId(2)]);
    world.press_play();
    world.run_to_end();
    assert_eq!(world.fatal(), None);
}

#[test]
fn in_films_without_an_index_the_next_decoder_is_given_the_init_that_it_needs() {
    let cut = Cut::muxed(120);
    // At the beginning of a chunk whose own init is of another type than the film begins with, too.
    let truths = [
        (Truth::plain(&cut, false), 65_000),
        (Truth::changing(&cut, false), 65_000),
        (Truth::changing(&cut, true), 60_100),
    ];
    for (truth, at) in truths {
        let mut world = Setup::new(truth).play();
        assert!(world.run_until(120, |world| world.time() > ms(at)), "{}", world.describe());
        world.break_decoder();
        world.run_to_end();
        assert_eq!(world.fatal(), None);
        world.assert_all_shown();
    }
}

#[test]
fn one_that_fails_at_once_or_during_a_seek_is_replaced_too() {
    for wait in [0, 5, 40, 90, 400] {
        let mut world = playing(Setup::new(Truth::film(60)).options(Options::default()));
        world.seek(5_000);
        world.run_for(wait);
        world.break_decoder();
        world.run_for(3_000);
        assert!(world.time() > ms(6_500), "after {wait} ms: {}", world.describe());
        assert_eq!(world.told(|event| matches!(event, Event::Seeked { to, .. } if *to == ms(5_000))), 1);
        world.run_to_end();
        assert_eq!(world.fatal(), None);
    }
}
