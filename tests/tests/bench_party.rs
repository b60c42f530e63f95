//! The harness of the benchmark of watching together: two windows come into one room and are held against each other. How far apart
//! they are is nobody's concern here.

use party_bench::{Outcome, SCENARIOS};

const DRIFT: &str = "drift p95, ms";

/// Long enough for dozens of frames; on a machine that has more to do than it can, a longer time.
const MINUTES: [f64; 3] = [0.03, 0.06, 0.12];

#[test]
fn two_windows_are_measured() {
    let (bench, _directory) = end_to_end::party_bench().expect("what is measured");
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == "steady-two").expect("there is one");
    let play = |minutes: &f64| bench.run(scenario, *minutes, &mut |_| Ok(())).expect("it is played");
    let mut outcomes = MINUTES.iter().map(play);
    let outcome: Outcome = outcomes.find(|outcome| outcome.value(DRIFT).is_some()).expect("both show the film at once");
    let drift = outcome.value(DRIFT).expect("it is there");
    assert!((0.0..30_000.0).contains(&drift), "{outcome:?}");
    assert!(!outcome.drift.is_empty() && outcome.value("corrective seeks").is_some(), "{outcome:?}");
    assert!(party_bench::picture(&[outcome]).contains("Two Chromium"), "a picture");
}
