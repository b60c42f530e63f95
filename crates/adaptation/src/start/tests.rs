use super::*;
use crate::{Group, Rung};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const RUNGS: [Rung; 3] = [Rung { bits_per_second: 1_000_000, height: 0, is_smooth: true }; 3];

fn start(first: &[u64], link: Option<u64>, default: usize) -> Choice {
    let groups = [Group { length: Duration::from_secs(2), bytes: &[200_000, 800_000, 3_000_000] }];
    let ahead = Ahead { rungs: &RUNGS, groups: &groups };
    let zero = Duration::ZERO;
    let link = link.map(|low| Forecast { expected: low * 2, low, now: low, latency: zero, shortfall: zero });
    Chooser::new().start(&ahead, first, link.as_ref(), &Limits::default(), RungId(default))
}

#[test]
fn where_nothing_is_known_the_publisher_has_chosen() {
    let choice = start(&[], None, 1);
    assert_eq!(choice, Choice { rung: RungId(1), why: Why::Start, next: Some(Obstacle::Unknown) });
    assert_eq!(start(&[], None, 9).rung, RungId(2), "there is no such rung");
}

#[test]
fn a_quick_link_starts_high_and_a_slow_one_low() {
    assert_eq!(start(&[], Some(50_000_000), 0).rung, RungId(2));
    assert_eq!(start(&[], Some(10_000_000), 0).rung, RungId(1));
    let choice = start(&[], Some(500_000), 2);
    let later = Some(Obstacle::Later(Duration::from_millis(1_200)));
    assert_eq!(choice, Choice { rung: RungId(0), why: Why::Start, next: later });
}

#[test]
fn what_counts_are_the_bytes_up_to_the_first_picture() {
    assert_eq!(start(&[50_000, 70_000, 90_000], Some(500_000), 0).rung, RungId(2));
}
