//! One of several audio streams, and another while the film plays.

use playback::{BufferId, Event, Object, Options, StreamId};

use virtual_world::{Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn playing() -> World {
    let mut world = Setup::new(Truth::two_languages(120)).play();
    assert!(world.run_until(20, |world| world.time() > ms(10_000)));
    world
}

/// Which audio stream plays now.
fn heard(world: &World) -> Option<StreamId> {
    let buffers = world.element.buffers.iter().filter(|(id, _)| **id != BufferId(0));
    buffers.filter_map(|(_, buffer)| buffer.frame_at(world.time())).map(|(stream, _)| stream).next()
}

#[test]
fn the_first_plays_and_no_other_is_fetched() {
    let mut world = playing();
    assert_eq!(heard(&world), Some(StreamId(1)));
    world.run_to_end();
    let of = |id| world.trace.requests.iter().filter(|ask| ask.object.place().0 == id).count();
    assert!(of(StreamId(1)) > 0 && of(StreamId(2)) == 0);
}

#[test]
fn another_takes_over_without_a_gap_in_picture_or_sound() {
    let mut world = playing();
    let began = world.time();
    world.select_audio(StreamId(2));
    assert_eq!(world.player.playing().collect::<Vec<_>>(), [StreamId(0), StreamId(2)]);
    while heard(&world) != Some(StreamId(2)) {
        let after = world.time() - began;
        assert!(after <= Options::default().handover + ms(2_000), "not heard after {after}: {}", world.describe());
        world.run_for(100);
    }
    let video = world.trace.requests.iter().filter(|ask| ask.object.place().0 == StreamId(0)).count();
    world.run_to_end();
    world.assert_all_shown();
    assert_eq!(world.element.shown.len(), 1, "one run without a break");
    assert!(world.element.waited.as_millis() < 700, "{:?}", world.element.waited);
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0);
    assert_eq!(world.told(|event| *event == Event::AudioSelected { stream: StreamId(2) }), 1);
    assert!(world.trace.requests.iter().filter(|ask| ask.object.place().0 == StreamId(0)).count() >= video);
    assert_eq!(world.trace.refetched, 0, "no byte of the picture comes twice");
}

#[test]
fn a_slow_link_makes_the_old_sound_play_on_until_the_new_is_there() {
    let mut world = Setup::new(Truth::two_languages(120)).link(Link::mbit(3)).play();
    assert!(world.run_until(60, |world| world.time() > ms(20_000)));
    let waited = world.element.waited;
    world.select_audio(StreamId(2));
    assert!(world.run_until(20, |world| heard(world) == Some(StreamId(2))), "{}", world.describe());
    assert_eq!(world.element.waited, waited, "{}", world.describe());
}

#[test]
fn a_selection_before_the_film_decides_what_it_begins_with() {
    let mut world = Setup { audio: Some(StreamId(2)), ..Setup::new(Truth::two_languages(60)) }.play();
    world.run_to_end();
    assert!(world.trace.requests.iter().all(|ask| ask.object.place().0 != StreamId(1)));
}

#[test]
fn after_a_seek_only_the_selected_sound_is_heard() {
    let mut world = playing();
    world.select_audio(StreamId(2));
    world.run_for(3_000);
    world.seek(10_500);
    assert!(world.run_until(10, |world| !world.element.state.seeking), "{}", world.describe());
    world.run_for(500);
    assert_eq!(heard(&world), Some(StreamId(2)));
    world.run_to_end();
}

#[test]
fn a_seek_back_in_the_middle_of_a_group_leaves_no_hole_in_the_new_sound() {
    for wait in (0..4_000).step_by(100) {
        let mut world = Setup::new(Truth::two_languages(60)).link(Link::mbit(4)).play();
        assert!(world.run_until(60, |world| world.time() > ms(10_000)));
        world.select_audio(StreamId(2));
        world.run_for(wait);
        world.seek(8_000);
        world.run_to_end();
        let last = world.element.shown.last().map(|(_, to)| *to);
        assert_eq!((world.fatal(), last), (None, Some(ms(60_000))), "after {wait} ms");
    }
}

#[test]
fn many_selections_end_with_the_last() {
    let mut world = playing();
    for stream in [2, 1, 2, 1, 2] {
        world.select_audio(StreamId(stream));
        world.run_for(40);
    }
    world.run_to_end();
    world.assert_all_shown();
    assert_eq!(world.player.playing().collect::<Vec<_>>(), [StreamId(0), StreamId(2)]);
}

#[test]
fn what_is_no_audio_is_not_selected() {
    let mut world = playing();
    for stream in [0, 1, 7] {
        world.select_audio(StreamId(stream));
    }
    world.run_for(1_000);
    assert_eq!(world.player.playing().collect::<Vec<_>>(), [StreamId(0), StreamId(1)]);
    assert_eq!(world.told(|event| matches!(event, Event::AudioSelected { .. })), 0);
    let asked = world
        .trace
        .requests
        .iter()
        .filter(|ask| matches!(ask.object, Object::Chunk { stream: StreamId(1), .. }))
        .count();
    assert!(asked > 0);
}
