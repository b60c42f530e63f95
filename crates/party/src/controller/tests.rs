use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn at(millis: i64) -> Now {
    Now::from_micros(1_000_000 + millis * 1_000)
}

fn sample(millis: i64, position: i64) -> Sample {
    Sample {
        position: MediaTime::from_millis(position),
        at: at(millis),
        paused: false,
        seeking: false,
        waiting: false,
        ended: false,
        rate: Rate::ONE,
        buffered: MediaTime::from_millis(20_000),
        is_all: false,
        growth: None,
    }
}

/// The room is at its beginning at the beginning.
fn course() -> Goal {
    Goal::Run(Timeline { position: MediaTime::ZERO, at: at(0), rate: Some(Rate::ONE) })
}

#[test]
fn a_correction_ends_with_the_steering() {
    for is_changed_by_hand in [false, true] {
        let (mut controller, mut effects) = (Controller::new(Profile::default()), Vec::new());
        let mut rate = Rate::ONE;
        for millis in (0..5_000).step_by(250) {
            let sample = Sample { rate, ..sample(millis, millis + 100) };
            controller.steer(at(millis), Stamp::default(), course(), &sample, &mut effects);
            if let Some((Effect::SetRate(set), _)) = effects.last() {
                rate = *set;
            }
        }
        assert_ne!(rate, Rate::ONE, "it is corrected");
        effects.clear();
        let rate = if is_changed_by_hand { Rate::FASTEST } else { rate };
        let last = Sample { rate, ..sample(5_000, 5_100) };
        controller.steer(at(5_000), Stamp::default(), Goal::Rest, &last, &mut effects);
        let settled = [(Effect::SetRate(Rate::ONE), Reason::Corrected)];
        assert_eq!(effects, if is_changed_by_hand { &[][..] } else { &settled });
        controller.steer(at(5_250), Stamp::default(), Goal::Rest, &last, &mut effects);
        assert!(effects.len() <= 1, "once");
    }
}

/// A start that was told late says nothing of how long this player takes.
#[test]
fn late_starts_are_not_taken_for_slow_ones() {
    let (mut controller, mut effects) = (Controller::new(Profile::default()), Vec::new());
    let usual = controller.start.expected();
    for turn in 0..20 {
        let stamp = Stamp { epoch: 1, rev: turn };
        controller = Controller { start: controller.start, ..Controller::new(Profile::default()) };
        // It is told 100 ms too late, and then takes what is usual.
        let begin = 100 - usual.as_micros() / 1_000;
        let paused = Sample { paused: true, ..sample(begin, 0) };
        controller.steer(at(begin), stamp, course(), &paused, &mut effects);
        for millis in (500..2_500).step_by(250) {
            controller.steer(at(millis), stamp, course(), &sample(millis, millis - 100), &mut effects);
        }
    }
    let off = controller.start.expected() - usual;
    assert!(off.abs() <= Span::from_millis(10), "{off:?}");
}

/// Drift with which a player has begun is gone soon; the same drift in the middle of the film goes as nobody hears it.
#[test]
fn a_player_that_begins_late_is_with_the_others_soon() {
    let (mut controller, mut effects) = (Controller::new(Profile::default()), Vec::new());
    let paused = Sample { paused: true, ..sample(0, 0) };
    controller.steer(at(0), Stamp::default(), course(), &paused, &mut effects);
    let mut steer = |from: i64, behind: i64| {
        let (mut rate, mut place, mut largest) = (Rate::ONE, (from - behind) * 1_000, 0);
        for millis in (from..from + 10_000).step_by(250) {
            let sample = Sample { rate, position: MediaTime::from_micros(place), ..sample(millis, 0) };
            effects.clear();
            controller.steer(at(millis), Stamp::default(), course(), &sample, &mut effects);
            if let Some((Effect::SetRate(set), _)) = effects.last() {
                rate = *set;
            }
            largest = largest.max((rate.film(Span::from_secs(1)).as_micros() - 1_000_000).abs());
            place += rate.film(Span::from_millis(250)).as_micros();
        }
        let left = place - (from + 10_000) * 1_000;
        assert!(left.abs() < 10_000, "{left} µs are left");
        largest
    };
    assert_eq!(steer(500, 60), 30_000);
    assert_eq!(steer(10_500, 60), 10_000);
}

/// A tab in the background is looked at once a second, and has begun late for the same reason.
#[test]
fn a_throttled_tab_that_begins_late_is_with_the_others_within_fifteen_seconds() {
    for late in (400..=900).step_by(50) {
        let (mut controller, mut effects) = (Controller::new(Profile::default()), Vec::new());
        let paused = Sample { paused: true, ..sample(late, 0) };
        // No seek is left.
        controller.attempts = ATTEMPTS;
        controller.stamp = Some(Stamp::default());
        controller.steer(at(late), Stamp::default(), course(), &paused, &mut effects);
        assert_eq!(effects, [(Effect::Play, Reason::InTime)]);
        let (mut rate, mut place) = (Rate::ONE, 0);
        for millis in (late..15_000).step_by(1_000) {
            let sample = Sample { rate, position: MediaTime::from_micros(place), ..sample(millis, 0) };
            effects.clear();
            controller.steer(at(millis), Stamp::default(), course(), &sample, &mut effects);
            if let Some((Effect::SetRate(set), _)) = effects.last() {
                rate = *set;
            }
            let left = place - millis * 1_000;
            assert!(millis < 13_800 || left.abs() < 100_000, "{left} µs are left of {late} ms after {millis} ms");
            place += rate.film(Span::from_secs(1)).as_micros();
        }
    }
}

/// It stands where the room is at a moment, and no seek is left.
fn stands_ahead(controller: &mut Controller, now: Now, until: Now) -> (Vec<(Effect, Reason)>, Option<Now>) {
    let mut effects = Vec::new();
    (controller.attempts, controller.stamp) = (ATTEMPTS, Some(Stamp::default()));
    let position = MediaTime::from_micros((until - at(0)).as_micros());
    let paused = Sample { paused: true, at: now, position, ..sample(0, 0) };
    let next = controller.steer(now, Stamp::default(), course(), &paused, &mut effects);
    (effects, next)
}

#[test]
fn a_player_whose_last_seek_lands_early_begins_in_time() {
    let mut controller = Controller::new(Profile::default());
    let start = at(1_200) - controller.start.expected();
    assert_eq!(stands_ahead(&mut controller, at(1_000), at(1_200)), (vec![], Some(start)));
}

/// Whose timers are late does not wait for the next one, until one has come in time.
#[test]
fn a_throttled_tab_whose_last_seek_lands_early_begins_at_once() {
    let mut controller = Controller::new(Profile::default());
    let begins = [(Effect::Play, Reason::InTime)];
    for (turn, (late, is_throttled)) in (0..).zip([(200, false), (700, true), (200, true), (0, false), (200, false)]) {
        let (begin, again) = (turn * 10_000, turn * 10_000 + 5_000);
        let (effects, next) = stands_ahead(&mut controller, at(begin), at(begin + 400));
        assert_eq!(effects, []);
        let timer = next.expect("it is not far") + Span::from_millis(late);
        assert_eq!(stands_ahead(&mut controller, timer, at(begin + 400)).0, begins);
        let (effects, next) = stands_ahead(&mut controller, at(again), at(again + 200));
        assert_eq!(effects == begins, is_throttled, "{late} ms late");
        if !is_throttled {
            let timer = next.expect("it is not far");
            assert_eq!(stands_ahead(&mut controller, timer, at(again + 200)).0, begins);
        }
    }
}

#[test]
fn how_late_a_player_began_is_known_within_two_thirds_of_a_second() {
    let (mut controller, mut effects) = (Controller::new(Profile::default()), Vec::new());
    let paused = Sample { paused: true, ..sample(0, 0) };
    let mut next = controller.steer(at(0), Stamp::default(), course(), &paused, &mut effects);
    assert_eq!(effects, [(Effect::Play, Reason::InTime)]);
    effects.clear();
    while effects.is_empty() {
        let now = next.expect("it wants to be called again");
        let since = (now - at(0)).as_micros() / 1_000;
        assert!(since < 670, "nothing is done by then");
        let plays = Sample { at: now, ..sample(0, since - 60) };
        next = controller.steer(now, Stamp::default(), course(), &plays, &mut effects);
    }
    let rate = Rate::ONE.nudged(30_000);
    assert_eq!(effects, [(Effect::SetRate(rate), Reason::Drift(Span::from_millis(-60)))]);
}

#[test]
fn what_a_stall_has_taken_is_made_up_for_by_a_seek_once_there_is_film_enough() {
    let (mut controller, mut effects) = (Controller::new(Profile::default()), Vec::new());
    let mut steer = |millis: i64, sample: Sample| {
        effects.clear();
        controller.steer(at(millis), Stamp::default(), course(), &sample, &mut effects);
        effects.clone()
    };
    for millis in (0..5_000).step_by(250) {
        assert_eq!(steer(millis, sample(millis, millis)), [], "it is where the room is");
    }
    for millis in (5_000..5_500).step_by(250) {
        steer(millis, Sample { waiting: true, ..sample(millis, 5_000) });
    }
    let is_seek = |effects: &[(Effect, Reason)]| effects.iter().any(|(effect, _)| matches!(effect, Effect::Seek(_)));
    for millis in (5_500..8_000).step_by(250) {
        let starved = Sample { buffered: MediaTime::from_millis(1_000), ..sample(millis, millis - 400) };
        assert!(!is_seek(&steer(millis, starved)), "it would stall again");
    }
    let effects = steer(8_000, sample(8_000, 7_600));
    assert!(is_seek(&effects) && effects[0].0 == Effect::Pause, "{effects:?}");
}

#[test]
fn a_seek_of_the_room_is_the_end_of_what_a_stall_has_taken() {
    let (mut controller, mut effects) = (Controller::new(Profile::default()), Vec::new());
    let mut steer = |millis: i64, stamp: Stamp, goal: Goal, sample: Sample| {
        effects.clear();
        controller.steer(at(millis), stamp, goal, &sample, &mut effects);
        effects.iter().any(|(effect, _)| matches!(effect, Effect::Seek(_)))
    };
    for millis in (0..2_000).step_by(250) {
        steer(millis, Stamp::default(), course(), sample(millis, millis));
    }
    steer(2_000, Stamp::default(), course(), Sample { waiting: true, ..sample(2_000, 2_000) });
    let elsewhere = Stamp { epoch: 1, rev: 1 };
    let place = MediaTime::from_millis(60_000);
    assert!(!steer(2_250, elsewhere, Goal::Stand(place), sample(2_250, 2_000)), "it stops first");
    let paused = |millis, position| Sample { paused: true, ..sample(millis, position) };
    assert!(steer(2_500, elsewhere, Goal::Stand(place), paused(2_500, 2_000)));
    assert!(!steer(2_750, elsewhere, Goal::Stand(place), paused(2_750, 60_000)));
    // It begins 110 ms late.
    let course = Goal::Run(Timeline { position: place, at: at(4_000), rate: Some(Rate::ONE) });
    let from = Stamp { epoch: 1, rev: 2 };
    assert!(!steer(3_990, from, course, paused(3_990, 60_000)));
    for millis in (4_250..6_000).step_by(250) {
        assert!(!steer(millis, from, course, sample(millis, 56_000 + millis - 110)), "at {millis} ms");
    }
}
