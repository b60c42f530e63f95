//! The plain array: nothing is known but URLs and lengths.

use manifest::ChunkIndex;
use playback::{Event, Object, StreamId};

use virtual_world::{Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn plain(every_chunk_has_init: bool) -> Setup {
    Setup::new(Truth::plain(&Cut::muxed(120), every_chunk_has_init)).link(Link::mbit(20))
}

fn heads(world: &World) -> usize {
    world.trace.requests.iter().filter(|ask| matches!(ask.object, Object::ChunkHead { .. })).count()
}

#[test]
fn it_plays_from_its_first_byte_to_its_end() {
    for every_chunk_has_init in [true, false] {
        let mut world = plain(every_chunk_has_init).play();
        world.run_to_end();
        world.assert_all_shown();
        assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
        assert_eq!(world.player.duration(), Some(ms(120_000)), "exact in the end");
        assert_eq!(heads(&world), 3, "every chunk but the first is asked when it starts, once");
    }
}

#[test]
fn its_length_is_estimated_soon() {
    let mut world = plain(true).play();
    assert!(world.run_until(5, |world| world.player.duration().is_some()), "{}", world.describe());
    world.run_for(5_000);
    let estimate = world.player.duration().expect("an estimate").as_seconds();
    assert!((90.0..150.0).contains(&estimate), "{estimate} s");
}

#[test]
fn what_inits_say_of_it_holds_for_the_film_or_for_a_chunk() {
    for said in [120, 30] {
        let mut truth = Truth::plain(&Cut::muxed(120), true);
        truth.said = Some(ms(said * 1_000));
        let mut world = Setup::new(truth).link(Link::mbit(100)).play();
        world.run_for(500);
        assert_eq!(world.player.duration(), Some(ms(said * 1_000)));
        world.run_for(20_000);
        world.seek(100_000);
        world.run_to_end();
        assert_eq!(world.time(), ms(120_000));
    }
}

#[test]
fn a_seek_goes_to_the_chunk_that_holds_the_time() {
    for to in [95_500, 31_000, 61_500] {
        let mut world = plain(true).play();
        world.run_for(6_000);
        world.seek(to);
        world.run_for(8_000);
        assert!(world.time() > ms(to + 3_000), "to {to}: {}", world.describe());
        let chunk = ChunkIndex(usize::try_from(to / 30_000).expect("small"));
        let asked =
            world.trace.requests.iter().rev().any(|ask| ask.object == Object::Chunk { stream: StreamId(0), chunk });
        assert!(asked, "{:?}", world.trace.requests);
        let between = world.trace.requests.iter().filter(|ask| matches!(ask.object, Object::Chunk { .. })).count();
        assert!(between <= 6, "chunks in between are passed over: {:?}", world.trace.requests);
    }
}

#[test]
fn a_film_may_begin_in_a_chunk_that_nobody_has_seen() {
    let mut world = plain(true).start(100_000).play();
    assert!(world.run_until(20, |world| world.time() > ms(103_000)), "{}", world.describe());
}

#[test]
fn a_chunk_of_nothing_but_the_init_is_an_error_that_says_what_helps() {
    let mut world = Setup::new(Truth::with_lone_init(&Cut::muxed(60))).play();
    world.run_for(10_000);
    assert!(world.fatal().is_some_and(|error| error.to_string().contains("join it with the chunk that follows")));
}
