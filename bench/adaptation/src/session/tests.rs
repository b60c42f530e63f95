use super::*;
use crate::link::Period;
use crate::rules;

/// One group of four seconds after the other, in rungs of 1 and 2 Mbit/s.
fn film(groups: usize) -> Film {
    Film { group_ms: 4_000.0, kbps: vec![1_000.0, 2_000.0], bits: vec![vec![4e6, 8e6]; groups] }
}

fn link(periods: &[(f64, f64)]) -> Trace {
    let period = |(duration_ms, bandwidth_kbps): &(f64, f64)| Period {
        duration_ms: *duration_ms,
        bandwidth_kbps: *bandwidth_kbps,
        latency_ms: 100.0,
    };
    Trace::new(periods.iter().map(period).collect()).expect("it carries something")
}

struct Always(usize);

impl Rule for Always {
    fn choose(&mut self, _view: &View<'_>) -> (usize, f64) {
        (self.0, 0.0)
    }
}

/// Gives every group up once, when a second has passed.
struct Fickle(Option<usize>);

impl Rule for Fickle {
    fn choose(&mut self, view: &View<'_>) -> (usize, f64) {
        (usize::from(self.0 != Some(view.group)), 0.0)
    }

    fn gives_up(&mut self, view: &View<'_>, transfer: &Transfer) -> bool {
        let gives_up = self.0 != Some(view.group) && transfer.millis >= 1_000.0;
        self.0 = if gives_up { Some(view.group) } else { self.0 };
        gives_up
    }
}

#[test]
fn a_link_that_carries_half_stalls_for_the_other_half() {
    // Each group takes 8.1 s and plays for 4.
    let outcome = play(&film(10), &link(&[(1e3, 1_000.0)]), 20e3, &mut Always(1));
    assert_eq!((outcome.start.round(), outcome.stalls), (8_100.0, 9));
    assert_eq!((outcome.stalled.round(), outcome.length.round()), (9.0 * 4_100.0, 10.0 * 8_100.0 + 4_000.0));
}

#[test]
fn a_full_buffer_carries_over_as_much_as_lies_ready() {
    // At the tenth second 18 s lie ready at most; then comes silence for half a minute.
    let silence = link(&[(10e3, 8_000.0), (30e3, 0.0), (1e6, 8_000.0)]);
    let outcome = play(&film(20), &silence, 20e3, &mut Always(0));
    assert_eq!(outcome.stalls, 1);
    assert!((10e3..15e3).contains(&outcome.stalled), "{outcome:?}");
}

#[test]
fn what_is_given_up_is_thrown_away_and_fetched_lower() {
    let outcome = play(&film(5), &link(&[(1e3, 4_000.0)]), 20e3, &mut Fickle(None));
    assert_eq!(outcome.rungs, [1, 0, 0, 0, 0], "the first group is not asked about");
    assert!((outcome.thrown - 4.0 * 0.9 * 4e6).abs() < 1e6, "{outcome:?}");
    assert!((outcome.received - outcome.thrown - 8e6 - 4.0 * 4e6).abs() < 1.0, "{outcome:?}");
}

#[test]
fn nobody_stalls_for_less_than_the_oracle() {
    for set in crate::sets::own().expect("the project's own links are sound") {
        for (name, trace) in &set.links {
            let oracle = crate::oracle::play(&set.film, trace, 20e3);
            for player in crate::PLAYERS {
                let outcome = crate::play(player, &set.film, trace, 20e3);
                // A later start moves everything along the link.
                assert!(outcome.stalled + 2e3 >= oracle.stalled, "{player} on {name}: {}", outcome.stalled);
                assert_eq!(outcome.rungs.len(), set.film.bits.len());
            }
        }
    }
}

#[test]
fn a_steady_link_lets_every_rule_play_without_a_stall() {
    let film = film(40);
    let steady = link(&[(1e3, 3_000.0)]);
    let mut all: [Box<dyn Rule>; 6] = [
        Box::new(rules::throughput::Throughput::new()),
        Box::<rules::bba::Bba>::default(),
        Box::new(rules::bola::Bola::new()),
        Box::new(rules::bola_e::BolaE::new(&film, 25e3)),
        Box::new(rules::dynamic::Dynamic::new()),
        Box::new(crate::ours::Ours::new(&film)),
    ];
    for rule in &mut all {
        let outcome = play(&film, &steady, 25e3, rule.as_mut());
        assert_eq!((outcome.stalls, outcome.rungs.last()), (0, Some(&1)), "{outcome:?}");
    }
}
