//! A browser that knows that it has no network. It may err: it is asked now and then all the same.

use std::time::Duration;

use playback::{Activity, Event, StallCause, StreamId};

use virtual_world::{Link, Setup, Truth, World};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn with_outage(from: u64, to: u64) -> World {
    let mut link = Link::mbit(20);
    link.offline = vec![(Duration::from_secs(from), Duration::from_secs(to))];
    Setup::new(Truth::film(120)).link(link).play()
}

#[test]
fn it_is_asked_seldom_while_it_lasts_and_no_budget_is_spent() {
    // Ten minutes: far longer than all retries together.
    let mut world = with_outage(5, 605);
    world.run_to_end();
    assert_eq!(world.fatal(), None);
    world.assert_all_shown();
    let meanwhile = |at: Duration| (Duration::from_secs(6)..Duration::from_secs(604)).contains(&at);
    let asked = world.trace.requests.iter().chain(&world.trace.tables).filter(|ask| meanwhile(ask.at)).count();
    assert!(asked <= 3 * 600 / 8, "{asked} requests");
    assert_eq!(world.trace.wasted, 0, "the buffer was kept");
    assert_eq!(world.told(|event| matches!(event, Event::Retrying { .. })), 0, "{:?}", world.trace.events);
    let statistics = world.player.statistics();
    let stalls = statistics.stalls.get(StallCause::Offline).expect("it stood still");
    assert_eq!(stalls.count, 1);
    assert!(stalls.time > Duration::from_secs(540), "{stalls:?}");
}

#[test]
fn it_goes_on_at_once_when_the_network_is_back() {
    let mut world = with_outage(5, 100);
    assert!(world.run_until(100, |world| world.now() > Duration::from_secs(99)));
    assert!(world.run_until(5, virtual_world::World::is_requesting));
    assert!(world.now() < Duration::from_millis(100_100), "{:?}", world.now());
}

#[test]
fn while_offline_nothing_wakes_the_engine_often() {
    let mut world = with_outage(5, 4_000);
    world.run_for(100_000);
    let timers = world.trace.timers;
    assert_eq!(world.player.activity(StreamId(0)), Some(Activity::Offline));
    world.run_for(1_000_000);
    // The playhead is looked at while it should move; two streams and their tables are tried every eight seconds.
    assert!(world.trace.timers - timers <= 4_001 + 4 * 1_000 / 8, "{}", world.trace.timers - timers);
}
