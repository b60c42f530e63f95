use super::*;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A member's clock, a room's, and a way between them.
struct Way {
    /// The room's clock less the member's at the beginning, microseconds.
    offset: i64,
    /// How much faster the room's runs, millionths.
    drift: i64,
    /// Each way at least, microseconds.
    delay: (i64, i64),
    /// The most that is added to it.
    jitter: i64,
    dice: fastrand::Rng,
}

impl Way {
    fn new(offset: i64, drift: i64, delay: i64, jitter: i64, seed: u64) -> Self {
        Self { offset, drift, delay: (delay, delay), jitter, dice: fastrand::Rng::with_seed(seed) }
    }

    fn truth(&self, now: Now) -> RoomTime {
        RoomTime::from_micros(now.as_micros() + self.offset + now.as_micros() * self.drift / 1_000_000)
    }

    fn probe(&mut self, clock: &mut Clock, sent: Now) -> bool {
        let mut way = |least| Span::from_micros(least + self.dice.i64(0..=self.jitter));
        let (there, back) = (way(self.delay.0), way(self.delay.1));
        let (received, answered) = (self.truth(sent + there), self.truth(sent + there + Span::from_micros(50)));
        clock.handle_echo(sent + there + back + Span::from_micros(50), sent, received, answered)
    }

    /// Probes as a member would for so long; gives back the time.
    fn run(&mut self, clock: &mut Clock, from: Now, span: Span) -> Now {
        let mut now = from;
        while now < from + span {
            clock.wake(now);
            if clock.poll_probe(now) {
                self.probe(clock, now);
            }
            now = clock.next_probe().max(now + Span::from_millis(1));
        }
        now
    }

    fn error(&self, clock: &Clock, now: Now) -> Span {
        (clock.room_time(now).expect("it is known") - self.truth(now)).abs()
    }
}

fn at(seconds: i64) -> Now {
    Now::from_micros(seconds * 1_000_000)
}

/// The `share` hundredth of errors over many seeds.
fn percentile(share: usize, error: impl Fn(u64) -> Span) -> Span {
    let mut errors: Vec<Span> = (0..400).map(error).collect();
    errors.sort_unstable();
    errors[errors.len() * share / 100]
}

#[test]
fn eight_probes_over_a_jittery_way_are_better_than_the_quickest_of_them() {
    let p95 = percentile(95, |seed| {
        let (mut way, mut clock) = (Way::new(1_000_000, 0, 5_000, 50_000, seed), Clock::new(seed));
        for n in 0..8 {
            way.probe(&mut clock, Now::from_micros(n * 120_000));
        }
        way.error(&clock, at(1))
    });
    // Taking the one of the shortest round trip is off by 13.8 ms.
    assert!(p95 < Span::from_millis(11), "{p95:?}");
}

#[test]
fn two_minutes_over_a_jittery_way_are_good_to_some_milliseconds_whatever_the_drift() {
    let p95 = percentile(95, |seed| {
        let drift = [-200, 0, 100, 200][seed as usize % 4];
        let (mut way, mut clock) = (Way::new(-7_000_000, drift, 5_000, 50_000, seed), Clock::new(seed));
        let now = way.run(&mut clock, at(0), Span::from_secs(120));
        way.error(&clock, now)
    });
    assert!(p95 < Span::from_millis(8), "{p95:?}");
}

#[test]
fn a_steady_way_is_good_to_a_fraction_of_a_millisecond() {
    let (mut way, mut clock) = (Way::new(123_456_789, 150, 40_000, 300, 1), Clock::new(1));
    let now = way.run(&mut clock, at(0), Span::from_secs(300));
    assert!(way.error(&clock, now) < Span::from_micros(500), "{:?}", way.error(&clock, now));
    let there = clock.room_time(now).expect("it is known");
    let back = clock.local(there).expect("it is known");
    assert!((back - now).abs() <= Span::from_micros(1));
}

#[test]
fn unequal_ways_cost_half_their_difference_and_the_bound_says_so() {
    let (mut way, mut clock) = (Way::new(0, 0, 10_000, 0, 1), Clock::new(1));
    way.delay.1 = 90_000;
    let now = way.run(&mut clock, at(0), Span::from_secs(10));
    let error = way.error(&clock, now);
    assert!((error - Span::from_millis(40)).abs() < Span::from_millis(1), "{error:?}");
    assert!(clock.offset(now).expect("it is known").1 >= error);
}

#[test]
fn a_clock_that_stood_still_while_the_laptop_slept_is_noticed_by_the_first_answer() {
    let (mut way, mut clock) = (Way::new(0, 0, 20_000, 5_000, 1), Clock::new(1));
    let now = way.run(&mut clock, at(0), Span::from_secs(60));
    // Ten minutes later; the member's clock has counted six seconds of them.
    way.offset += 594_000_000;
    let now = now + Span::from_secs(6);
    clock.wake(now);
    assert_eq!(clock.room_time(now), None, "nothing is certain after a sleep");
    assert!(clock.poll_probe(now));
    assert!(way.probe(&mut clock, now));
    assert_eq!(clock.jumps(), 1);
    let now = way.run(&mut clock, now + Span::from_millis(100), Span::from_secs(1));
    assert!(way.error(&clock, now) < Span::from_millis(3));
}

#[test]
fn a_sleep_that_the_clock_counted_is_over_with_the_first_answer() {
    let (mut way, mut clock) = (Way::new(0, 100, 20_000, 5_000, 1), Clock::new(1));
    let now = way.run(&mut clock, at(0), Span::from_secs(60)) + Span::from_secs(90);
    clock.wake(now);
    assert!(!way.probe(&mut clock, now));
    assert!(way.error(&clock, now) < Span::from_millis(9));
    assert_eq!(clock.jumps(), 0);
}

#[test]
fn nonsense_is_no_answer() {
    let mut clock = Clock::new(1);
    let room = RoomTime::from_micros;
    for (now, sent, received, answered) in [
        (at(1), at(2), room(0), room(0)),
        (at(2), at(1), room(9), room(0)),
        (at(2), at(1), room(0), room(5_000_000)),
        (at(99), at(1), room(0), room(0)),
        (at(1), at(1), room(i64::MIN), room(i64::MAX)),
        (at(2), at(1), room(i64::MAX), room(i64::MAX)),
        (at(2), at(1), room(i64::MIN), room(i64::MIN)),
    ] {
        clock.handle_echo(now, sent, received, answered);
        let _ = (clock.room_time(now), clock.offset(now), clock.local(received));
    }
}

proptest! {
    /// The bound holds whatever the way, its unequal parts and the drift; and no clock that was not set is taken for one.
    #[test]
    fn the_bound_is_honest(
        offset in -1_000_000_000_000_i64..1_000_000_000_000,
        drift in -200..=200_i64,
        there in 0..300_000_i64,
        back in 0..300_000_i64,
        jitter in 0..400_000_i64,
        seconds in 2..400_i64,
        silence in 0..60_i64,
        seed in any::<u64>(),
    ) {
        let (mut way, mut clock) = (Way::new(offset, drift, 0, jitter, seed), Clock::new(seed));
        way.delay = (there, back);
        let now = way.run(&mut clock, at(0), Span::from_secs(seconds));
        prop_assert_eq!(clock.jumps(), 0);
        let later = now + Span::from_secs(silence);
        if let Some((_, bound)) = clock.offset(later) {
            prop_assert!(way.error(&clock, later) <= bound, "{:?} {:?}", way.error(&clock, later), bound);
        }
    }
}
