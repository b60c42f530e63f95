//! What breaks, and how it is mended.

use std::time::Duration;

use playback::{CacheMode, ContentRange, Error, Event, Failure, Options, ResponseHead};

use virtual_world::{Answer, Ask, Cut, Ending, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// An origin whose `nth` answer is spoilt, and the others are not.
fn once(nth: usize, spoil: impl Fn(Answer) -> Answer + 'static) -> impl FnMut(&Ask, u64) -> Answer {
    move |ask, total| if ask.nth == nth { spoil(Answer::good(ask, total)) } else { Answer::good(ask, total) }
}

fn plays(mut world: World) -> World {
    world.run_to_end();
    assert_eq!(world.fatal(), None);
    world.assert_all_shown();
    world
}

#[test]
fn a_body_that_breaks_is_resumed_at_its_next_byte() {
    for ending in [Ending::Reset(200_000), Ending::Short(200_000), Ending::Silent(200_000)] {
        let origin = once(0, move |answer| answer.ending(ending));
        let world = plays(Setup::new(Truth::film(60)).origin(origin).play());
        assert_eq!(world.trace.refetched, 0, "{ending:?}");
        let resumed = world.trace.requests.iter().any(|ask| ask.nth > 1 && ask.start == 200_000);
        assert!(resumed, "{ending:?}: {:?}", world.trace.requests);
        assert_eq!(world.told(|event| matches!(event, Event::Retrying { .. })), 1, "{ending:?}");
    }
}

#[test]
fn bodies_that_break_again_and_again_get_on() {
    // Each has less than is worth an answer while much is buffered: what a read awaits is lost with the body.
    let film = Truth::indexed(&[Cut { rate: 600_000, groups_per_chunk: 100, ..Cut::video(120) }]);
    let origin = |ask: &Ask, total: u64| match ask.at.as_secs() {
        0..40 => Answer::good(ask, total),
        _ => Answer::good(ask, total).ending(Ending::Reset(70_000)),
    };
    let world = plays(Setup::new(film).link(Link::mbit(14)).origin(origin).play());
    // Whoever makes progress waits no longer than the first time.
    let waits_long =
        |event: &Event| matches!(event, Event::Retrying { after, .. } if *after > Options::default().backoff);
    assert_eq!(world.told(waits_long), 0, "{:?}", world.trace.events);
}

#[test]
fn answers_that_may_change_are_asked_for_again() {
    for answer in [Answer::status(500), Answer::status(503), Answer::status(429), Answer::refused(), Answer::mute()] {
        let world = plays(Setup::new(Truth::film(60)).origin(once(0, move |_| answer.clone())).play());
        assert_eq!(world.told(|event| matches!(event, Event::Retrying { .. })), 1);
        assert_eq!(world.trace.refetched, 0);
    }
}

#[test]
fn a_server_that_asks_for_patience_gets_it() {
    let patience = |mut answer: Answer| {
        let head = ResponseHead { status: 429, retry_after: Some(Duration::from_secs(3)), ..ResponseHead::default() };
        (answer.head, answer.ending) = (Some(head), Ending::Short(0));
        answer
    };
    let world = plays(Setup::new(Truth::film(60)).origin(once(0, patience)).play());
    let first = &world.trace.requests[0];
    let again = world.trace.requests[1..].iter().find(|ask| (ask.object, ask.start) == (first.object, first.start));
    let again = again.expect("it is asked again");
    assert!(again.at >= Duration::from_secs(3), "{again:?}");
}

#[test]
fn answers_that_will_not_change_are_fatal_at_once() {
    for status in [400, 401, 403, 451] {
        let mut world = Setup::new(Truth::film(60)).origin(move |_, _| Answer::status(status)).play();
        world.run_for(30_000);
        let Some(Error::Refused { failure, .. }) = world.fatal() else { panic!("{status}: {:?}", world.fatal()) };
        assert_eq!(*failure, Failure::Status { status, retry_after: None });
        assert_eq!(world.told(|event| matches!(event, Event::Fatal(_))), 1, "it is told once");
        assert!(world.trace.requests.len() <= 2, "nothing is asked after that");
    }
}

#[test]
fn an_answer_that_contradicts_the_manifest_is_not_used_and_the_cache_passed_by() {
    let ranged = |start, end, total| {
        move |mut answer: Answer| {
            answer.head.as_mut().expect("a head").content_range = Some(ContentRange { start, end, total });
            answer
        }
    };
    let spoilt: [Box<dyn Fn(Answer) -> Answer>; 4] = [
        Box::new(ranged(1, 1_000, Some(1_000_000_000))),
        Box::new(ranged(0, 1_000, Some(1_000))),
        Box::new(|_| Answer::status(416)),
        Box::new(|mut answer| {
            answer.head.as_mut().expect("a head").content_range = None;
            answer
        }),
    ];
    for spoil in spoilt {
        let world = plays(Setup::new(Truth::film(60)).origin(once(0, spoil)).play());
        let first = &world.trace.requests[0];
        let again = world.trace.requests[1..].iter().find(|ask| (ask.object, ask.start) == (first.object, first.start));
        let again = again.expect("it is asked again");
        assert_eq!(again.cache, CacheMode::Reload, "past the cache that may be wrong");
        assert_eq!(world.trace.refetched, 0);
    }
}

#[test]
fn an_object_that_changed_is_begun_again_at_its_group() {
    let mut seen = 0;
    let origin = move |ask: &Ask, total: u64| {
        let mut answer = Answer::good(ask, total);
        if ask.nth == 0 {
            return answer.ending(Ending::Reset(700_000));
        }
        seen += 1;
        if seen == 2 {
            answer.head.as_mut().expect("a head").etag = Some("\"another\"".into());
        }
        answer
    };
    let world = plays(Setup::new(Truth::film(60)).origin(origin).play());
    let changed = |event: &Event| {
        matches!(event, Event::Retrying { error: Error::Network { failure: Failure::Changed, .. }, .. })
    };
    assert_eq!(world.told(changed), 1, "{:?}", world.trace.events);
}

#[test]
fn a_server_without_ranges_is_read_past_what_was_not_asked_for() {
    let mut world = Setup::new(Truth::film(60)).origin(Answer::whole).link(Link::mbit(50)).start(25_000).play();
    world.run_to_end();
    assert_eq!(world.fatal(), None);
    assert!(world.time() >= ms(60_000) - ms(1));
}

#[test]
fn an_outage_shorter_than_the_buffer_is_not_noticed() {
    let mut link = Link::mbit(50);
    link.cuts = vec![(Duration::from_secs(10), Duration::from_secs(18))];
    let world = plays(Setup::new(Truth::film(120)).link(link).play());
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
}

#[test]
fn nothing_is_retried_for_ever_and_retry_goes_on_with_the_buffer() {
    let dead = |ask: &Ask, total: u64| {
        let is_down = ask.at > Duration::from_secs(5) && ask.at < Duration::from_secs(300);
        if is_down { Answer::refused() } else { Answer::good(ask, total) }
    };
    let options = Options { keep_trying: false, ..Options::default() };
    let mut world = Setup::new(Truth::film(120)).origin(dead).options(options).play();
    assert!(world.run_until(300, |world| world.fatal().is_some()), "{}", world.describe());
    let Some(Error::Network { history, .. }) = world.fatal() else { panic!("{:?}", world.fatal()) };
    assert_eq!(history.len(), 8, "the budget was spent: {history:?}");
    let (asked, bytes) = (world.trace.requests.len(), world.trace.bytes);
    world.run_for(400_000);
    assert_eq!(world.trace.requests.len(), asked, "a fatal error rests");
    world.retry();
    world.run_to_end();
    world.assert_all_shown();
    assert!(world.trace.bytes > bytes);
    assert_eq!(world.trace.refetched, 0, "the buffer was kept");
}
