//! Pictures so far apart that the goal ahead holds fewer than a decoder wants.

use playback::Event;

use virtual_world::{Cut, Setup, Truth, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A picture in ten seconds.
fn slides() -> Cut {
    Cut { group: 10_000, fragments_per_group: 1, rate: 3_000, ..Cut::video(600) }
}

#[test]
fn what_the_decoder_wants_is_fetched_whatever_the_goal_is() {
    for wanted in [45_000, 100_000] {
        let mut world = Setup::new(Truth::indexed(&[slides()])).play();
        world.element.wants_ahead = Some(ms(wanted));
        assert!(world.run_until(20, |world| world.time() > ms(1_000)), "{wanted}: {}", world.describe());
        world.seek(300_500);
        assert!(world.run_until(20, |world| world.time() > ms(301_000)), "{wanted}: {}", world.describe());
        assert_eq!(world.fatal(), None);
        let until = world.player.buffered_until(world.time());
        assert!(until < ms(300_500 + 260_000), "no more than that is: {until}");
    }
}

#[test]
fn what_a_hidden_page_waited_for_is_not_made_up_for_at_once() {
    let buffered = |hidden: bool| {
        let mut world = Setup::new(Truth::indexed(&[slides()])).play();
        world.element.wants_ahead = Some(ms(45_000));
        world.set_hidden(hidden);
        world.run_for(10_000);
        world.set_hidden(false);
        assert!(world.run_until(30, |world| world.time() > ms(1_000)), "{}", world.describe());
        world.player.buffered_until(world.time())
    };
    assert_eq!(buffered(true), buffered(false));
}

#[test]
fn a_film_of_many_pictures_keeps_its_goal() {
    let mut world = Setup::new(Truth::film(300)).play();
    world.run_to_end();
    assert_eq!(world.told(|event| matches!(event, Event::Fatal(_))), 0);
    assert!(world.trace.requests.iter().all(|ask| ask.end.is_none_or(|end| end - ask.start < 20_000_000)));
}
