use super::*;
use crate::{Group, Limit, Rung};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SECONDS: fn(u64) -> Duration = Duration::from_secs;

/// Rungs of 1, 2, 4 and 8 Mbit/s.
const RUNGS: [Rung; 4] = [rung(1), rung(2), rung(4), rung(8)];

const fn rung(mbit: u64) -> Rung {
    Rung { bits_per_second: mbit * 1_000_000, height: 0, is_smooth: true }
}

/// A link that never falters, of that rate in Mbit/s.
fn link(mbit: f64) -> Forecast {
    let expected = (mbit * 125_000.0) as u64;
    let latency = Duration::from_millis(30);
    Forecast { expected, low: permille(expected, 800), now: expected, latency, shortfall: Duration::ZERO }
}

/// Chooses with `ready` seconds of at most twenty-five in the buffer, after `last` was held for long.
fn choose(last: usize, link: &Forecast, ready: u64) -> Choice {
    choose_of(&[&[] as &[u64]; 6], last, link, ready)
}

/// The same, with groups of two seconds of these sizes; what is missing has its rung's average.
fn choose_of(sizes: &[&[u64]], last: usize, link: &Forecast, ready: u64) -> Choice {
    let groups: Vec<_> = sizes.iter().map(|bytes| Group { length: SECONDS(2), bytes }).collect();
    let mut chooser = Chooser { last: Some(RungId(last)), held_for: SECONDS(60) };
    let ahead = Ahead { rungs: &RUNGS, groups: &groups };
    chooser.choose(&ahead, Some(link), &Limits::default(), SECONDS(ready), SECONDS(25))
}

#[test]
fn a_link_that_carries_everything_gets_the_highest() {
    let choice = choose(0, &link(50.0), 10);
    assert_eq!(choice, Choice { rung: RungId(3), why: Why::Rises, next: None });
    assert_eq!(choice.to_string(), "rung 3: the link carries more than the one before takes; there is no higher one");
}

#[test]
fn a_rung_is_held_on_what_lies_ready_and_left_before_that_is_gone() {
    assert_eq!(choose(3, &link(6.0), 25).rung, RungId(3));
    let choice = choose(3, &link(6.0), 8);
    assert_eq!((choice.rung, choice.why), (RungId(2), Why::Falls));
    assert!(matches!(choice.next, Some(Obstacle::Drains { .. })), "{choice}");
}

#[test]
fn where_little_lies_ready_a_quick_link_need_not_go_down() {
    // After a start or a seek one group lies ready, less than is to be left of a buffer that holds more.
    assert_eq!(choose(3, &link(50.0), 2).rung, RungId(3));
    assert_eq!(choose(3, &link(9.0), 2).why, Why::Falls);
}

#[test]
fn rising_takes_more_than_staying() {
    assert_eq!(choose(3, &link(6.0), 15).rung, RungId(3));
    assert_eq!(choose(2, &link(6.0), 15).rung, RungId(2));
}

#[test]
fn nothing_rises_that_was_changed_just_now() {
    let groups = [Group { length: SECONDS(2), bytes: &[] }; 6];
    let ahead = Ahead { rungs: &RUNGS, groups: &groups };
    let mut chooser = Chooser::new();
    let mut choose =
        |mbit, ready| chooser.choose(&ahead, Some(&link(mbit)), &Limits::default(), SECONDS(ready), SECONDS(25)).rung.0;
    assert_eq!((choose(50.0, 24), choose(0.5, 4)), (3, 0));
    assert_eq!((choose(50.0, 24), choose(50.0, 24)), (0, 3), "four seconds of film lie between the two changes");
}

#[test]
fn the_sizes_of_the_coming_groups_decide_not_the_average() {
    let average = choose(2, &link(6.0), 10);
    assert_eq!(average.rung, RungId(2));
    let small: &[u64] = &[100_000, 200_000, 300_000, 400_000];
    assert_eq!(choose_of(&[small; 6], 2, &link(6.0), 10).rung, RungId(3));
    let large: &[u64] = &[250_000, 500_000, 9_000_000, 18_000_000];
    let choice = choose_of(&[large; 6], 2, &link(6.0), 10);
    assert_eq!(choice.rung, RungId(1));
    assert!(matches!(choice.next, Some(Obstacle::Risky { .. })), "{choice}");
}

#[test]
fn a_link_that_has_fallen_silent_before_is_met_with_more() {
    let silent = Forecast { shortfall: SECONDS(40), ..link(6.0) };
    assert_eq!(choose(3, &silent, 15).rung, RungId(2));
}

#[test]
fn a_link_that_has_fallen_behind_before_is_believed_to_do_so_again() {
    let slower = Forecast { now: 250_000, ..link(6.0) };
    assert_eq!(choose(3, &slower, 17).rung, RungId(3), "it has always come back");
    assert_eq!(choose(3, &Forecast { shortfall: SECONDS(1), ..slower }, 17).rung, RungId(1));
}

/// With a reserve of fifteen seconds in a buffer of forty, over a link that has never fallen behind.
fn choose_with_reserve(last: usize, mbit: f64, ready: u64) -> Choice {
    let groups = [Group { length: SECONDS(2), bytes: &[] }; 6];
    let mut chooser = Chooser { last: Some(RungId(last)), held_for: SECONDS(60) };
    let ahead = Ahead { rungs: &RUNGS, groups: &groups };
    chooser.choose(&ahead, Some(&link(mbit)), &Limits::default(), SECONDS(ready), SECONDS(40))
}

#[test]
fn until_the_reserve_is_full_something_is_put_by_for_it() {
    // 4.4 Mbit/s carry the rung of 4, and leave a tenth; 7 leave three quarters.
    assert_eq!(choose_with_reserve(2, 4.4, 8).rung, RungId(1));
    assert_eq!(choose_with_reserve(2, 7.0, 8).rung, RungId(2));
    assert_eq!(choose_with_reserve(2, 4.4, 16).rung, RungId(2), "it is full");
    assert_eq!(choose_with_reserve(0, 50.0, 4).rung, RungId(3), "it will soon be");
}

#[test]
fn the_reserve_is_not_played_with() {
    // Fourteen seconds of it, or beyond it.
    assert_eq!(choose(3, &link(6.0), 14).rung, RungId(3));
    assert_eq!(choose_with_reserve(3, 6.0, 14).rung, RungId(2));
    assert_eq!(choose_with_reserve(3, 6.0, 15 + 14).rung, RungId(3));
}

#[test]
fn a_small_step_up_takes_little_more_than_staying() {
    let groups = [Group { length: SECONDS(2), bytes: &[] }; 6];
    let ahead = Ahead { rungs: &[rung(5), rung(6)], groups: &groups };
    let rung = |ready| {
        let mut chooser = Chooser { last: Some(RungId(0)), held_for: SECONDS(60) };
        chooser.choose(&ahead, Some(&link(4.9)), &Limits::default(), SECONDS(ready), SECONDS(25)).rung.0
    };
    // 17.7 s stay of 20; 16.3 s are needed to hold the upper one, and 1.4 s more to enter it.
    assert_eq!((rung(19), rung(20)), (0, 1));
}

#[test]
fn limits_hold_and_say_so() {
    let groups = [Group { length: SECONDS(2), bytes: &[] }; 6];
    let ahead = Ahead { rungs: &RUNGS, groups: &groups };
    let limits = Limits { max_bits_per_second: Some(2_500_000), ..Limits::default() };
    let mut chooser = Chooser { last: Some(RungId(3)), held_for: SECONDS(60) };
    let choice = chooser.choose(&ahead, Some(&link(50.0)), &limits, SECONDS(20), SECONDS(25));
    assert_eq!((choice.rung, choice.why), (RungId(1), Why::Limited));
    assert_eq!(choice.next, Some(Obstacle::Limit(Limit::MaxRate(2_500_000))));
    let text = "rung 1: the one before is no longer wanted; not rung 2: no more than 2500 kbit/s are wanted";
    assert_eq!(choice.to_string(), text);
}

#[test]
fn without_a_forecast_the_rung_stays() {
    let groups = [Group { length: SECONDS(2), bytes: &[] }; 6];
    let ahead = Ahead { rungs: &RUNGS, groups: &groups };
    let mut chooser = Chooser { last: Some(RungId(1)), held_for: SECONDS(60) };
    let choice = chooser.choose(&ahead, None, &Limits::default(), SECONDS(20), SECONDS(25));
    assert_eq!(choice, Choice { rung: RungId(1), why: Why::Stays, next: Some(Obstacle::Unknown) });
}

#[test]
fn a_film_without_rungs_or_groups_has_the_lowest() {
    let ahead = Ahead { rungs: &[], groups: &[] };
    let choice = Chooser::new().choose(&ahead, Some(&link(1.0)), &Limits::default(), Duration::MAX, Duration::MAX);
    assert_eq!(choice.rung, RungId::LOWEST);
}
