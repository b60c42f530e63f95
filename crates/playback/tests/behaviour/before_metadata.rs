//! What happens before the media element knows the film.

use playback::{Event, Input, ReadyState, SeekOrigin};

use virtual_world::{Cut, Setup, Truth, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn on_hold_the_element_has_its_metadata_and_nothing_is_fetched() {
    let mut world = Setup::new(Truth::film(60)).start(7_000).paused();
    world.tell(Input::Hold(true));
    let asked = world.trace.requests.len();
    world.run_for(30_000);
    assert_eq!(world.trace.requests.len(), asked);
    assert_eq!(world.told(|event| *event == Event::Loaded), 1);
    assert!(world.element.state.ready >= ReadyState::Metadata, "{}", world.describe());
    world.tell(Input::Hold(false));
    world.press_play();
    world.run_to_end();
    assert_eq!(world.told(|event| matches!(event, Event::Seeking { .. })), 0, "a start is no seek");
}

#[test]
fn a_seek_ends_the_hold() {
    let mut world = Setup::new(Truth::film(60)).paused();
    world.tell(Input::Hold(true));
    world.run_for(5_000);
    world.drag(31_000);
    assert!(world.run_until(5, |world| world.element.state.ready >= ReadyState::CurrentData), "{}", world.describe());
    assert!(world.time() >= ms(31_000));
}

#[test]
fn a_start_beyond_the_end_is_no_seek() {
    let mut world = Setup::new(Truth::film(30)).start(99_000).play();
    assert!(world.run_until(30, |world| world.element.state.ended), "{}", world.describe());
    assert_eq!(world.told(|event| matches!(event, Event::Seeking { .. })), 0, "{:?}", world.trace.events);
}

#[test]
fn a_film_that_begins_again_by_itself_was_no_wish_of_the_users() {
    let cuts = [Cut { length: 30_000, ..Cut::video(30) }, Cut { length: 29_980, ..Cut::audio(30) }];
    let mut world = Setup::new(Truth::indexed(&cuts)).start(27_000).play();
    world.run_to_end();
    // As `play()` does behind the end.
    world.element.state.paused = false;
    world.drag(0);
    world.run_for(3_000);
    let by = |origin| move |event: &Event| matches!(event, Event::Seeking { origin: by, .. } if *by == origin);
    assert_eq!((world.told(by(SeekOrigin::Program)), world.told(by(SeekOrigin::User))), (1, 0));
    world.drag(12_000);
    assert_eq!((world.told(by(SeekOrigin::Program)), world.told(by(SeekOrigin::User))), (1, 1));
}

#[test]
fn a_seek_before_the_film_is_known_is_told_as_every_other() {
    let mut setup = Setup::new(Truth::film(30)).start(3_000);
    setup.sought = Some((SeekOrigin::Party, 12_000));
    let mut world = setup.play();
    assert!(world.run_until(30, |world| world.time() > ms(12_500)), "{}", world.describe());
    let told: Vec<_> = world.trace.events.iter().map(|(_, event)| event).filter(|event| is_seek(event)).collect();
    let (to, origin) = (ms(12_000), SeekOrigin::Party);
    assert_eq!(told, [&Event::Seeking { to, origin }, &Event::Seeked { to, origin }]);
    assert_eq!(world.element.shown.first().map(|(from, _)| *from), Some(to));
}

fn is_seek(event: &Event) -> bool {
    matches!(event, Event::Seeking { .. } | Event::Seeked { .. })
}
