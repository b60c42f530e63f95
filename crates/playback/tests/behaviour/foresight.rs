//! What is known before it happens: bandwidth, readiness, stalls to come.

use std::time::Duration;

use playback::{Event, Options, Readiness, StallCause};

use virtual_world::{Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn predictions(world: &World) -> Vec<(Duration, Duration)> {
    let told = world.trace.events.iter().filter_map(|(at, event)| match event {
        Event::StallPredicted { within, .. } => Some((*at, *within)),
        _ => None,
    });
    told.collect()
}

fn first_stall(world: &World) -> Option<Duration> {
    // On a slow link the first seconds are shown as they come.
    let later = world.trace.events.iter().filter(|(at, _)| *at > Duration::from_secs(10));
    later.clone().find(|(_, event)| *event == Event::Stalled(StallCause::Network)).map(|(at, _)| *at)
}

#[test]
fn the_bandwidth_is_that_of_the_link_once_it_has_been_seen() {
    for mbit in [3, 20, 100] {
        let mut world = Setup::new(Truth::film(300)).link(Link::mbit(mbit)).play();
        let guess = world.player.bandwidth();
        assert_eq!((guess.bits_per_second, guess.confidence), (Options::default().bandwidth as f64, 0.0));
        world.run_for(20_000);
        let seen = world.player.bandwidth();
        let error = (seen.bits_per_second / (mbit as f64 * 1e6) - 1.0).abs();
        assert!(error < 0.15, "{mbit} Mbit/s: {seen:?}");
        let latency = world.player.latency().expect("answers have come");
        assert!((30..32).contains(&latency.as_millis()), "{latency:?}");
        // Over the quickest there is little to read in that time.
        world.run_for(10_000);
        let seen = world.player.bandwidth();
        assert!(seen.confidence > 0.2, "{mbit} Mbit/s: {seen:?}");
    }
}

#[test]
fn a_stall_is_predicted_seconds_before_it_happens() {
    // The link becomes slower than the film after 10 s.
    let film = Truth::indexed(&[Cut { variance: 1.0, ..Cut::video(120) }, Cut::audio(120)]);
    let mut world = Setup::new(film).link(Link::mbit(4)).play();
    world.run_for(10_000);
    world.link.rate = 125_000;
    assert!(world.run_until(120, |world| first_stall(world).is_some()), "{}", world.describe());
    let stall = first_stall(&world).expect("just seen");
    let told = predictions(&world);
    let (first, _) = *told.first().expect("it was predicted");
    assert!(first + Duration::from_secs(8) < stall, "told at {told:?}, stalled at {stall:?}");
    let is_close = |(at, within): &(Duration, Duration)| {
        *at + Duration::from_secs(4) < stall && (*at + *within).abs_diff(stall) < Duration::from_secs(4)
    };
    assert!(told.iter().any(is_close), "told {told:?}, stalled at {stall:?}");
}

#[test]
fn what_comes_in_time_is_not_predicted_to_be_late() {
    let mut world = Setup::new(Truth::film(300)).link(Link::mbit(8)).play();
    world.run_to_end();
    assert_eq!(predictions(&world), []);
    assert_eq!(first_stall(&world), None);
}

#[test]
fn a_group_far_ahead_that_is_too_large_for_the_link_is_seen_from_afar() {
    // A film of 1 Mbit/s on a link of 2, but for ten seconds at 50 to 60 s that have nine times the bytes.
    let mut truth = Truth::indexed(&[Cut { rate: 125_000, variance: 1.0, groups_per_chunk: 60, ..Cut::video(120) }]);
    truth.swell(0, 25..30, 9);
    let mut world = Setup::new(truth).link(Link::mbit(2)).play();
    assert!(world.run_until(120, |world| first_stall(world).is_some() || world.element.state.ended));
    let stall = first_stall(&world).expect("the link is too slow");
    let (told, _) = *predictions(&world).first().expect("it was predicted");
    assert!(told + Duration::from_secs(15) < stall, "told at {told:?}, stalled at {stall:?}");
}

#[test]
fn readiness_is_now_where_it_is_buffered_and_an_estimate_elsewhere() {
    let mut world = Setup::new(Truth::film(300)).link(Link::mbit(10)).play();
    assert!(matches!(world.player.ready_at(ms(0)), Readiness::In(_)), "a guess");
    world.run_for(20_000);
    assert_eq!(world.player.ready_at(world.time()), Readiness::Now);
    let Readiness::In(estimate) = world.player.ready_at(ms(200_900)) else { panic!("it is not there") };
    let began = world.now();
    world.press_pause();
    world.seek(200_900);
    assert!(world.run_until(10, |world| !world.element.state.seeking));
    let took = world.now() - began;
    assert!(took.abs_diff(estimate) < Duration::from_millis(150), "{took:?}, estimated {estimate:?}");
}

#[test]
fn a_film_without_an_index_does_not_know_how_far_it_is() {
    let world = Setup::new(Truth::plain(&Cut::muxed(120), true)).play();
    assert_eq!(world.player.ready_at(ms(100_000)), Readiness::Unknown);
}

#[test]
fn the_statistics_tell_the_whole_story() {
    let mut world = Setup::new(Truth::film(60)).play();
    world.run_for(20_000);
    world.seek(5_000);
    world.run_to_end();
    let statistics = world.player.statistics();
    let start = &statistics.start;
    let steps = [start.opened, start.head, start.byte, start.appended, start.frame];
    assert!(steps.iter().all(Option::is_some) && steps.is_sorted(), "{start:?}");
    assert_eq!(statistics.media_bytes, world.trace.bytes);
    assert_eq!(statistics.requests as usize, world.trace.requests.len() + world.trace.tables.len());
    assert_eq!(statistics.checked_bytes + statistics.unchecked_bytes, statistics.media_bytes);
    assert_eq!((statistics.seeks, statistics.retries, statistics.passed_bytes), (1, 0, 0));
    assert!(statistics.table_bytes > 0);
}

#[test]
fn bytes_that_nobody_has_seen_are_told() {
    let at_once = Options { ahead_at_first: ms(30_000), ..Options::default() };
    let mut world = Setup::new(Truth::film(300)).link(Link::mbit(50)).options(at_once).play();
    assert!(world.run_until(60, |world| world.time() > ms(9_500) && !world.is_requesting()));
    // What is buffered and has not been shown, by the film's own index: each group that the playhead has not come to.
    let time = world.time();
    let groups = |from, to| -> u64 {
        let chunks = world.truth.film.streams.iter().flat_map(|stream| &stream.chunks);
        let between = chunks.flat_map(|chunk| &chunk.groups).filter(|group| from < group.end && group.start < to);
        between.map(|group| group.bytes).sum()
    };
    let shown = groups(ms(0), time);
    let ahead = world.player.statistics().media_bytes - shown;
    assert_eq!(world.player.statistics().shown_bytes, shown);
    assert_eq!((world.player.statistics().unseen_bytes, world.player.waiting_bytes()), (0, ahead));
    world.seek(200_000);
    world.run_for(60_000);
    assert_eq!(world.player.statistics().unseen_bytes, ahead, "it was removed, and nobody had seen it");
    world.run_to_end();
    let statistics = world.player.statistics();
    assert_eq!(statistics.media_bytes, statistics.shown_bytes + statistics.unseen_bytes + statistics.dropped_bytes);
}

#[test]
fn at_twice_the_speed_a_link_that_carries_the_film_is_too_slow() {
    let film = Truth::indexed(&[Cut { variance: 1.0, ..Cut::video(300) }, Cut::audio(300)]);
    let mut world = Setup::new(film).link(Link::mbit(3)).play();
    world.run_for(60_000);
    assert_eq!(predictions(&world), [], "it is fast enough");
    world.element.state.rate = 2.0;
    world.press_play();
    // It stutters: each wait is too short to be told.
    let waited = world.element.waited + Duration::from_millis(500);
    assert!(world.run_until(200, |world| world.element.waited > waited), "{}", world.describe());
    let (stall, told) = (world.now(), predictions(&world));
    let is_close = |(at, within): &(Duration, Duration)| {
        *at + Duration::from_secs(4) < stall && (*at + *within).abs_diff(stall) < Duration::from_secs(4)
    };
    assert!(told.iter().any(is_close), "told {told:?}, stalled at {stall:?}");
}
