use super::*;
use crate::{Group, Rung};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Rungs of 1, 2 and 4 MB a group.
const SIZES: [u64; 3] = [1_000_000, 2_000_000, 4_000_000];

/// The highest rung is under way over a link that now brings `kilobytes` in a second.
fn give_up(left: u64, kilobytes: u64, ready: u64) -> Option<usize> {
    let rung = Rung { bits_per_second: 1, height: 0, is_smooth: true };
    let groups = [Group { length: Duration::from_secs(4), bytes: &SIZES }];
    let ahead = Ahead { rungs: &[rung; 3], groups: &groups };
    let (now, zero) = (kilobytes * 1_000, Duration::ZERO);
    let link = Forecast { expected: now.max(1_000_000), low: 500_000, now, latency: zero, shortfall: zero };
    let under_way = UnderWay { rung: RungId(2), left };
    let choice = Chooser::new().give_up(&ahead, &link, under_way, Duration::from_secs(ready));
    choice.map(|choice| choice.rung.0)
}

#[test]
fn what_comes_in_time_is_waited_for() {
    assert_eq!(give_up(3_900_000, 1_000, 10), None);
    assert_eq!(give_up(3_900_000, 500, 10), None);
}

#[test]
fn with_little_ready_half_of_it_is_enough() {
    assert_eq!(give_up(1_200_000, 2_500, 1), None, "0.48 s of one");
    assert_eq!(give_up(1_200_000, 2_300, 1), Some(0), "0.52 s of one");
    assert_eq!(give_up(1_200_000, 2_300, 0), Some(0), "nothing lies ready");
}

#[test]
fn what_is_played_while_it_comes_has_as_long_as_it_plays() {
    for millis in [1, 700, 1_500, 4_000] {
        let span = Duration::from_millis(millis);
        let ready = buffer_for(span);
        assert_eq!(ready - margin(ready), span);
    }
}

#[test]
fn what_does_not_is_given_up_for_the_highest_that_does() {
    assert_eq!(give_up(3_900_000, 450, 10), Some(1), "2 MB come in less than half of ten seconds");
    assert_eq!(give_up(3_900_000, 300, 10), Some(0));
}

#[test]
fn nothing_is_given_up_for_more_bytes_than_are_left() {
    assert_eq!(give_up(1_000_000, 100, 5), None);
    assert_eq!(give_up(1_200_000, 100, 5), Some(0));
}

#[test]
fn a_link_that_has_fallen_silent_is_left_for_the_lowest() {
    assert_eq!(give_up(3_900_000, 0, 20), Some(0));
}

#[test]
fn the_lowest_is_never_given_up() {
    let ahead = Ahead { rungs: &[], groups: &[] };
    let link = Forecast { expected: 0, low: 0, now: 0, latency: Duration::ZERO, shortfall: Duration::ZERO };
    let under_way = UnderWay { rung: RungId::LOWEST, left: u64::MAX };
    assert_eq!(Chooser::new().give_up(&ahead, &link, under_way, Duration::ZERO), None);
}
