//! The first picture, wherever the film begins.

use std::time::Duration;

use manifest::ChunkIndex;
use playback::{Event, Object, Options, StreamId};

use virtual_world::{Answer, Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn first_frame(world: &World) -> Option<Duration> {
    world.trace.events.iter().find_map(|(_, event)| match event {
        Event::FirstFrame { after } => Some(*after),
        _ => None,
    })
}

#[test]
fn the_first_frame_needs_one_round_trip_and_no_whole_fragment() {
    let mut world = Setup::new(Truth::film(120)).link(Link::mbit(4)).play();
    assert!(world.run_until(10, |world| first_frame(world).is_some()));
    // At 4 Mbit/s one piece of each stream takes 400 ms, a fragment of video 250 ms.
    let after = first_frame(&world).expect("just seen");
    assert!(after < Duration::from_millis(600), "{after:?}");
}

#[test]
fn every_stream_is_asked_for_at_once_from_its_first_byte() {
    let mut world = Setup::new(Truth::film(120)).play();
    world.run_for(20);
    let asked: Vec<_> = world.trace.requests.iter().map(|ask| (ask.object, ask.start)).collect();
    let chunk = |stream| Object::Chunk { stream: StreamId(stream), chunk: ChunkIndex(0) };
    assert_eq!(asked, [(chunk(0), 0), (chunk(1), 0)]);
}

#[test]
fn before_there_is_a_picture_nothing_is_fetched_that_is_only_for_later() {
    let mut world = Setup::new(Truth::film(120)).link(Link::mbit(4)).play();
    assert!(world.run_until(10, |world| first_frame(world).is_some()));
    for ask in &world.trace.requests {
        let Object::Chunk { stream, chunk: ChunkIndex(0) } = ask.object else { panic!("{ask:?}") };
        let group = world.truth.film.streams[stream.0].chunks[0].groups[0];
        assert!(ask.start > 0 || ask.end == Some(group.end_offset()), "{ask:?}");
    }
    let pictures: Vec<_> = world.trace.requests.iter().filter(|ask| ask.object.place().0 == StreamId(0)).collect();
    assert_eq!(pictures.len(), 1, "the first group is still on its way");
    let shown = first_frame(&world).expect("just seen");
    assert!(world.trace.tables.iter().all(|ask| ask.at >= shown), "nothing waits for digests before that");
}

#[test]
fn a_film_may_begin_in_its_middle() {
    let mut world = Setup::new(Truth::film(120)).start(75_300).play();
    assert!(world.run_until(10, |world| first_frame(world).is_some()));
    assert!(world.time() >= ms(75_300) && world.time() < ms(75_400), "{}", world.describe());
    // From the group that begins at 74 s on, in both streams.
    let film = &world.truth.film;
    for ask in &world.trace.requests[..2] {
        let Object::Chunk { stream, chunk } = ask.object else { panic!("{ask:?}") };
        let group = film.streams[stream.0].chunks[chunk].groups.iter().find(|group| group.offset == ask.start);
        assert_eq!(group.expect("a group begins there").start, ms(74_000));
    }
}

#[test]
fn a_film_that_nobody_plays_shows_its_first_frame_and_fetches_no_more_than_the_goal() {
    let mut world = Setup::new(Truth::film(300)).paused();
    world.run_for(60_000);
    assert!(first_frame(&world).is_some());
    assert!(world.player.buffered_until(ms(0)) < ms(40_000), "{}", world.describe());
    assert!(!world.is_requesting(), "requests end at the goal");
}

#[test]
fn audio_that_begins_before_zero_plays() {
    let audio = Cut { start: -44, length: 60_044, ..Cut::audio(60) };
    let mut world = Setup::new(Truth::indexed(&[Cut::video(60), audio])).play();
    world.run_to_end();
    world.assert_all_shown();
}

#[test]
fn a_muxed_film_and_a_film_of_sound_only_play() {
    for cut in [Cut::muxed(60), Cut::audio(60)] {
        let mut world = Setup::new(Truth::indexed(&[cut])).play();
        world.run_to_end();
        world.assert_all_shown();
    }
}

#[test]
fn the_start_beyond_the_end_is_the_end() {
    let mut world = Setup::new(Truth::film(30)).start(99_000).play();
    assert!(world.run_until(30, |world| world.element.state.ended), "{}", world.describe());
}

#[test]
fn a_slow_edge_is_waited_for() {
    let slow = |ask: &_, total| Answer { delay: Duration::from_secs(8), ..Answer::good(ask, total) };
    let mut world = Setup::new(Truth::film(20)).origin(slow).options(Options::default()).play();
    world.run_to_end();
    assert_eq!(world.told(|event| matches!(event, Event::Retrying { .. })), 0);
}

#[test]
fn while_the_first_picture_takes_its_time_nothing_moves_the_playhead() {
    for start in [0, 75_300] {
        let mut world = Setup::new(Truth::film(120)).start(start).link(Link::mbit(20)).play();
        world.element.begins_after = Some(Duration::from_secs(4));
        world.run_to_end();
        assert_eq!(world.told(|event| matches!(event, Event::FirstFrame { .. })), 1, "{}", world.describe());
        assert_eq!(world.player.statistics().nudges, 0);
    }
}
