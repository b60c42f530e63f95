//! What holds over any link, in the smallest world that has one: steps of a tenth of a second, in each of which a link carries some bytes.

use std::time::Duration;

use adaptation::{Ahead, Chooser, Forecast, Group, HORIZON, Limits, Rung, RungId, Source, Throughput, UnderWay};
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const STEP: Duration = Duration::from_millis(100);
const CAPACITY: Duration = Duration::from_secs(25);

/// A film of this number of groups, of two seconds each.
#[derive(Clone, Debug)]
struct Film {
    rungs: Vec<Rung>,
    sizes: Vec<Vec<u64>>,
}

const LENGTH: Duration = Duration::from_secs(2);

impl Film {
    fn new(kbps: &[u64], groups: usize, seed: u64) -> Self {
        let rungs = kbps.iter().map(|rate| Rung { bits_per_second: rate * 1_000, height: 0, is_smooth: true });
        let mut random = fastrand::Rng::with_seed(seed);
        let sizes = (0..groups).map(|_| {
            let scene = random.u64(600..1_400);
            kbps.iter().map(|rate| rate * 125 * 2 * scene / 1_000).collect()
        });
        Self { rungs: rungs.collect(), sizes: sizes.collect() }
    }
}

/// What came of playing.
#[derive(Debug, Default, PartialEq)]
struct Played {
    stalled: Duration,
    rungs: Vec<RungId>,
    reasons: Vec<String>,
    received: u64,
    thrown: u64,
}

/// Plays a film over a link of these bytes, each in a step.
fn play(film: &Film, mut link: impl FnMut() -> u64) -> Played {
    let mut throughput = Throughput::new(film.rungs[0].bits_per_second);
    let (mut chooser, mut played, mut ready) = (Chooser::new(), Played::default(), Duration::ZERO);
    for group in 0..film.sizes.len() {
        while ready + LENGTH > CAPACITY {
            link();
            ready -= STEP;
        }
        let ahead = film.sizes[group..].iter().take(HORIZON);
        let groups: Vec<_> = ahead.map(|bytes| Group { length: LENGTH, bytes }).collect();
        let ahead = Ahead { rungs: &film.rungs, groups: &groups };
        let (forecast, limits) = (throughput.forecast(), Limits::default());
        let mut choice = match group {
            0 => chooser.start(&ahead, &[], forecast.as_ref(), &limits, RungId::LOWEST),
            _ => chooser.choose(&ahead, forecast.as_ref(), &limits, ready, CAPACITY),
        };
        let mut got = 0;
        loop {
            played.reasons.push(choice.to_string());
            let bytes = film.sizes[group][choice.rung.0];
            let came = link().min(bytes - got);
            got += came;
            played.received += came;
            throughput.received(Source::Unknown, came, STEP);
            if group > 0 {
                played.stalled += STEP.saturating_sub(ready);
            }
            ready = ready.saturating_sub(STEP);
            if got == bytes {
                break;
            }
            let forecast = throughput.forecast().expect("time has passed");
            let under_way = UnderWay { rung: choice.rung, left: bytes - got };
            if let Some(lower) = chooser.give_up(&ahead, &forecast, under_way, ready) {
                throughput.completed();
                played.thrown += got;
                (choice, got) = (lower, 0);
            }
        }
        throughput.completed();
        ready += LENGTH;
        played.rungs.push(choice.rung);
    }
    played
}

const LADDER: [u64; 6] = [300, 700, 1_500, 3_000, 6_000, 12_000];

/// Jumps at random between `least` kbit/s and a hundred times as many, each of which lasts for up to twenty seconds.
fn jumping(least: u64, seed: u64) -> impl FnMut() -> u64 {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut rate, mut left) = (0, 0);
    move || {
        if left == 0 {
            (rate, left) = (least << random.u32(0..7), random.u32(5..200));
        }
        left -= 1;
        rate * 125 / 10
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn a_link_that_always_carries_the_lowest_rung_by_a_margin_never_stalls(seed in any::<u64>(), scenes in any::<u64>()) {
        // Groups of up to 1.4 times the average, and twice that for a margin.
        let film = Film::new(&LADDER, 150, scenes);
        let played = play(&film, jumping(LADDER[0] * 14 / 10 * 2, seed));
        prop_assert_eq!(played.stalled, Duration::ZERO, "{:?}", played.rungs);
    }

    #[test]
    fn rungs_are_changed_a_bounded_number_of_times(seed in any::<u64>(), scenes in any::<u64>(), least in 100_u64..3_000) {
        let played = play(&Film::new(&LADDER, 150, scenes), jumping(least, seed));
        for minute in played.rungs.windows(30) {
            let rises = minute.windows(2).filter(|pair| pair[1] > pair[0]).count();
            let falls = minute.windows(2).filter(|pair| pair[1] < pair[0]).count();
            prop_assert!(rises <= 15 && rises + falls <= 20, "{rises} up and {falls} down: {minute:?}");
        }
    }

    #[test]
    fn equal_links_make_equal_choices(seed in any::<u64>(), least in 100_u64..3_000) {
        let film = Film::new(&LADDER, 60, seed);
        prop_assert_eq!(play(&film, jumping(least, seed)), play(&film, jumping(least, seed)));
    }

    #[test]
    fn no_question_makes_it_panic_or_choose_what_there_is_not(
        rates in proptest::collection::vec(any::<u64>(), 0..12),
        bytes in proptest::collection::vec(any::<u64>(), 0..12),
        lengths in proptest::collection::vec(any::<u64>(), 0..12),
        numbers in proptest::array::uniform8(any::<u64>()),
    ) {
        let rungs: Vec<_> = rates.iter().map(|rate| Rung { bits_per_second: *rate, height: 0, is_smooth: true }).collect();
        let length = |micros: &u64| Group { length: Duration::from_micros(*micros), bytes: &bytes };
        let groups: Vec<_> = lengths.iter().map(length).collect();
        let ahead = Ahead { rungs: &rungs, groups: &groups };
        let [expected, low, now, latency, shortfall, ready, capacity, left] = numbers;
        let micros = Duration::from_micros;
        let link = Forecast { expected, low, now, latency: micros(latency), shortfall: micros(shortfall) };
        let (mut chooser, limits) = (Chooser::new(), Limits::default());
        let start = chooser.start(&ahead, &bytes, Some(&link), &limits, RungId(rates.len()));
        let choice = chooser.choose(&ahead, Some(&link), &limits, micros(ready), micros(capacity));
        prop_assert!(start.rung.0 < rates.len().max(1) && choice.rung.0 < rates.len().max(1));
        let under_way = UnderWay { rung: RungId(rates.len()), left };
        if let Some(lower) = chooser.give_up(&ahead, &link, under_way, micros(ready)) {
            prop_assert!(lower.rung < under_way.rung);
        }
        let _ = choice.to_string();
    }
}

#[test]
fn little_is_thrown_away() {
    let film = Film::new(&LADDER, 300, 1);
    let (mut received, mut thrown) = (0, 0);
    for seed in 0..50 {
        let played = play(&film, jumping(300, seed));
        (received, thrown) = (received + played.received, thrown + played.thrown);
    }
    assert!(thrown * 50 <= received, "{thrown} of {received} bytes");
}
