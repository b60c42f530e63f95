//! How much is fetched, held and kept.

use std::time::Duration;

use playback::{Activity, BufferId, Event, Input, Options, SeekOrigin, StreamId, Why};

use virtual_world::{Answer, Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Runs to the end and gives the most seconds ahead and behind, and the most bytes in the first stream's buffer.
fn extremes(world: &mut World) -> (i64, i64, u64) {
    let mut most = (0, 0, 0);
    let ended = world.run_until(4_000, |world| {
        let time = world.time();
        let ahead = world.player.buffered_until(time) - time;
        let first = world.element.buffers[&BufferId(0)].start().unwrap_or(time);
        let behind = if first < time { time - first } else { ms(0) };
        most.0 = most.0.max(ahead.as_micros() / 1_000);
        most.1 = most.1.max(behind.as_micros() / 1_000);
        most.2 = most.2.max(world.element.buffers[&BufferId(0)].size());
        world.element.state.ended
    });
    assert!(ended, "{}", world.describe());
    most
}

fn started(setup: Setup) -> World {
    let mut world = setup.play();
    assert!(world.run_until(10, |world| world.element.buffers.len() == world.truth.streams.len()));
    world
}

#[test]
fn what_lies_ahead_and_behind_stays_within_the_goals() {
    let mut world = started(Setup::new(Truth::film(300)).link(Link::mbit(200)));
    let (ahead, behind, _) = extremes(&mut world);
    // A fragment in flight beyond the goal; a group and a step of removal beyond what is kept.
    assert!(ahead > 25_000 && ahead < 33_000, "{ahead} ms ahead");
    assert!(behind > 29_000 && behind < 40_000, "{behind} ms behind");
}

#[test]
fn a_quick_link_is_not_asked_for_what_may_never_be_watched() {
    // The film has some 2 Mbit/s.
    let ahead = World::ahead;
    let most = |world: &mut World, until| {
        let mut most = ms(0);
        assert!(world.run_until(400, |world| {
            most = most.max(ahead(world));
            world.time() >= until
        }));
        most
    };
    let mut world = started(Setup::new(Truth::film(600)).link(Link::mbit(50)));
    let first = most(&mut world, ms(15_000));
    assert!(ms(9_000) < first && first < ms(17_000), "{first} while nobody knows whether they stay");
    let later = most(&mut world, ms(100_000));
    assert!(ms(22_000) < later, "{later} for those who have stayed");
    // What is there already tells nothing about whoever steps to and fro in it.
    world.seek(110_000);
    let stepped = most(&mut world, ms(140_000));
    assert!(ms(22_000) < stepped, "{stepped} after a step within the buffer");
    world.seek(400_000);
    world.run_for(5_000);
    let elsewhere = ahead(&world);
    assert!(elsewhere < ms(14_000), "{elsewhere} after a seek to another place");

    let mut world = started(Setup::new(Truth::film(600)).link(Link::mbit(5)));
    let slow = most(&mut world, ms(40_000));
    assert!(ms(22_000) < slow, "{slow} over a link that has less to spare");
}

#[test]
fn after_a_seek_of_the_party_more_is_fetched_at_first() {
    for (origin, ahead) in [(SeekOrigin::User, 10_000..14_000), (SeekOrigin::Party, 20_000..24_000)] {
        let mut world = started(Setup::new(Truth::film(600)).link(Link::mbit(50)));
        world.run_for(5_000);
        world.press_pause();
        world.seek_by(origin, 300_000);
        world.run_for(1_000);
        world.press_play();
        let mut most = ms(0);
        assert!(world.run_until(20, |world| {
            most = most.max(world.ahead());
            world.time() >= ms(309_000)
        }));
        assert!(ahead.contains(&(most.as_micros() / 1_000)), "{origin:?}: {most}");
    }
}

#[test]
fn the_engine_says_why_nothing_is_asked_for() {
    let activity = |world: &World| world.player.activity(StreamId(0)).expect("it plays");
    let mut world = started(Setup::new(Truth::film(60)).link(Link::mbit(50)));
    assert_eq!(world.player.activity(StreamId(7)), None);
    assert!(world.run_until(10, |world| activity(world) == Activity::Reading));
    assert!(world.run_until(10, |world| activity(world) == Activity::AtGoal), "{}", world.describe());
    let wait = world.player.wait().expect("the playhead moves");
    assert_eq!((wait.why, wait.until.elapsed() > world.now()), (Why::Playhead, true));
    world.tell(Input::Streaming(false));
    world.run_for(4_000);
    assert_eq!(activity(&world), Activity::Unwanted);
    world.tell(Input::Streaming(true));
    world.run_to_end();
    assert_eq!(activity(&world), Activity::Complete);
    assert_eq!(world.player.wait(), None, "nothing is left to wait for");
}

#[test]
fn the_goal_in_bytes_holds_for_a_film_of_many_bytes() {
    let film = Truth::indexed(&[Cut { rate: 4_000_000, groups_per_chunk: 30, ..Cut::video(120) }]);
    let options = Options { ahead_bytes: 20_000_000, behind: ms(6_000), ..Options::default() };
    let mut world = started(Setup::new(film).link(Link::mbit(400)).options(options));
    let (ahead, _, bytes) = extremes(&mut world);
    assert!(ahead < 14_000, "{ahead} ms ahead");
    assert!(bytes < 130_000_000, "{bytes} bytes");
}

#[test]
fn pending_bytes_never_exceed_the_cap_though_the_source_buffer_is_slow() {
    let film = Truth::indexed(&[Cut { rate: 2_000_000, ..Cut::video(60) }]);
    let options = Options { pending_bytes: 1 << 20, ..Options::default() };
    let mut world = started(Setup::new(film).link(Link::mbit(2_000)).options(options));
    extremes(&mut world);
    assert!(
        world.trace.most_pending <= world.truth.longest_fragment().max(1 << 20) + 2 * 98_304,
        "{} bytes",
        world.trace.most_pending
    );
}

#[test]
fn at_the_goal_no_request_is_open_and_the_next_begins_at_its_next_byte() {
    let mut world = started(Setup::new(Truth::film(300)).link(Link::mbit(100)));
    assert!(world.run_until(10, |world| world.time() > ms(3_000)));
    world.press_pause();
    world.run_for(10_000);
    assert!(!world.is_requesting(), "{}", world.describe());
    let before = world.trace.requests.len();
    world.press_play();
    extremes(&mut world);
    assert_eq!(world.trace.refetched, 0);
    assert!(world.trace.requests[before..].iter().any(|ask| ask.start > 0), "resumed by Range");
    world.assert_all_shown();
}

#[test]
fn a_response_that_nobody_reads_is_given_up() {
    // A server without ranges sends the whole chunk, of which only a part is wanted now.
    let film = Truth::indexed(&[Cut { groups_per_chunk: 150, ..Cut::video(300) }]);
    let mut world = started(Setup::new(film).link(Link::mbit(100)).origin(Answer::whole));
    assert!(world.run_until(10, |world| world.time() > ms(3_000)));
    world.press_pause();
    world.run_for(10_000);
    assert!(world.is_requesting(), "it is kept for a while");
    world.run_for(30_000);
    assert!(!world.is_requesting(), "{}", world.describe());
    world.press_play();
    extremes(&mut world);
    world.assert_all_shown();
}

#[test]
fn while_the_film_plays_at_its_goal_requests_are_few() {
    let cuts = [Cut { groups_per_chunk: 200, ..Cut::video(360) }, Cut { groups_per_chunk: 200, ..Cut::audio(360) }];
    let at_once = Options { ahead_at_first: ms(30_000), ..Options::default() };
    // The goals drain for 10 s before they are filled again; for a third of them while they are less than 30 s.
    for (options, most) in [(at_once, 2 * 36 + 2), (Options::default(), 2 * 42)] {
        let mut world = started(Setup::new(Truth::indexed(&cuts)).link(Link::mbit(100)).options(options));
        extremes(&mut world);
        assert!(world.trace.requests.len() <= most, "{}", world.trace.requests.len());
        assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0);
    }
}

#[test]
fn a_paused_film_costs_no_timers() {
    let mut world = started(Setup::new(Truth::film(300)));
    world.run_for(5_000);
    world.press_pause();
    world.run_for(60_000);
    let (timers, inputs) = (world.trace.timers, world.trace.inputs);
    world.run_for(3_600_000);
    assert!(world.trace.timers - timers < 4, "{} timers", world.trace.timers - timers);
    assert!(world.trace.inputs - inputs < 10);
}

#[test]
fn pieces_are_as_they_come_when_low_and_what_comes_in_a_moment_when_comfortable() {
    // Bytes of a piece in the first seconds, and from then on.
    let mean = |mbit: u64, bytes_per_second: u64| {
        let film = Truth::indexed(&[Cut { rate: bytes_per_second, groups_per_chunk: 100, ..Cut::video(120) }]);
        let mut world = started(Setup::new(film).link(Link::mbit(mbit)));
        assert!(world.run_until(60, |world| world.player.buffered_until(ms(0)) > ms(1_500)));
        let (pieces, bytes) = (world.trace.pieces as u64, world.trace.bytes);
        let first = bytes / pieces;
        assert!(world.run_until(120, |world| world.player.buffered_until(ms(0)) > ms(25_000)));
        (first, (world.trace.bytes - bytes) / (world.trace.pieces as u64 - pieces))
    };
    let ((low, comfortable), (_, slow)) = (mean(40, 1_000_000), mean(10, 1_000_000));
    assert!(low < 100_000, "{low} bytes a piece");
    // 50 ms of the link are 250 kB of one and 62 kB of the other, and no piece has fewer than comes at once.
    assert!((180_000..260_000).contains(&comfortable), "{comfortable} bytes a piece");
    assert!(slow < 100_000, "{slow} bytes a piece over a slower link");
    // Half a second of a small film is little, however quick the link.
    let (_, small) = mean(40, 100_000);
    assert!(small < 100_000, "{small} bytes a piece of a small film");
}

#[test]
fn appends_are_small_when_low_and_large_when_comfortable() {
    let film = Truth::indexed(&[Cut { rate: 1_000_000, groups_per_chunk: 100, ..Cut::video(120) }]);
    let mut world = started(Setup::new(film).link(Link::mbit(40)));
    assert!(world.run_until(60, |world| world.player.buffered_until(ms(0)) > ms(12_000)));
    let (operations, bytes) = (world.trace.operations, world.trace.bytes);
    assert!(world.run_until(60, |world| world.player.buffered_until(ms(0)) > ms(25_000)));
    let mean = (world.trace.bytes - bytes) / (world.trace.operations - operations) as u64;
    assert!(mean > 400_000, "{mean} bytes an append");
}

#[test]
fn an_hour_of_pause_is_survived() {
    let mut world = started(Setup::new(Truth::film(120)));
    world.run_for(5_000);
    world.press_pause();
    world.run_for(3_600_000);
    world.press_play();
    extremes(&mut world);
    world.assert_all_shown();
    assert!(world.element.waited < Duration::from_millis(700), "{:?}", world.element.waited);
}

#[test]
fn no_goal_is_so_low_that_the_next_picture_never_comes() {
    // Groups of a frame each, of which a quarter of a megabyte is an eighth of a second.
    let cut = Cut { group: 40, fragments_per_group: 1, groups_per_chunk: 750, rate: 2_000_000, ..Cut::muxed(4) };
    let options = Options { ahead: ms(0), ahead_bytes: 0, low: ms(0), ..Options::default() };
    let mut world = Setup::new(Truth::indexed(&[cut])).options(options).play();
    world.run_to_end();
    world.assert_all_shown();
}

#[test]
fn other_options_count_from_the_moment_they_are_given() {
    let ahead = |world: &World| world.player.buffered_until(world.time()) - world.time();
    let mut world = started(Setup::new(Truth::film(300)).link(Link::mbit(200)));
    world.run_for(100_000);
    assert!(ahead(&world) > ms(20_000), "{}", world.describe());
    let options = Options { ahead: ms(6_000), integrity: playback::Integrity::Off, ..Options::default() };
    world.tell(Input::Configure(Box::new(options)));
    world.run_for(60_000);
    assert!(ahead(&world) < ms(9_000), "{}", world.describe());
    world.run_to_end();
    world.assert_all_shown();
    assert_eq!(world.player.statistics().unchecked_bytes, 0, "what the film was loaded with holds for it");
}
