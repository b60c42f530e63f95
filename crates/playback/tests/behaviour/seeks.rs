//! Where the viewer wants to be.

use std::time::Duration;

use playback::{CacheMode, Event, Object, Options, SeekOrigin, StreamId};

use virtual_world::{Answer, Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn playing(seconds: i64) -> World {
    let mut world = Setup::new(Truth::film(seconds)).play();
    assert!(world.run_until(20, |world| world.player.buffered_until(ms(0)) > ms(25_000)));
    world
}

fn arrives(world: &mut World, millis: i64) {
    let arrived = world.run_until(20, |world| {
        let seeked = world.trace.events.iter().rev().find_map(|(_, event)| match event {
            Event::Seeked { to, .. } => Some(*to),
            _ => None,
        });
        seeked == Some(ms(millis)) && !world.element.state.seeking
    });
    assert!(arrived, "{}", world.describe());
    assert!(world.time() >= ms(millis) && world.time() < ms(millis + 300), "{}", world.describe());
}

#[test]
fn a_seek_into_the_buffer_fetches_nothing() {
    let mut world = playing(300);
    world.press_pause();
    assert!(world.run_until(60, |world| !world.is_requesting()), "{}", world.describe());
    let (requests, bytes) = (world.trace.requests.len(), world.trace.bytes);
    // Not so far that the goal calls for more.
    for to in [7_000, 3_000, 5_555] {
        world.seek(to);
        arrives(&mut world, to);
    }
    assert_eq!(world.trace.requests.len(), requests, "{}", world.describe());
    assert_eq!(world.trace.bytes, bytes);
    world.seek(20_000);
    arrives(&mut world, 20_000);
    assert_eq!(world.trace.refetched, 0, "what the goal then calls for is new");
}

#[test]
fn a_seek_outside_asks_each_stream_once_for_the_group_that_holds_it() {
    let mut world = playing(300);
    let before = world.trace.requests.len();
    world.seek(201_700);
    arrives(&mut world, 201_700);
    let asked: Vec<_> = world.trace.requests[before..].to_vec();
    for ask in &asked[..2] {
        let Object::Chunk { stream, chunk } = ask.object else { panic!("{ask:?}") };
        let chunk = &world.truth.film.streams[stream.0].chunks[chunk];
        let group = chunk.groups.iter().find(|group| group.offset == ask.start).expect("a group begins there");
        assert_eq!(group.start, ms(200_000));
        assert_eq!(ask.end.unwrap_or(chunk.bytes), group.end_offset(), "what is only for later is asked for later");
        let again = asked.iter().filter(|other| (other.object, other.start) == (ask.object, ask.start));
        assert_eq!(again.count(), 1, "{asked:?}");
    }
}

#[test]
fn until_the_picture_is_there_nothing_is_fetched_that_is_only_for_later() {
    let mut world = Setup::new(Truth::film(300)).link(Link::mbit(1_000)).play();
    assert!(world.run_until(20, |world| world.time() > ms(1_000)));
    let before = world.trace.requests.len();
    world.seek(201_700);
    assert!(world.run_until(20, |world| !world.element.state.seeking), "{}", world.describe());
    let asked = &world.trace.requests[before..];
    let (sooner, later): (Vec<_>, Vec<_>) = asked.iter().partition(|ask| ask.at < world.now());
    assert_eq!(sooner.len(), 2, "the group of each stream: {asked:?}");
    assert_eq!(later.len(), 2, "and the rest as soon as it is there: {asked:?}");
}

#[test]
fn a_seek_takes_one_round_trip() {
    let mut world = playing(300);
    let began = world.now();
    world.seek(201_000);
    arrives(&mut world, 201_000);
    let took = world.now() - began;
    assert!(took.as_millis() < 450, "{took:?}");
}

#[test]
fn a_seek_back_beyond_what_is_kept_plays_on() {
    let mut world = playing(300);
    world.seek(150_000);
    arrives(&mut world, 150_000);
    world.run_for(20_000);
    world.seek(10_000);
    arrives(&mut world, 10_000);
    world.run_for(30_000);
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
    assert!(world.time() > ms(39_000), "{}", world.describe());
}

#[test]
fn the_last_of_many_seeks_wins() {
    let mut world = playing(300);
    for to in [100_000, 20_000, 250_000, 60_000, 180_000] {
        world.seek(to);
        world.run_for(7);
    }
    arrives(&mut world, 180_000);
    world.run_to_end();
}

#[test]
fn a_seek_before_the_metadata_waits_for_them() {
    let mut world = Setup::new(Truth::film(300)).play();
    world.run_for(5);
    world.seek(120_500);
    arrives(&mut world, 120_500);
    world.run_for(5_000);
    assert!(world.time() > ms(125_000), "{}", world.describe());
}

#[test]
fn a_seek_to_the_end_and_beyond_ends_the_film() {
    for to in [120_000, 119_990, 500_000] {
        let mut world = playing(120);
        world.seek(to);
        assert!(world.run_until(20, |world| world.element.state.ended), "to {to}: {}", world.describe());
        world.run_for(1_000);
        assert_eq!(world.told(|event| matches!(event, Event::Ended)), 1);
    }
}

#[test]
fn a_film_that_ended_plays_again_from_any_place() {
    let mut world = Setup::new(Truth::film(120)).play();
    world.run_to_end();
    for to in [0, 100_000, 119_000] {
        world.seek(to);
        world.press_play();
        arrives(&mut world, to);
        world.run_to_end();
    }
    assert_eq!(world.told(|event| matches!(event, Event::Ended)), 4);
}

#[test]
fn the_browsers_own_slider_is_a_seek_by_the_user() {
    let mut world = playing(300);
    world.drag(222_000);
    arrives(&mut world, 222_000);
    let by: Vec<_> = world
        .trace
        .events
        .iter()
        .filter_map(|(_, event)| match event {
            Event::Seeking { origin, .. } | Event::Seeked { origin, .. } => Some(*origin),
            _ => None,
        })
        .collect();
    assert_eq!(by, [SeekOrigin::User, SeekOrigin::User]);
}

#[test]
fn the_slider_dragged_during_a_seek_is_followed() {
    let mut world = playing(300);
    world.seek(150_000);
    world.run_for(10);
    world.drag(250_000);
    world.run_for(5_000);
    assert!(world.time() > ms(254_000), "{}", world.describe());
    let last = world.trace.events.iter().rev().find_map(|(_, event)| match event {
        Event::Seeked { to, origin } => Some((*to, *origin)),
        _ => None,
    });
    assert_eq!(last, Some((ms(250_000), SeekOrigin::User)));
}

#[test]
fn a_seek_a_little_ahead_reads_on() {
    let mut world = Setup::new(Truth::film(300)).link(Link::mbit(3)).play();
    assert!(world.run_until(20, |world| world.time() > ms(2_000)));
    let before = world.trace.requests.len();
    let received = world.player.buffered_until(world.time());
    let to = received.as_micros() / 1_000 / 2_000 * 2_000;
    world.seek(to);
    arrives(&mut world, to);
    assert_eq!(world.trace.requests.len(), before, "{}", world.describe());
}

#[test]
fn seeks_with_a_slow_origin_end_where_the_last_one_went() {
    let slow = |ask: &_, total| Answer { delay: std::time::Duration::from_millis(900), ..Answer::good(ask, total) };
    let mut world = Setup::new(Truth::film(300)).origin(slow).play();
    world.run_for(3_000);
    for to in [200_000, 40_000, 280_000, 1_000] {
        world.seek(to);
        world.run_for(600);
    }
    arrives(&mut world, 1_000);
    world.run_for(3_000);
    assert!(world.time() > ms(3_000), "{}", world.describe());
}

/// A paused film whose first picture has just come, over such a link.
fn looked_at(link: Link, options: Options) -> World {
    let mut world = Setup::new(Truth::film(300)).link(link).options(options).paused();
    assert!(
        world.run_until(20, |world| world.told(|event| matches!(event, Event::FirstFrame { .. })) > 0),
        "{}",
        world.describe()
    );
    world
}

/// How many requests for media there were.
fn asked(world: &World) -> usize {
    world.trace.requests.iter().filter(|ask| matches!(ask.object, Object::Chunk { .. })).count()
}

#[test]
fn who_looks_for_a_place_in_a_paused_film_loads_what_they_see_and_no_more() {
    let at_once = Options { ahead_at_first: ms(30_000), ..Options::default() };
    for (options, until) in [(at_once, ms(55_001)), (Options::default(), ms(54_000))] {
        let mut world = looked_at(Link::mbit(100), options);
        for to in [100_700, 200_700, 50_700] {
            let before = asked(&world);
            world.seek(to);
            arrives(&mut world, to);
            world.run_for(700);
            assert_eq!(asked(&world) - before, 2, "one for pictures, one for sound: {}", world.describe());
        }
        // Whoever stays has found it.
        world.run_for(2_000);
        assert!(world.player.buffered_until(ms(50_700)) >= until, "{}", world.describe());
    }
}

#[test]
fn who_plays_on_at_once_waits_for_nothing() {
    // The film has 2.7 Mbit/s.
    for link in [Link::mbit(100), Link::mbit(5)] {
        let mut world = looked_at(link, Options::default());
        world.seek(100_700);
        arrives(&mut world, 100_700);
        world.run_for(300);
        world.press_play();
        world.run_for(20_000);
        assert_eq!(world.element.waited, Duration::ZERO, "{}", world.describe());
    }
}

#[test]
fn sound_does_not_run_ahead_of_pictures_while_there_are_few() {
    let mut world = Setup::new(Truth::film(300)).link(Link::mbit(6)).play();
    let of_sound =
        |world: &World| world.trace.requests.iter().filter(|ask| ask.object.place().0 == StreamId(1)).count();
    assert!(world.run_until(20, |world| of_sound(world) == 2), "{}", world.describe());
    let second = world
        .trace
        .requests
        .iter()
        .filter(|ask| ask.object.place().0 == StreamId(1))
        .nth(1)
        .expect("just seen")
        .clone();
    let film = &world.truth.film.streams[1];
    assert_eq!(second.end, Some(film.chunks[0].groups[1].end_offset()), "no more than the next group");
    assert!(world.player.buffered_until(ms(0)) > ms(500), "pictures have come first: {}", world.describe());
    assert!(world.run_until(60, |world| world.player.buffered_until(ms(0)) > ms(25_000)));
}

#[test]
fn a_picture_that_is_late_is_no_reason_to_fetch_sound_for_later() {
    // Sound has come long before the picture.
    let mut world = Setup::new(Truth::film(300)).link(Link::mbit(3)).play();
    assert!(world.run_until(60, |world| world.time() > ms(2_000)));
    let before = world.trace.requests.len();
    world.seek(201_900);
    assert!(world.run_until(20, |world| !world.element.state.seeking), "{}", world.describe());
    let asked: Vec<_> =
        world.trace.requests[before..].iter().filter(|ask| ask.object.place().0 == StreamId(1)).collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
}

#[test]
fn what_is_asked_for_as_an_answer_is_given_up_does_not_meet_it_in_the_browsers_cache() {
    // One chunk for each stream, and more of it to come than the goal: an answer is always under way.
    let cuts = [Cut { groups_per_chunk: 150, ..Cut::video(300) }, Cut { groups_per_chunk: 150, ..Cut::audio(300) }];
    let mut world = Setup::new(Truth::indexed(&cuts)).link(Link::mbit(6)).play();
    assert!(world.run_until(20, |world| world.time() > ms(2_500)));
    let before = world.trace.requests.len();
    world.seek(201_700);
    let of_pictures = |world: &World| {
        let asked = world.trace.requests[before..].iter().filter(|ask| ask.object.place().0 == StreamId(0));
        asked.map(|ask| ask.cache).collect::<Vec<_>>()
    };
    assert!(world.run_until(20, |world| of_pictures(world).len() == 2), "{}", world.describe());
    assert_eq!(of_pictures(&world), [CacheMode::Unstored, CacheMode::Default]);
}
