//! SourceBuffers that hold less than the goals ask for.

use playback::Event;

use virtual_world::{Cut, Link, Setup, Truth};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_quota_of_two_megabytes_still_plays() {
    let mut world = Setup::new(Truth::film(120)).quota(2 << 20).link(Link::mbit(100)).play();
    world.run_to_end();
    assert!(world.trace.quota_errors > 0, "the quota was felt");
    assert!(world.trace.quota_errors < 60, "{} errors", world.trace.quota_errors);
    assert_eq!(world.fatal(), None);
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
    assert_eq!(world.trace.refetched, 0, "what is in memory is not fetched again");
    world.assert_all_shown();
}

#[test]
fn a_film_of_twenty_megabits_plays_in_thirty_megabytes() {
    let film = Truth::indexed(&[Cut { rate: 2_500_000, ..Cut::video(120) }]);
    let mut world = Setup::new(film).quota(30 << 20).link(Link::mbit(200)).play();
    world.run_to_end();
    assert!(world.trace.quota_errors > 0, "the quota was felt");
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
    world.assert_all_shown();
}

#[test]
fn a_seek_in_a_full_buffer_makes_room() {
    let mut world = Setup::new(Truth::film(300)).quota(2 << 20).link(Link::mbit(100)).play();
    world.run_for(20_000);
    for to in [200_000, 100_000, 250_000] {
        world.seek(to);
        world.run_for(8_000);
        let after = world.time() - virtual_world::ms(to);
        assert!(after > virtual_world::ms(6_000), "to {to}: {}", world.describe());
    }
}

#[test]
fn a_group_larger_than_the_quota_is_an_error_and_no_wait_without_end() {
    for (group, groups_per_chunk) in [(60_000, 1), (20_000, 6)] {
        let film = Truth::indexed(&[Cut { group, groups_per_chunk, fragments_per_group: 60, ..Cut::video(120) }]);
        let mut world = Setup::new(film).quota(5 << 20).link(Link::mbit(100)).play();
        let over = world.run_until(300, |world| world.fatal().is_some() || world.element.state.ended);
        assert!(over, "{}", world.describe());
        assert!(group < 60_000 || world.fatal().is_some(), "{}", world.describe());
    }
}
