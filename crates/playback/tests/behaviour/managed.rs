//! A browser that says when it wants data (ManagedMediaSource).

use std::time::Duration;

use playback::{Input, Options};

use virtual_world::{Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn while_the_browser_wants_no_data_only_what_is_shown_is_fetched() {
    let at_once = Options { ahead_at_first: ms(30_000), ..Options::default() };
    let mut world: World = Setup::new(Truth::film(120)).link(Link::mbit(20)).options(at_once).play();
    assert!(world.run_until(30, |world| world.now() > Duration::from_secs(5)));
    world.tell(Input::Streaming(false));
    assert!(world.run_until(300, |world| world.now() > Duration::from_secs(6)));
    let received = world.player.received_bytes();
    assert!(world.run_until(300, |world| world.now() > Duration::from_secs(16)));
    assert_eq!(world.player.received_bytes(), received, "nothing is fetched while the buffer lasts");
    world.tell(Input::Streaming(true));
    world.run_to_end();
    assert_eq!(world.fatal(), None);
    world.assert_all_shown();
}

#[test]
fn a_browser_that_never_wants_data_still_gets_the_film() {
    let mut world: World = Setup::new(Truth::film(60)).link(Link::mbit(20)).play();
    world.tell(Input::Streaming(false));
    world.run_to_end();
    assert_eq!(world.fatal(), None);
    world.assert_all_shown();
}

/// WebKit ends a seek as soon as what it holds ends at most 84 ms before it. With what follows it then begins in the middle of a group.
#[test]
fn what_is_sought_is_appended_with_all_of_its_group() {
    let mut world: World = Setup::new(Truth::film(120)).link(Link::mbit(4)).play();
    world.tell(Input::Streaming(true));
    assert!(world.run_until(30, |world| world.time() > ms(1_000)));
    for to in [51_700, 20_900, 90_050] {
        world.seek(to);
        let arrived = world.run_until(30, |world| {
            let pictures = world.element.buffers.values().next().expect("a SourceBuffer");
            let around = pictures.ranges.iter().find(|(start, _)| *start <= ms(to) && *start > ms(to - 2_000));
            assert!(around.is_none_or(|(_, end)| end > ms(to)), "a part up to {around:?}, sought is {to}");
            !world.element.state.seeking
        });
        assert!(arrived, "{}", world.describe());
    }
    assert_eq!(world.fatal(), None);
}
