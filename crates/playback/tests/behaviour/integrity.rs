//! Bytes that are not those that were cut.

use manifest::ChunkIndex;
use playback::{CacheMode, Error, Event, Failure, Integrity, Object, Options, StreamId, Unchecked};

use virtual_world::{Answer, Ask, Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const VIDEO: Object = Object::Chunk { stream: StreamId(0), chunk: ChunkIndex(0) };

/// An origin, or a cache before it, that damages some bytes of a chunk `times` times.
fn damages(object: Object, (from, to): (u64, u64), times: usize) -> impl FnMut(&Ask, u64) -> Answer {
    let mut left = times;
    move |ask, total| {
        let hits = ask.object == object && ask.start < to && from < ask.end.unwrap_or(total);
        if hits && left > 0 {
            left -= 1;
            return Answer::good(ask, total).damaged(from, to);
        }
        Answer::good(ask, total)
    }
}

/// The fragment of the first stream's first chunk that holds `millis`: its bytes.
fn fragment_at(truth: &Truth, millis: i64) -> (u64, u64) {
    let mut fragments = truth.streams[0].chunks[0].fragments.iter();
    let fragment = fragments.find(|fragment| ms(millis) < fragment.end).expect("the chunk is longer");
    (fragment.offset, fragment.offset + fragment.bytes)
}

fn refetches(world: &World) -> Vec<(u64, Option<u64>, CacheMode)> {
    let again = world.trace.requests.iter().filter(|ask| ask.cache != CacheMode::Default);
    again.map(|ask| (ask.start, ask.end, ask.cache)).collect()
}

fn plays(mut world: World) -> World {
    world.run_to_end();
    assert_eq!(world.fatal(), None);
    world.assert_all_shown();
    assert!(world.element.buffers.values().all(|buffer| !buffer.has_damage()), "damage stays in a buffer");
    world
}

#[test]
fn every_fragment_of_an_undamaged_film_is_checked_and_no_byte_comes_twice() {
    let world = plays(Setup::new(Truth::film(120)).play());
    let fragments: usize =
        world.truth.streams.iter().flat_map(|stream| &stream.chunks).map(|chunk| chunk.fragments.len()).sum();
    let statistics = world.player.statistics();
    assert_eq!(statistics.checked_fragments, fragments as u64);
    assert_eq!((statistics.unchecked_bytes, statistics.damaged_fragments, world.trace.refetched), (0, 0, 0));
    assert_eq!(world.trace.tables.len(), 5, "one table for each of the four chunks of pictures, and one of sound");
}

#[test]
fn with_plenty_of_buffer_a_damaged_fragment_is_never_appended_and_fetched_again_by_itself() {
    let truth = Truth::film(60);
    let (start, end) = fragment_at(&truth, 20_200);
    let origin = damages(VIDEO, (start + 100, start + 101), 1);
    let mut world = Setup::new(truth).origin(origin).play();
    assert!(world.run_until(20, |world| {
        assert!(!world.element.buffers.values().any(virtual_world::SourceBuffer::has_damage), "it is appended");
        world.player.statistics().damaged_fragments > 0
    }));
    let world = plays(world);
    assert_eq!(refetches(&world), [(start, Some(end), CacheMode::Reload)]);
    let damaged =
        |event: &Event| matches!(event, Event::Damaged { stream: StreamId(0), start: at, .. } if *at == start);
    assert_eq!(world.told(damaged), 1);
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0);
}

#[test]
fn after_a_decoder_has_failed_the_next_one_is_given_what_has_been_checked() {
    let truth = Truth::film(60);
    let (start, _) = fragment_at(&truth, 100);
    let origin = damages(VIDEO, (start + 100, start + 101), 2);
    let mut world = Setup::new(truth).origin(origin).link(Link::mbit(4)).play();
    let is_given_damage = |world: &World| world.element.buffers.values().any(virtual_world::SourceBuffer::has_damage);
    assert!(world.run_until(5, is_given_damage), "the first bytes are shown as they come");
    world.break_decoder();
    assert!(world.run_until(20, |world| {
        assert!(!is_given_damage(world), "{}", world.describe());
        world.player.statistics().damaged_fragments > 0
    }));
    plays(world);
}

#[test]
fn what_was_shown_too_early_is_removed_and_its_group_fetched_again() {
    // The link is slow: the first fragment is appended as it comes, and known to be damaged only at its end.
    let truth = Truth::indexed(&[Cut { variance: 1.0, ..Cut::video(60) }]);
    let (start, end) = fragment_at(&truth, 600);
    let origin = damages(VIDEO, (start + 5, start + 50), 1);
    let mut world = Setup::new(truth).origin(origin).link(Link::mbit(4)).play();
    assert!(world.run_until(10, |world| world.element.buffers.values().any(virtual_world::SourceBuffer::has_damage)));
    let world = plays(world);
    assert_eq!(refetches(&world), [(0, Some(end), CacheMode::Reload)], "from the beginning of the group");
    let removed = world.trace.events.iter().any(|(_, event)| matches!(event, Event::Damaged { .. }));
    assert!(removed, "{}", world.describe());
}

#[test]
fn the_second_time_every_cache_is_passed_by() {
    let truth = Truth::film(60);
    let (start, end) = fragment_at(&truth, 20_200);
    let world = plays(Setup::new(truth).origin(damages(VIDEO, (start, end), 2)).play());
    let by_itself = |cache| (start, Some(end), cache);
    assert_eq!(refetches(&world), [by_itself(CacheMode::Reload), by_itself(CacheMode::Bypass)]);
}

#[test]
fn the_third_time_is_fatal_and_retry_begins_anew() {
    let truth = Truth::film(60);
    let (start, end) = fragment_at(&truth, 20_200);
    let mut world = Setup::new(truth).origin(damages(VIDEO, (start, end), 3)).play();
    assert!(world.run_until(60, |world| world.fatal().is_some()), "{}", world.describe());
    let Some(Error::Integrity { stream: StreamId(0), start: at, history, .. }) = world.fatal() else {
        panic!("{:?}", world.fatal())
    };
    assert_eq!((*at, history.len()), (start, 3));
    assert!(history.iter().all(|attempt| attempt.failure == Failure::Digest && attempt.offset == start));
    assert!(world.element.buffers.values().all(|buffer| !buffer.has_damage()));
    world.retry();
    world.run_to_end();
    world.assert_all_shown();
}

#[test]
fn damage_after_a_seek_is_mended_too() {
    for mbit in [4, 100] {
        let truth = Truth::film(300);
        let chunk = Object::Chunk { stream: StreamId(0), chunk: ChunkIndex(6) };
        let origin = damages(chunk, (0, truth.streams[0].chunks[6].fragments[2].offset), 2);
        let mut world = Setup::new(truth).origin(origin).link(Link::mbit(mbit)).play();
        world.run_for(5_000);
        world.seek(180_700);
        world.run_for(20_000);
        assert!(world.time() > ms(183_000), "{}", world.describe());
        assert!(world.element.buffers.values().all(|buffer| !buffer.has_damage()));
        assert_eq!(world.fatal(), None);
    }
}

#[test]
fn a_table_never_delays_the_first_frame() {
    let first_frame = |setup: Setup| {
        let mut world = setup.link(Link::mbit(4)).play();
        assert!(world.run_until(10, |world| world.player.statistics().start.frame.is_some()));
        world.player.statistics().start.frame.expect("just seen")
    };
    let without =
        first_frame(Setup::new(Truth::film(60)).options(Options { integrity: Integrity::Off, ..Options::default() }));
    let late = |ask: &Ask, total: u64| Answer { delay: std::time::Duration::from_secs(5), ..Answer::good(ask, total) };
    assert_eq!(first_frame(Setup::new(Truth::film(60)).tables(late)), without);
    let with = first_frame(Setup::new(Truth::film(60)));
    assert!(with <= without + std::time::Duration::from_millis(10), "{with:?} and {without:?}");
}

#[test]
fn a_long_table_waits_for_the_first_frame() {
    // Two hours of sound in one chunk: a table of 576 kB.
    let audio = Cut { groups_per_chunk: 3_600, ..Cut::audio(7_200) };
    let mut world = Setup::new(Truth::indexed(&[audio])).link(Link::mbit(2)).play();
    assert!(world.run_until(10, |world| world.player.statistics().start.frame.is_some()));
    let shown = world.now();
    world.run_for(20_000);
    assert_eq!(world.trace.tables.len(), 1);
    assert!(world.trace.tables[0].at >= shown, "{:?}", world.trace.tables);
    assert!(world.player.statistics().checked_fragments > 0);
}

#[test]
fn a_table_that_cannot_be_had_is_told_and_its_chunk_plays_unchecked() {
    let answers: [fn() -> Answer; 3] = [|| Answer::status(404), || Answer::status(503), Answer::refused];
    for answer in answers {
        let tables = move |ask: &Ask, total: u64| {
            if ask.object == (Object::Table { stream: StreamId(0), chunk: ChunkIndex(0) }) {
                answer()
            } else {
                Answer::good(ask, total)
            }
        };
        let world = plays(Setup::new(Truth::film(60)).tables(tables).play());
        let unchecked = |event: &Event| matches!(event, Event::Unchecked(Unchecked::Table { stream: StreamId(0), .. }));
        assert_eq!(world.told(unchecked), 1, "{}", world.describe());
        assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
        let statistics = world.player.statistics();
        assert_eq!(statistics.unchecked_bytes, world.truth.streams[0].chunks[0].bytes());
        assert!(statistics.checked_bytes > 0, "the other chunks are checked");
    }
}

#[test]
fn a_damaged_table_is_fetched_again_past_the_caches() {
    for (times, lost) in [(1, 0), (2, 0), (3, 1)] {
        let table = Object::Table { stream: StreamId(0), chunk: ChunkIndex(0) };
        let world = plays(Setup::new(Truth::film(60)).tables(damages(table, (0, 9), times)).play());
        let asked: Vec<_> = world.trace.tables.iter().filter(|ask| ask.object == table).map(|ask| ask.cache).collect();
        let all = [CacheMode::Default, CacheMode::Reload, CacheMode::Bypass];
        assert_eq!(asked, all[..(times + 1).min(3)]);
        let unchecked =
            |event: &Event| matches!(event, Event::Unchecked(Unchecked::Table { failure: Failure::Digest, .. }));
        assert_eq!(world.told(unchecked), lost);
        assert_eq!(world.player.statistics().damaged_tables, times as u64);
    }
}

#[test]
fn a_page_in_the_place_of_a_table_is_told_at_once() {
    let table = Object::Table { stream: StreamId(0), chunk: ChunkIndex(0) };
    let page = move |ask: &Ask, total: u64| {
        let mut answer = if ask.object == table { Answer::status(200) } else { Answer::good(ask, total) };
        if let (true, Some(head)) = (ask.object == table, &mut answer.head) {
            head.content_type = Some("text/html".to_owned());
        }
        answer
    };
    let mut world = Setup::new(Truth::film(60)).tables(page).play();
    let is_told =
        |event: &Event| matches!(event, Event::Unchecked(Unchecked::Table { failure: Failure::WrongType { .. }, .. }));
    assert!(world.run_until(5, |world| world.told(is_told) == 1), "{}", world.describe());
    assert_eq!(world.trace.tables.iter().filter(|ask| ask.object == table).count(), 3, "past each cache once");
}

#[test]
fn where_integrity_is_required_a_film_waits_for_tables_that_the_network_keeps_back() {
    let tables = |ask: &Ask, total: u64| match ask.at.as_secs() {
        0..100 => Answer::status(503),
        _ => Answer::good(ask, total),
    };
    let mut world = Setup::new(Truth::film(60)).options(required()).tables(tables).play();
    assert!(world.run_until(90, |world| world.fatal().is_some()), "{}", world.describe());
    assert!(matches!(world.fatal(), Some(Error::Network { .. })), "{:?}", world.fatal());
    world.run_to_end();
    world.assert_all_shown();
    assert_eq!(world.told(|event| matches!(event, Event::Reconnected)), 1);
    assert_eq!(world.player.statistics().unchecked_bytes, 0);
}

#[test]
fn where_nothing_can_be_hashed_the_film_plays_and_the_page_is_told() {
    let setup = Setup { can_hash: false, ..Setup::new(Truth::film(60)) };
    let world = plays(setup.play());
    assert_eq!(world.told(|event| *event == Event::Unchecked(Unchecked::Hashing)), 1);
    assert_eq!(world.trace.tables.len(), 0);
}

fn required() -> Options {
    Options { integrity: Integrity::Required, ..Options::default() }
}

#[test]
fn where_integrity_is_required_nothing_is_appended_before_it_is_checked() {
    let truth = Truth::film(60);
    let (start, _) = fragment_at(&truth, 600);
    let origin = damages(VIDEO, (start, start + 5), 2);
    let mut world = Setup::new(truth).origin(origin).link(Link::mbit(4)).options(required()).play();
    let over = world.run_until(200, |world| {
        assert!(!world.element.buffers.values().any(virtual_world::SourceBuffer::has_damage), "it is appended");
        world.element.state.ended
    });
    assert!(over, "{}", world.describe());
    world.assert_all_shown();
}

#[test]
fn where_integrity_is_required_what_cannot_be_checked_is_fatal() {
    let insecure = Setup { can_hash: false, ..Setup::new(Truth::film(60)).options(required()) };
    let plain = Setup::new(Truth::plain(&Cut::muxed(60), true)).options(required());
    let no_table = Setup::new(Truth::film(60)).options(required()).tables(|_, _| Answer::status(404));
    let mut one_missing = Truth::film(60);
    one_missing.film.streams[1].chunks[0].fragments = None;
    let one_missing = Setup::new(one_missing).options(required());
    for setup in [insecure, plain, no_table, one_missing] {
        let mut world = setup.play();
        for times in 1..=2 {
            world.run_for(20_000);
            assert!(matches!(world.fatal(), Some(Error::Uncheckable { .. })), "{:?}", world.fatal());
            assert_eq!(world.told(|event| matches!(event, Event::Fatal(_))), times);
            assert!(world.element.shown.is_empty());
            world.retry();
        }
    }
}

#[test]
fn a_fragment_longer_than_the_cap_is_still_checked() {
    let cut = Cut { rate: 3_000_000, fragments_per_group: 1, groups_per_chunk: 10, ..Cut::video(40) };
    let options = Options { pending_bytes: 1 << 20, ..Options::default() };
    let world = plays(Setup::new(Truth::indexed(&[cut])).link(Link::mbit(200)).options(options).play());
    assert_eq!(world.player.statistics().checked_fragments, 20);
    assert_eq!(world.player.statistics().unchecked_bytes, 0);
}

#[test]
fn what_fills_a_hole_is_checked_before_it_is_left() {
    // Slower than the film: everything is appended before it is hashed.
    let truth = Truth::indexed(&[Cut { group: 5_000, rate: 400_000, ..Cut::muxed(15) }]);
    let mut world = Setup::new(truth).link(Link::mbit(2)).start(10_000).play();
    assert!(world.run_until(60, |world| world.element.state.ended), "{}", world.describe());
    world.seek(5_000);
    world.press_play();
    world.run_to_end();
    assert_eq!((world.trace.refetched, world.player.statistics().unchecked_bytes), (0, 0));
}

#[test]
fn where_all_must_be_checked_a_table_of_any_length_comes_before_the_picture() {
    // Two hours of sound in one chunk: its table has 576 kB.
    let truth = Truth::indexed(&[Cut::video(7_200), Cut { groups_per_chunk: 3_600, ..Cut::audio(7_200) }]);
    let options = Options { integrity: Integrity::Required, ..Options::default() };
    let mut world = Setup::new(truth).options(options).play();
    assert!(world.run_until(10, |world| world.time() > ms(1_000)), "{}", world.describe());
}

#[test]
fn a_long_table_takes_nothing_from_the_first_pictures() {
    // Its 576 kB are more than a second of this link, which has little to spare.
    let video = Cut { rate: 375_000, ..Cut::video(7_200) };
    let truth = Truth::indexed(&[video, Cut { groups_per_chunk: 3_600, ..Cut::audio(7_200) }]);
    let mut world = Setup::new(truth).link(Link::mbit(4)).play();
    world.run_for(60_000);
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
    let statistics = world.player.statistics();
    assert!(statistics.checked_bytes > 20_000_000 && statistics.unchecked_bytes == 0, "{statistics:?}");
}
