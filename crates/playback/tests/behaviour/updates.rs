//! What becomes of the film on the server while it plays.

use std::time::Duration;

use manifest::ChunkIndex;
use playback::{CacheMode, ContentRange, Error, Event, Failure, Object, Options, ResponseHead, StreamId};

use virtual_world::{Answer, Ask, Cut, Setup, Truth, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The film as another cut of it would be.
fn another() -> manifest::Film {
    let mut film = Truth::film(120).film;
    film.id = Some("beef".into());
    film
}

/// An origin that has lost a chunk, from some moment on.
fn without(object: Object, status: u16, since: u64) -> impl FnMut(&Ask, u64) -> Answer {
    move |ask, total| {
        let is_gone = ask.object == object && ask.at >= Duration::from_secs(since);
        if is_gone { Answer::status(status) } else { Answer::good(ask, total) }
    }
}

const LATER: Object = Object::Chunk { stream: StreamId(0), chunk: ChunkIndex(2) };

/// An origin that has lost that chunk the first time.
fn without_it_once() -> impl FnMut(&Ask, u64) -> Answer {
    let mut asked = false;
    move |ask, total| {
        let is_first = ask.object == LATER && !std::mem::replace(&mut asked, true);
        if is_first { Answer::status(404) } else { Answer::good(ask, total) }
    }
}

#[test]
fn a_chunk_that_is_gone_because_the_film_was_cut_anew_says_so() {
    for status in [404, 410] {
        let setup = Setup::new(Truth::film(120)).origin(without(LATER, status, 0)).manifest(|_| Some(another()));
        let mut world = setup.play();
        assert!(world.run_until(120, |world| world.fatal().is_some()), "{}", world.describe());
        let Some(Error::ContentChanged { id, url }) = world.fatal() else { panic!("{:?}", world.fatal()) };
        assert_eq!((id.as_deref(), url.as_str()), (Some("beef"), "0/2.mp4"));
        assert_eq!(world.trace.manifests, 1);
        let shown = world.time();
        world.run_for(60_000);
        assert!(world.time() > shown + ms(10_000), "{shown}: {}", world.describe());
    }
}

#[test]
fn a_chunk_that_the_manifest_still_names_is_asked_for_once_more_past_the_cache() {
    let mut world = Setup::new(Truth::film(120)).origin(without_it_once()).play();
    world.run_to_end();
    world.assert_all_shown();
    let asked: Vec<_> = world.trace.requests.iter().filter(|ask| ask.object == LATER).map(|ask| ask.cache).collect();
    assert_eq!(asked[..2], [CacheMode::Default, CacheMode::Reload]);
    assert_eq!((world.trace.manifests, world.told(|event| matches!(event, Event::Stalled(_)))), (1, 0));
}

#[test]
fn a_chunk_that_stays_away_is_fatal_the_second_time_and_retry_asks_again() {
    for manifest in [true, false] {
        let setup = Setup::new(Truth::film(120));
        let film = setup.truth.film.clone();
        let lost = |ask: &Ask, total: u64| {
            let is_gone = ask.object == LATER && ask.at < Duration::from_secs(200);
            if is_gone { Answer::status(404) } else { Answer::good(ask, total) }
        };
        let mut world = setup.origin(lost).manifest(move |_| manifest.then(|| film.clone())).play();
        assert!(world.run_until(120, |world| world.fatal().is_some()), "{}", world.describe());
        let Some(Error::Refused { failure, .. }) = world.fatal() else { panic!("{:?}", world.fatal()) };
        assert_eq!(*failure, Failure::Status { status: 404, retry_after: None });
        assert_eq!(world.trace.requests.iter().filter(|ask| ask.object == LATER).count(), 2);
        world.run_for(200_000);
        world.retry();
        world.run_to_end();
        world.assert_all_shown();
        assert_eq!(world.trace.wasted, 0, "the buffer was kept");
    }
}

#[test]
fn a_manifest_that_does_not_come_keeps_nothing_waiting() {
    let setup = Setup { manifest_after: Duration::from_secs(100_000), ..Setup::new(Truth::film(120)) };
    let mut world = setup.origin(without_it_once()).play();
    world.reload();
    world.run_to_end();
    world.assert_all_shown();
}

#[test]
fn a_new_cut_is_told_once_and_the_old_one_plays_on() {
    let options = Options { poll: Some(Duration::from_secs(10)), ..Options::default() };
    let old = Truth::film(120).film;
    let published = move |now: Duration| Some(if now < Duration::from_secs(30) { old.clone() } else { another() });
    let mut world = Setup::new(Truth::film(120)).options(options).manifest(published).play();
    world.run_to_end();
    world.assert_all_shown();
    let told: Vec<_> = world.trace.events.iter().filter(|(_, event)| matches!(event, Event::NewCut { .. })).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0 >= Duration::from_secs(30) && told[0].0 < Duration::from_secs(41));
    assert_eq!(told[0].1, Event::NewCut { id: Some("beef".into()) });
    assert!((10..=13).contains(&world.trace.manifests), "{} manifests", world.trace.manifests);
}

#[test]
fn nobody_looks_for_a_new_cut_unasked() {
    let mut world = Setup::new(Truth::film(60)).manifest(|_| Some(another())).play();
    world.run_for(20_000);
    assert_eq!(world.trace.manifests, 0);
    world.reload();
    world.reload();
    world.run_for(1_000);
    assert_eq!((world.trace.manifests, world.told(|event| matches!(event, Event::NewCut { .. }))), (1, 1));
}

#[test]
fn a_manifest_that_cannot_be_had_changes_nothing() {
    let mut world = Setup::new(Truth::film(60)).manifest(|_| None).play();
    world.run_for(5_000);
    world.reload();
    world.run_to_end();
    world.assert_all_shown();
    assert_eq!(world.told(|event| matches!(event, Event::NewCut { .. })), 0);
}

#[test]
fn a_plain_array_is_another_when_its_chunks_are() {
    let film = Truth::plain(&Cut::muxed(90), true).film;
    for (found, told) in [(film, 1), (Truth::plain(&Cut::muxed(60), true).film, 0)] {
        let mut world = Setup::new(Truth::plain(&Cut::muxed(60), true)).manifest(move |_| Some(found.clone())).play();
        world.run_for(5_000);
        world.reload();
        world.run_for(1_000);
        assert_eq!(world.told(|event| *event == Event::NewCut { id: None }), told);
    }
}

/// What hosting for single pages answers where it has nothing, and what a server answers that has another file there.
fn elsewhere() -> [(Answer, Failure); 2] {
    let content_type = Some("text/html; charset=utf-8".to_owned());
    let page = ResponseHead { status: 200, content_length: Some(612), content_type, ..ResponseHead::default() };
    let content_range = Some(ContentRange { start: 0, end: 612, total: Some(612) });
    let other = ResponseHead { status: 206, content_range, ..ResponseHead::default() };
    let answer = |head| Answer { head: Some(head), ..Answer::status(200) };
    [
        (answer(page), Failure::WrongType { found: "text/html; charset=utf-8".to_owned() }),
        (answer(other), Failure::WrongTotal { found: 612, expected: 0 }),
    ]
}

#[test]
fn another_object_in_the_place_of_a_chunk_is_told_at_once() {
    for (answer, expected) in elsewhere() {
        let mut world = Setup::new(Truth::film(120)).origin(move |_, _| answer.clone()).play();
        assert!(world.run_until(5, |world| world.fatal().is_some()), "{}", world.describe());
        let Some(Error::WrongObject { failure, url, .. }) = world.fatal() else { panic!("{:?}", world.fatal()) };
        assert_eq!(std::mem::discriminant(failure), std::mem::discriminant(&expected));
        assert_eq!(
            world.trace.requests.iter().filter(|ask| url.starts_with(&format!("{}/", ask.object.place().0.0))).count(),
            2
        );
        // A film that has been replaced is still that.
        let (answer, _) = elsewhere()[0].clone();
        let origin =
            move |ask: &Ask, total| if ask.object == LATER { answer.clone() } else { Answer::good(ask, total) };
        let mut world = Setup::new(Truth::film(120)).origin(origin).manifest(|_| Some(another())).play();
        assert!(world.run_until(120, |world| world.fatal().is_some()), "{}", world.describe());
        assert!(matches!(world.fatal(), Some(Error::ContentChanged { .. })), "{:?}", world.fatal());
    }
}
