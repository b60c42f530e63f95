//! Plans of made-up tables.

use super::*;
use proptest::prelude::*;

fn sample(size: u32, duration: u32, is_sync: bool) -> Sample {
    Sample { offset: 0, size, duration, composition_offset: 0, is_sync }
}

fn lengths(samples: &[Sample], target: u64) -> Vec<usize> {
    cut(samples, target).map(<[_]>::len).collect()
}

#[test]
fn a_group_is_cut_evenly() {
    assert_eq!(lengths(&[sample(1, 1_000, false); 48], 12_000), [12; 4]);
    assert_eq!(lengths(&[sample(1, 1_000, false); 50], 12_000), [13, 12, 13, 12]);
    assert_eq!(lengths(&[sample(1, 1_000, false); 5], 12_000), [5]);
    assert_eq!(lengths(&[sample(1, 90_000, false); 3], 12_000), [1; 3]);
    assert_eq!(lengths(&[sample(1, 0, false); 3], 12_000), [3]);
}

#[test]
fn a_fragment_of_too_many_bytes_is_cut_once_more() {
    let half = u32::try_from(LARGEST_FRAGMENT / 2).expect("small");
    assert_eq!(lengths(&[sample(half, 1_000, false); 12], 12_000), [2; 6]);
    assert_eq!(lengths(&[sample(half / 2, 1_000, false); 48], 12_000), [4; 12]);
    assert_eq!(lengths(&[sample(5 * half, 1_000, false); 3], 12_000), [1; 3], "a sample is never cut");
}

proptest! {
    #[test]
    fn no_sample_is_lost(durations in prop::collection::vec(0..50_000_u32, 1..200), target in 1..20_000_u64) {
        let samples: Vec<_> = durations.iter().map(|&duration| sample(1, duration, false)).collect();
        let again: Vec<_> = cut(&samples, target).flatten().copied().collect();
        prop_assert_eq!(again, samples);
    }

    #[test]
    fn starts_advance(durations in prop::collection::vec(0..3_000_u32, 1..200), every in 1..30_usize) {
        let timing = Timing { timescale: 1_000, decode_start: 0, media_time: 0 };
        let mut table = SampleTable::default();
        for (at, &duration) in durations.iter().enumerate() {
            table.push(sample(1, duration, at % every == 0)).expect("few");
        }
        let mut starts = Starts::new(&table, timing, 500, None);
        let (mut time, mut last) = (0, None);
        for sample in table.iter() {
            if starts.at(&sample, time, time.cast_signed()) {
                prop_assert!(last < Some(time));
                prop_assert!(sample.is_sync);
                last = Some(time);
            }
            time += u64::from(sample.duration);
        }
    }
}
