//! Chunks of one film that need different inits.

use playback::Event;

use virtual_world::{Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Four minutes: two chunks of either type, by turns. The world asserts that media only meet their own init.
fn setup(every_chunk_has_init: bool) -> World {
    Setup::new(Truth::changing(&Cut::muxed(240), every_chunk_has_init)).link(Link::mbit(20)).play()
}

#[test]
fn they_play_to_the_end_through_every_change() {
    for every_chunk_has_init in [true, false] {
        let mut world = setup(every_chunk_has_init);
        world.run_to_end();
        world.assert_all_shown();
        assert_eq!(world.trace.changes, 3, "after two, four and six chunks of thirty seconds");
        assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
        assert_eq!(world.trace.wasted, 0);
    }
}

#[test]
fn seeks_into_the_middle_of_chunks_bring_the_init_that_belongs_there() {
    for every_chunk_has_init in [true, false] {
        let mut world = setup(every_chunk_has_init);
        world.run_for(20_000);
        for to in [70_000, 10_000, 199_000, 135_000, 40_000] {
            world.seek(to);
            assert!(world.run_until(20, |world| !world.element.state.seeking), "to {to}: {}", world.describe());
            world.run_for(2_000);
            assert!(world.time() > ms(to + 1_000), "to {to}: {}", world.describe());
        }
        assert_eq!(world.fatal(), None);
        assert!(world.trace.changes >= 4, "{}", world.trace.changes);
    }
}
