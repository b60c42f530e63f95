use super::*;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const MILLIS: fn(u64) -> Duration = Duration::from_millis;

/// A link that has brought these bytes, each in a tenth of a second.
fn after(tenths: impl IntoIterator<Item = u64>) -> Throughput {
    let mut throughput = Throughput::new(800_000);
    for bytes in tenths {
        throughput.received(Source::Unknown, bytes, MILLIS(100));
    }
    throughput
}

fn forecast(throughput: &Throughput) -> Forecast {
    throughput.forecast().expect("something has come")
}

#[test]
fn nothing_is_known_of_a_link_that_has_brought_nothing() {
    let mut throughput = Throughput::new(800_000);
    assert_eq!(throughput.forecast(), None);
    throughput.answered(Source::BrowserCache, MILLIS(1));
    throughput.received(Source::BrowserCache, 1_000_000, MILLIS(1));
    throughput.completed();
    assert_eq!(throughput.forecast(), None, "what comes out of the browser's cache says nothing");
}

#[test]
fn a_steady_link_is_expected_to_go_on_and_trusted_with_most_of_it() {
    let forecast = forecast(&after([100_000; 100]));
    assert!(forecast.expected.abs_diff(1_000_000) < 10, "{forecast:?}");
    assert_eq!((forecast.low, forecast.shortfall), (permille(forecast.expected, LOW_MOST), Duration::ZERO));
}

#[test]
fn a_tenth_of_slow_moments_is_what_the_low_rate_tells() {
    // One half second in eight brings half as much.
    let forecast = forecast(&after((0..320).map(|tenth| if tenth / 5 % 8 == 0 { 50_000 } else { 100_000 })));
    assert!(forecast.low.abs_diff(500_000) < 5_000, "{forecast:?}");
}

#[test]
fn silence_is_news() {
    let mut throughput = after([100_000; 100]);
    throughput.received(Source::Unknown, 0, Duration::from_secs(6));
    let forecast = forecast(&throughput);
    assert!(forecast.expected < 300_000 && forecast.now < 20_000, "{forecast:?}");
    assert_eq!(forecast.shortfall, Duration::from_secs(6));
}

#[test]
fn a_shortfall_is_remembered_and_fades() {
    let mut throughput = after([100_000; 10]);
    throughput.received(Source::Unknown, 0, Duration::from_secs(10));
    for _ in 0..600 {
        throughput.received(Source::Unknown, 1_000_000, Duration::from_secs(1));
    }
    let shortfall = forecast(&throughput).shortfall;
    assert!(Duration::from_secs(7) < shortfall && shortfall < Duration::from_secs(9), "{shortfall:?}");
}

#[test]
fn a_shortfall_fades_alike_however_often_something_comes() {
    let after = |reads: u32| {
        let mut throughput = after([]);
        throughput.received(Source::Unknown, 0, Duration::from_secs(1));
        for _ in 0..reads {
            throughput.received(Source::Unknown, 1_000_000_000 / u64::from(reads), Duration::from_secs(1_000) / reads);
        }
        forecast(&throughput).shortfall.as_millis()
    };
    let (seldom, often) = (after(1_000), after(1_000_000));
    assert!((670..690).contains(&seldom) && (670..690).contains(&often), "{seldom} ms and {often} ms");
}

#[test]
fn a_quick_link_is_believed_after_a_few_short_transfers() {
    let mut throughput = after([20_000; 300]);
    for _ in 0..4 {
        throughput.received(Source::Unknown, 100_000, MILLIS(50));
        throughput.completed();
    }
    let expected = forecast(&throughput).expected;
    assert!(expected > 1_000_000, "{expected}");
}

#[test]
fn answers_of_the_edge_that_missed_count_for_the_share_that_they_are() {
    let mut throughput = after([1]);
    for _ in 0..16 {
        throughput.answered(Source::Hit, MILLIS(20));
    }
    assert_eq!(forecast(&throughput).latency, MILLIS(20));
    throughput.answered(Source::Miss, MILLIS(420));
    assert_eq!(forecast(&throughput).latency, MILLIS(70), "an eighth of 400 ms more");
    throughput.answered(Source::BrowserCache, MILLIS(1));
    assert_eq!(forecast(&throughput).latency, MILLIS(70));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn nothing_that_comes_makes_it_panic_or_contradict_itself(
        lowest in any::<u64>(),
        news in proptest::collection::vec((any::<u64>(), 0..u64::MAX / 1_000_000, any::<bool>()), 0..40),
    ) {
        let mut throughput = Throughput::new(lowest);
        for (bytes, micros, is_over) in news {
            throughput.answered(Source::Unknown, Duration::from_micros(micros));
            throughput.received(Source::Unknown, bytes, Duration::from_micros(micros));
            if is_over {
                throughput.completed();
            }
            if let Some(forecast) = throughput.forecast() {
                prop_assert!(forecast.low <= forecast.expected, "{forecast:?}");
            }
        }
    }
}
