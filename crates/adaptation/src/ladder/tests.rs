use super::*;
use crate::reason::Obstacle;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const SECOND: Duration = Duration::from_secs(1);

/// Three rungs of 1, 4 and 16 Mbit/s in groups of two seconds, of which the middle one is the default.
fn ladder() -> Ladder {
    let rung = |megabits: u64| Rung { bits_per_second: megabits * 1_000_000, height: 0, is_smooth: true };
    let bytes = |megabits: u64| megabits * 250_000;
    let groups =
        (0..100).map(|at| Entry { start: SECOND * 2 * at, length: SECOND * 2, bytes: [1, 4, 16].map(bytes).into() });
    Ladder::new([1, 4, 16].map(rung).into(), groups.collect(), 0, RungId(1))
}

/// A group from `rung` with `ready` seconds before it.
fn place(rung: usize, ready: u32) -> Place {
    let (start, playhead) = (SECOND * 40, SECOND * (40 - ready));
    Place { rung: RungId(rung), start, playhead, goal: SECOND * 25, goal_bytes: 60_000_000, rate: 1.0 }
}

/// Has as many bytes come within each of some seconds as make that rate.
fn receive(ladder: &mut Ladder, seconds: u32, megabits: u64) {
    for second in 0..seconds {
        ladder.begin_read(SECOND * second);
        ladder.end_read(SECOND * (second + 1), Source::Unknown, megabits * 125_000);
        ladder.completed();
    }
}

/// The same as browsers tell it: after an answer's bytes its end is awaited, and brings none.
fn answer(ladder: &mut Ladder, seconds: std::ops::Range<u32>, megabits: u64) {
    for second in seconds {
        let (begin, end) = (SECOND * second, SECOND * (second + 1));
        let last = end - Duration::from_millis(1);
        ladder.begin_read(begin);
        ladder.end_read(last, Source::Unknown, megabits * 125_000);
        ladder.begin_read(last);
        ladder.end_read(end, Source::Unknown, 0);
        ladder.completed();
    }
}

#[test]
fn where_nothing_is_known_the_default_begins() {
    let choice = ladder().choose(&Place { playhead: SECOND * 41, ..place(1, 0) });
    assert_eq!((choice.rung, choice.next), (RungId(1), Some(Obstacle::Unknown)));
}

#[test]
fn a_quick_link_begins_high_and_a_slow_one_low() {
    for (megabits, rung) in [(500, 2), (10, 0)] {
        let mut ladder = ladder();
        receive(&mut ladder, 10, megabits);
        // The picture is at the end of a group, of which all has to come.
        let choice = ladder.choose(&Place { playhead: SECOND * 42 - Duration::from_millis(1), ..place(0, 0) });
        assert_eq!((choice.rung, choice.why), (RungId(rung), Why::Start), "{megabits} Mbit/s");
    }
}

#[test]
fn what_is_wanted_is_chosen_and_kept() {
    let mut ladder = ladder();
    receive(&mut ladder, 10, 1);
    ladder.wanted = Some(RungId(2));
    let choice = ladder.choose(&place(0, 4));
    assert_eq!((choice.rung, choice.to_string()), (RungId(2), "rung 2: it is wanted".to_owned()));
    assert_eq!(ladder.doubt(SECOND * 10, &place(2, 1), 4_000_000), None);
}

#[test]
fn at_double_speed_half_as_much_lies_ready() {
    let chosen = |rate| {
        let mut ladder = ladder();
        receive(&mut ladder, 20, 18);
        ladder.choose(&Place { rate, ..place(2, 8) }).rung
    };
    assert_eq!((chosen(1.0), chosen(2.0)), (RungId(2), RungId(1)));
}

#[test]
fn a_browser_that_takes_little_keeps_the_highest_away() {
    let mut ladder = ladder();
    receive(&mut ladder, 20, 200);
    let choice = ladder.choose(&Place { goal_bytes: 8_000_000, ..place(1, 20) });
    assert_eq!(choice.rung, RungId(1));
    assert!(matches!(choice.next, Some(Obstacle::Limit(crate::Limit::Quota(8_000_000)))), "{choice}");
}

#[test]
fn a_group_is_given_up_once_its_link_has_fallen_silent() {
    let mut ladder = ladder();
    receive(&mut ladder, 20, 20);
    ladder.begin_read(SECOND * 20);
    assert_eq!(ladder.doubt(SECOND * 20, &place(2, 4), 3_000_000), None, "1.2 s are to come");
    let given_up = ladder.doubt(SECOND * 23, &place(2, 3), 3_000_000).expect("nothing has come for three seconds");
    assert!(given_up.rung < RungId(2) && given_up.why == Why::GivenUp, "{given_up}");
}

#[test]
fn the_first_group_is_given_up_only_where_it_would_come_more_slowly_than_it_plays() {
    let given_up = |megabits| {
        let mut ladder = ladder();
        receive(&mut ladder, 10, megabits);
        let place = Place { playhead: SECOND * 40, ..place(1, 0) };
        ladder.doubt(SECOND * 10, &place, 900_000).map(|choice| choice.rung)
    };
    assert_eq!((given_up(4), given_up(3)), (None, Some(RungId(0))));
}

#[test]
fn a_read_that_was_not_told_of_ends_nothing() {
    let mut ladder = ladder();
    ladder.end_read(SECOND, Source::Unknown, 1_000);
    assert_eq!(ladder.forecast(), None);
}

#[test]
fn a_rung_that_somebody_else_has_chosen_is_gone_on_from() {
    let mut ladder = ladder();
    receive(&mut ladder, 20, 6);
    assert_eq!(ladder.choose(&place(1, 20)).rung, RungId(1));
    let choice = ladder.choose(&place(0, 2));
    assert!(choice.rung < RungId(1), "{choice}");
}

#[test]
fn that_an_answer_ends_without_bytes_is_no_link_that_has_fallen_behind() {
    let after = |silence: u32| {
        let mut ladder = ladder();
        ladder.begin_read(Duration::ZERO);
        ladder.end_read(SECOND * silence, Source::Unknown, 0);
        answer(&mut ladder, silence..silence + 30, 20);
        answer(&mut ladder, silence + 30..silence + 32, 3);
        ladder.choose(&place(2, 11)).rung
    };
    assert_eq!(after(0), RungId(2), "it has always come back");
    assert!(after(1) < RungId(2), "it has been silent for a second");
}

#[test]
fn what_comes_beside_the_pictures_takes_its_part_of_the_link() {
    let Ladder { film: Known { rungs, groups, .. }, .. } = ladder();
    let chosen = |sound: u64| {
        let mut ladder = Ladder::new(rungs.clone(), groups.clone(), sound, RungId(1));
        receive(&mut ladder, 20, 5);
        ladder.choose(&place(1, 6)).rung
    };
    assert_eq!((chosen(0), chosen(2_000_000)), (RungId(1), RungId(0)));
}
