//! Films of several rungs: which one the next group comes from, and what a change of it costs.

use std::time::Duration;

use playback::{BufferId, Event, Object, Readiness, StreamId};
use proptest::prelude::*;

use virtual_world::{Chooses, Cut, Link, Setup, Truth, World, ms};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Rungs of 8, 4, 2 and 1 Mbit/s, of which the last but one is the default, and sound.
fn film(seconds: i64) -> Truth {
    let rung = |rate: u64| Cut { rate, seed: rate, variance: 1.3, groups_per_chunk: 10, ..Cut::video(seconds) };
    let rungs = [1_000_000, 500_000, 250_000, 125_000].map(rung);
    Truth::ladder(&rungs, 2, &[Cut::audio(seconds)])
}

fn world(seconds: i64, link: Link) -> Setup {
    Setup::new(film(seconds)).link(link)
}

/// Which rung is on the screen.
fn shown(world: &World) -> Option<StreamId> {
    world.element.buffers[&BufferId(0)].frame_at(world.time()).map(|(stream, _)| stream)
}

/// Seconds for which each stream was on the screen.
fn shares(world: &mut World) -> Vec<f64> {
    let mut shares = vec![0.0; world.truth.streams.len()];
    while !world.element.state.ended {
        let before = world.time();
        let on_screen = shown(world);
        world.run_for(100);
        if let Some(stream) = on_screen {
            shares[stream.0] += (world.time() - before).as_seconds();
        }
    }
    shares
}

#[test]
fn a_quick_link_plays_the_highest_after_the_first_group() {
    let mut world = world(120, Link::mbit(50)).play();
    assert!(world.run_until(10, |world| world.time() > ms(200)));
    assert_eq!(shown(&world), Some(StreamId(2)), "nothing is known: the default begins");
    let shares = shares(&mut world);
    assert!(shares[0] > 110.0, "{shares:?}");
    world.assert_all_shown();
    assert_eq!(world.element.shown.len(), 1, "one run without a break");
    assert_eq!((world.trace.switches, world.trace.wasted, world.trace.overwritten), (1, 0, 0));
}

#[test]
fn after_a_seek_a_link_that_is_known_to_carry_more_goes_down_by_one_rung_at_most() {
    let mut world = world(120, Link::mbit(21)).play();
    assert!(world.run_until(60, |world| world.time() > ms(20_000)));
    assert_eq!(shown(&world), Some(StreamId(0)), "the link carries more than twice of what it takes");
    world.seek(90_000);
    assert!(world.run_until(10, |world| world.time() > ms(90_100)));
    let dropped = world.player.statistics().dropped_bytes;
    while world.time() < ms(110_000) {
        world.run_for(100);
        assert!(shown(&world) <= Some(StreamId(1)), "{}", world.describe());
    }
    assert_eq!(world.player.statistics().dropped_bytes, dropped, "nothing is given up");
}

#[test]
fn a_slow_link_plays_the_rung_that_it_carries_without_a_stall() {
    let mut world = world(120, Link::mbit(3)).play();
    let shares = shares(&mut world);
    // The lowest puts by what outlasts an outage.
    assert!(shares[2] + shares[1] > 90.0, "{shares:?}");
    world.assert_all_shown();
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{shares:?}");
    let statistics = world.player.statistics();
    assert!(statistics.dropped_bytes + statistics.unseen_bytes <= statistics.media_bytes / 50, "{statistics:?}");
}

#[test]
fn a_link_that_becomes_slow_is_followed_before_anybody_waits() {
    let mut world = world(180, Link::mbit(20)).play();
    assert!(world.run_until(60, |world| world.time() > ms(30_000)));
    assert_eq!(shown(&world), Some(StreamId(0)));
    world.link.rate = 1_800_000 / 8;
    world.run_to_end();
    world.assert_all_shown();
    // Whoever can go down does so: that is no reason to tell anybody.
    assert_eq!(world.told(|event| matches!(event, Event::StallPredicted { .. })), 0, "{}", world.describe());
    assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
}

#[test]
fn a_place_is_ready_as_soon_as_the_lowest_rung_shows_it() {
    let mut world = world(120, Link::mbit(20)).play();
    assert!(world.run_until(60, |world| world.time() > ms(20_000)));
    assert_eq!(shown(&world), Some(StreamId(0)));
    // At the end of a group of two seconds all of it has to come: 250 kB of the lowest, 2 MB of the highest.
    let Readiness::In(after) = world.player.ready_at(ms(99_900)) else { panic!("it is not there") };
    assert!(after < Duration::from_millis(300), "{after:?}");
}

#[test]
fn a_stall_that_the_lowest_rung_does_not_avoid_is_foretold() {
    let mut world = world(180, Link::mbit(20)).play();
    assert!(world.run_until(60, |world| world.time() > ms(30_000)));
    world.link.rate = 500_000 / 8;
    world.run_for(60_000);
    assert!(world.told(|event| matches!(event, Event::StallPredicted { .. })) > 0, "{}", world.describe());
}

#[test]
fn without_anybody_to_choose_one_rung_plays() {
    let mut world = Setup { chooses: Chooses::Nobody, ..world(60, Link::mbit(50)) }.play();
    world.run_to_end();
    world.assert_all_shown();
    let others = world.trace.requests.iter().filter(|ask| ![StreamId(2), StreamId(4)].contains(&ask.object.place().0));
    assert_eq!((others.count(), world.trace.switches), (0, 0));
}

#[test]
fn each_request_is_for_one_group_and_goes_on_to_the_goal() {
    let mut world = world(60, Link::mbit(6)).play();
    world.run_to_end();
    for ask in &world.trace.requests {
        let Object::Chunk { stream, chunk } = ask.object else { continue };
        if stream == StreamId(4) {
            continue;
        }
        let groups = &world.truth.film.streams[stream.0].chunks[chunk].groups;
        let end = ask.end.unwrap_or(groups.last().expect("it has some").end_offset());
        let within = groups.iter().filter(|group| group.offset < end && ask.start < group.end_offset()).count();
        assert_eq!(within, 1, "{ask:?}");
    }
}

#[test]
fn a_seek_keeps_what_is_buffered_of_whatever_rung() {
    let mut world = Setup { chooses: Chooses::Dice, ..world(120, Link::mbit(30)) }.play();
    assert!(world.run_until(60, |world| world.time() > ms(20_000)));
    assert!(world.trace.switches > 2);
    let bytes = world.trace.refetched;
    for place in [12_000, 19_500, 15_000] {
        world.seek(place);
        world.run_for(200);
        assert!(!world.element.state.seeking, "{}", world.describe());
    }
    assert_eq!(world.trace.refetched, bytes);
    world.run_to_end();
    assert_eq!(world.element.shown.last().map(|(_, to)| *to), Some(ms(120_000)));
}

#[test]
fn a_group_that_would_come_too_late_is_given_up_for_a_lower_one() {
    let mut given_up = 0;
    for seed in 0..20 {
        let mut link = Link::mbit(12);
        link.delay = Duration::from_millis(20 + seed);
        let mut world = world(120, link).play();
        assert!(world.run_until(60, |world| world.time() > ms(15_000 + 37 * seed as i64)));
        world.link.rate = 600_000 / 8;
        world.run_for(40_000);
        world.link.rate = 1_500_000;
        world.run_to_end();
        world.assert_all_shown();
        assert_eq!((world.trace.wasted, world.trace.overwritten), (0, 0));
        given_up += usize::from(world.player.statistics().dropped_bytes + world.player.statistics().unseen_bytes > 0);
    }
    assert!(given_up > 2, "{given_up} of 20");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: super::random::worlds() / 20, ..ProptestConfig::default() })]

    #[test]
    fn a_link_that_carries_the_lowest_twice_never_stalls_once_it_plays(
        rates in prop::collection::vec(300_u64..40_000, 1..12),
        span in 2..20_u64,
        delay in 5..80_u64,
    ) {
        let mut link = Link::mbit(1);
        link.delay = Duration::from_millis(delay);
        let mut world = world(300, link).play();
        for round in 0.. {
            // The lowest rung has 1 Mbit/s and a half more in its largest groups, and there is sound.
            world.link.rate = rates[round % rates.len()].max(3_000) * 125;
            world.run_for(span * 1_000);
            if world.element.state.ended {
                break;
            }
        }
        world.assert_all_shown();
        prop_assert_eq!(world.told(|event| matches!(event, Event::Stalled(_))), 0, "{}", world.describe());
        let statistics = world.player.statistics();
        let thrown_away = statistics.dropped_bytes + statistics.unseen_bytes;
        prop_assert!(thrown_away * 50 <= statistics.media_bytes, "{} of {}", thrown_away, statistics.media_bytes);
    }
}

/// The most film that lies ready ahead of the playhead, while twenty seconds are played.
fn most_ahead(world: &mut World) -> f64 {
    let mut most = 0.0_f64;
    for _ in 0..200 {
        world.run_for(100);
        most = most.max((world.player.buffered_until(world.time()) - world.time()).as_seconds());
    }
    most
}

#[test]
fn of_a_film_of_several_rungs_more_lies_ready() {
    // Both times 2 Mbit/s are played. Sound and pictures are filled up at different times.
    let one = Truth::indexed(&[Cut { rate: 250_000, ..Cut::video(240) }]);
    for (film, expected) in [(film(240), 35.0..42.0), (one, 25.0..32.0)] {
        let mut world = Setup { chooses: Chooses::Nobody, ..Setup::new(film).link(Link::mbit(5)) }.play();
        assert!(world.run_until(120, |world| world.time() > ms(60_000)));
        let most = most_ahead(&mut world);
        assert!(expected.contains(&most), "{most} s");
    }
}

#[test]
fn a_link_is_ample_that_carries_the_highest_rung_three_times() {
    let mut world = world(240, Link::mbit(50)).play();
    assert!(world.run_until(60, |world| world.time() > ms(10_000)));
    let most = most_ahead(&mut world);
    assert!(most < 20.0, "{most} s");
}

#[test]
fn sound_waits_for_pictures_that_have_to_fill_the_buffer() {
    let mut world = Setup { chooses: Chooses::Nobody, ..world(240, Link::mbit(3)) }.play();
    for _ in 0..200 {
        world.run_for(100);
        let end = |buffer| world.element.buffers[&BufferId(buffer)].end();
        let lead = (end(1) - end(0)).as_seconds();
        assert!(lead < 5.0, "sound is {lead} s ahead at {}", world.describe());
    }
}
