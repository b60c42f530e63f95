//! A page that has the media element load anew: the film goes on where it was.

use std::time::Duration;

use playback::{Event, ReadyState, SeekOrigin};

use virtual_world::{Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A film that plays at 20 s.
fn playing(truth: Truth) -> World {
    let mut world = Setup::new(truth).play();
    assert!(world.run_until(60, |world| world.time() > ms(20_000)), "{}", world.describe());
    world
}

#[test]
fn it_goes_on_where_it_was_playing_as_it_played() {
    let mut world = playing(Truth::film(60));
    world.change_rate(1.5);
    let at = world.time();
    world.load_anew();
    assert!(world.run_until(5, |world| world.time() > at + ms(500)), "{}", world.describe());
    assert_eq!((world.element.shown.len(), world.element.state.rate), (1, 1.5), "one run without a break");
    assert_eq!(world.told(|event| *event == Event::Loaded), 2);
    assert_eq!(world.told(|event| matches!(event, Event::Seeking { .. } | Event::Stalled(_) | Event::Fatal(_))), 0);
    world.run_to_end();
    world.assert_all_shown();
}

#[test]
fn a_paused_film_stays_paused_and_shows_its_picture() {
    let mut world = playing(Truth::film(60));
    world.press_pause();
    let at = world.time();
    world.load_anew();
    world.run_for(5_000);
    assert!(world.element.state.paused && world.element.state.ready >= ReadyState::CurrentData, "{}", world.describe());
    assert_eq!(world.time(), at);
}

#[test]
fn however_often_it_happens_it_costs_no_decoder_its_second_chance() {
    let mut world = playing(Truth::film(60));
    for _ in 0..4 {
        world.load_anew();
        world.run_for(700);
    }
    world.break_decoder();
    world.load_anew();
    world.run_to_end();
    assert_eq!(world.fatal(), None);
    world.assert_all_shown();
}

#[test]
fn a_seek_under_way_arrives() {
    for wait in [0, 5, 40, 90, 400] {
        let mut world = playing(Truth::film(60));
        world.seek_by(SeekOrigin::Party, 5_000);
        world.run_for(wait);
        world.load_anew();
        world.run_for(3_000);
        assert!(world.time() > ms(6_500), "after {wait} ms: {}", world.describe());
        let arrived = Event::Seeked { to: ms(5_000), origin: SeekOrigin::Party };
        assert_eq!(world.told(|event| *event == arrived), 1);
    }
}

#[test]
fn films_without_an_index_go_on_too() {
    let mut world = playing(Truth::plain(&Cut::muxed(60), false));
    world.load_anew();
    world.run_to_end();
    assert_eq!(world.fatal(), None);
    world.assert_all_shown();
}

#[test]
fn a_film_that_has_failed_meanwhile_goes_on_when_it_is_tried_again() {
    let mut link = Link::mbit(50);
    link.cuts = vec![(Duration::from_secs(5), Duration::from_secs(400))];
    let mut world = Setup::new(Truth::film(120)).link(link).play();
    assert!(world.run_until(200, |world| world.fatal().is_some()), "{}", world.describe());
    let at = world.time();
    world.load_anew();
    world.run_for(5_000);
    assert_eq!(world.told(|event| *event == Event::Loaded), 1, "what has failed rests");
    world.run_until(400, |world| world.time() > at);
    assert_eq!(world.told(|event| *event == Event::Loaded), 2, "{}", world.describe());
    world.run_to_end();
    world.assert_all_shown();
}
