//! A network that comes back after the error has been told.

use std::time::Duration;

use playback::{Error, Event, Input, Options};

use virtual_world::{Answer, Ask, Link, Setup, Truth, World};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn down(from: u64, to: u64) -> Setup {
    let mut link = Link::mbit(50);
    link.cuts = vec![(Duration::from_secs(from), Duration::from_secs(to))];
    Setup::new(Truth::film(240)).link(link)
}

fn fatal(world: &World) -> usize {
    world.told(|event| matches!(event, Event::Fatal(Error::Network { .. })))
}

#[test]
fn an_outage_longer_than_the_budget_is_told_once_and_the_film_recovers_by_itself() {
    for outage in [50, 300] {
        let mut world = down(5, 5 + outage).play();
        world.run_to_end();
        assert_eq!(fatal(&world), 1, "{:?}", world.trace.events);
        assert_eq!(world.told(|event| *event == Event::Reconnected), 1, "{:?}", world.trace.events);
        world.assert_all_shown();
        assert_eq!(world.trace.wasted, 0, "the buffer was kept");
        let back = world.trace.events.iter().find(|(_, event)| *event == Event::Reconnected).expect("just counted").0;
        assert!(back < Duration::from_secs(5 + outage + 20), "{back:?}");
    }
}

/// Nothing breaks, and nothing comes: the last thing that happens is that a silence has lasted too long.
#[test]
fn a_network_that_falls_silent_for_longer_than_the_budget_is_asked_again_too() {
    let mut link = Link::mbit(50);
    link.pauses = vec![(Duration::from_secs(5), Duration::from_secs(305))];
    let mut world = Setup::new(Truth::film(240)).link(link).play();
    world.run_to_end();
    assert_eq!(fatal(&world), 1, "{:?}", world.trace.events);
    assert_eq!(world.told(|event| *event == Event::Reconnected), 1, "{:?}", world.trace.events);
    world.assert_all_shown();
}

#[test]
fn meanwhile_it_is_asked_seldom() {
    let mut world = down(5, 605).play();
    assert!(world.run_until(120, |world| fatal(world) == 1), "{}", world.describe());
    let asked = world.trace.requests.len();
    world.run_for(400_000);
    let asked = world.trace.requests.len() - asked;
    // Two streams, every eight to fifteen seconds.
    assert!((20..=100).contains(&asked), "{asked}");
    assert_eq!(fatal(&world), 1);
}

#[test]
fn an_option_leaves_it_to_the_page() {
    let mut world = down(5, 100).options(Options { keep_trying: false, ..Options::default() }).play();
    world.run_for(300_000);
    assert_eq!((fatal(&world), world.told(|event| *event == Event::Reconnected)), (1, 0));
    world.retry();
    world.run_to_end();
}

#[test]
fn a_server_that_is_back_and_refuses_is_another_error() {
    let origin = |ask: &Ask, total: u64| match ask.at.as_secs() {
        0..5 => Answer::good(ask, total),
        5..100 => Answer::status(503),
        _ => Answer::status(403),
    };
    let mut world = Setup::new(Truth::film(240)).origin(origin).play();
    world.run_for(400_000);
    assert_eq!(fatal(&world), 1);
    assert_eq!(world.told(|event| matches!(event, Event::Fatal(Error::Refused { .. }))), 1, "{:?}", world.trace.events);
    assert_eq!(world.told(|event| *event == Event::Reconnected), 0);
}

#[test]
fn a_browser_that_says_offline_while_the_server_answers_plays() {
    let mut tries = 0;
    let origin = move |ask: &Ask, total: u64| {
        tries += 1;
        if tries % 5 == 0 { Answer::status(503) } else { Answer::good(ask, total) }
    };
    let mut world = Setup::new(Truth::film(120)).origin(origin).play();
    world.tell(Input::Online(false));
    world.run_to_end();
    assert_eq!(world.fatal(), None);
    world.assert_all_shown();
}
