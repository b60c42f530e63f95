//! What the content lacks, and what the browser loses.

use std::time::Duration;

use playback::{BufferId, Event, Input, Options};

use virtual_world::{Cut, Link, Setup, Truth, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_small_hole_is_stepped_over() {
    let mut world = Setup::new(Truth::film(60).with_hole(0, 20_000, 20_400)).play();
    world.run_to_end();
    assert_eq!(world.told(|event| matches!(event, Event::SteppedOver { .. })), 1, "{}", world.describe());
    world.assert_all_shown();
    assert_eq!(world.trace.refetched, 0, "a hole in the content is not fetched again");
}

#[test]
fn a_large_hole_is_stepped_over_once_the_picture_has_stood_still_for_a_while() {
    let mut world = Setup::new(Truth::film(60).with_hole(0, 20_000, 27_000)).play();
    world.run_to_end();
    let stepped = |event: &Event| matches!(event, Event::SteppedOver { from, to } if *from < *to && *to == ms(27_000));
    assert_eq!(world.told(stepped), 1, "{}", world.describe());
    assert_eq!(world.told(|event| matches!(event, Event::Recovered { .. })), 1);
    let fragments = world.truth.streams[0].chunks.iter().flat_map(|chunk| &chunk.fragments);
    let in_hole = fragments.filter(|part| ms(20_000) <= part.start && part.end <= ms(27_000)).map(|part| part.bytes);
    assert!(world.trace.refetched <= in_hole.sum(), "the browser may have thrown it out once, and no more");
}

#[test]
fn what_is_longer_than_anything_kept_ahead_is_stepped_over_too() {
    let late = [Cut::video(60), Cut { start: 16_000, length: 44_000, ..Cut::audio(60) }];
    for truth in [Truth::film(120).with_hole(0, 20_000, 60_000), Truth::indexed(&late)] {
        let mut world = Setup::new(truth).link(Link::mbit(100)).play();
        world.run_to_end();
        assert_eq!(world.told(|event| matches!(event, Event::SteppedOver { .. })), 1, "{}", world.describe());
    }
}

#[test]
fn what_the_browser_drops_before_the_playhead_is_fetched_again() {
    let mut world = Setup::new(Truth::film(120)).play();
    assert!(world.run_until(90, |world| world.time() > ms(40_000)));
    world.drop_silently(BufferId(0), 44_000, 50_000);
    world.run_to_end();
    assert!(world.trace.refetched > 0);
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
    world.assert_all_shown();
}

#[test]
fn only_what_the_browser_dropped_is_fetched_again() {
    let at_once = Options { ahead_at_first: ms(30_000), ..Options::default() };
    let mut world = Setup::new(Truth::film(120)).link(Link::mbit(50)).options(at_once).play();
    assert!(world.run_until(90, |world| world.time() > ms(20_500)));
    world.press_pause();
    world.run_for(10_000);
    assert!(!world.is_requesting());
    let dropped = world.drop_silently(BufferId(0), 24_000, 26_000);
    assert_eq!(dropped, (ms(24_000), ms(26_000)));
    let buffered = world.element.buffers[&BufferId(0)].ranges.clone();
    world.tell(Input::Buffered { buffer: BufferId(0), buffered });
    let groups = world.truth.film.streams[0].chunks.iter().flat_map(|chunk| &chunk.groups);
    let lost: u64 = groups.filter(|group| group.start == ms(24_000)).map(|group| group.bytes).sum();
    world.run_for(1_000);
    world.press_play();
    world.run_to_end();
    assert_eq!(world.trace.refetched, lost, "what the browser still holds is not: {}", world.describe());
    assert_eq!(world.player.statistics().unseen_bytes, lost, "and nothing that it holds is replaced");
    world.assert_all_shown();
}

#[test]
fn what_the_browser_drops_behind_the_playhead_is_not() {
    let mut world = Setup::new(Truth::film(120)).play();
    assert!(world.run_until(60, |world| world.time() > ms(20_000)));
    world.drop_silently(BufferId(0), 0, 14_000);
    world.run_to_end();
    assert_eq!(world.trace.refetched, 0);
}

#[test]
fn a_large_hole_is_not_stepped_over_while_its_bytes_are_on_the_way() {
    let cut = Cut { group: 500, ..Cut::muxed(60) };
    let mut link = Link::mbit(20);
    // Nothing comes for a while, once all of the first half minute is there.
    link.cuts = vec![(Duration::from_secs(8), Duration::from_secs(20))];
    let mut world = Setup::new(Truth::indexed(&[cut])).link(link).play();
    world.run_for(9_000);
    // The end of one group and most of the next.
    world.drop_silently(BufferId(0), 10_876, 11_407);
    world.run_to_end();
    assert!(world.trace.refetched > 0);
    world.assert_all_shown();
}
