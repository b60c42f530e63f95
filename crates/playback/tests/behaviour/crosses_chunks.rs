//! From one chunk into the next.

use manifest::ChunkIndex;
use playback::{Event, Object, Options, StreamId};

use virtual_world::{Cut, Setup, Truth, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_film_of_many_chunks_plays_without_a_pause_and_every_byte_comes_once() {
    let mut world = Setup::new(Truth::film(200)).play();
    world.run_to_end();
    world.assert_all_shown();
    assert_eq!(world.element.shown.len(), 1, "one run without a break");
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0);
    assert_eq!(world.trace.refetched, 0);
    let whole: u64 =
        world.truth.streams.iter().map(|stream| stream.chunks.iter().fold(0, |sum, chunk| sum + chunk.bytes())).sum();
    assert_eq!(world.trace.bytes, whole);
}

#[test]
fn chunks_are_asked_for_in_order_and_each_from_its_first_byte() {
    let at_once = Options { ahead_at_first: ms(30_000), ..Options::default() };
    let mut world = Setup::new(Truth::indexed(&[Cut::video(20)])).options(at_once.clone()).play();
    world.run_to_end();
    let chunks: Vec<_> = world.trace.requests.iter().map(|ask| (ask.object, ask.start)).collect();
    let first_group = world.truth.film.streams[0].chunks[0].groups[0].bytes;
    let chunk = Object::Chunk { stream: StreamId(0), chunk: ChunkIndex(0) };
    assert_eq!(chunks, [(chunk, 0), (chunk, first_group)], "what shows the first picture, and the rest");

    let cut = Cut { groups_per_chunk: 2, ..Cut::video(20) };
    let mut world = Setup::new(Truth::indexed(&[cut])).options(at_once).play();
    world.run_to_end();
    let later = world.trace.requests.iter().filter(|ask| ask.nth != 1);
    let chunks: Vec<_> = later.map(|ask| (ask.object, ask.start)).collect();
    assert_eq!(
        chunks,
        (0..5).map(|chunk| (Object::Chunk { stream: StreamId(0), chunk: ChunkIndex(chunk) }, 0)).collect::<Vec<_>>()
    );
}

#[test]
fn chunks_of_one_fragment_play() {
    let cut = Cut { groups_per_chunk: 1, fragments_per_group: 1, ..Cut::muxed(30) };
    let mut world = Setup::new(Truth::indexed(&[cut])).play();
    world.run_to_end();
    world.assert_all_shown();
    assert_eq!(world.trace.refetched, 0);
}
