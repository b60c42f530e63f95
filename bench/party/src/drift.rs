//! How far apart viewers are, from what each has shown. Times are milliseconds of the machine's clock.

use player_bench::quantile;

use crate::track::Track;

/// Milliseconds between two looks at a room.
pub(crate) const STEP: f64 = 100.0;

/// Distance from the others within which a window counts as together with them, in milliseconds.
pub(crate) const BAND: f64 = 40.0;

/// Milliseconds within the band after which a window has come into it.
const STAY: f64 = 1_000.0;

/// Moments from `from` up to `to`.
fn moments(from: f64, to: f64, step: f64) -> impl Iterator<Item = f64> {
    (0..).map(move |n| from + f64::from(n) * step).take_while(move |at| *at < to)
}

/// How far apart the two are that are furthest apart, at each moment at which all are somewhere.
pub(crate) fn spread(tracks: &[&Track], from: f64, to: f64) -> Vec<(f64, f64)> {
    let at = |wall: f64| {
        let places = tracks.iter().map(|track| track.place_at(wall)).collect::<Option<Vec<f64>>>()?;
        let (least, most) = bounds(&places)?;
        Some((wall, (most - least) * 1e3))
    };
    moments(from, to, STEP).filter_map(at).collect()
}

fn bounds(values: &[f64]) -> Option<(f64, f64)> {
    let least = values.iter().copied().reduce(f64::min)?;
    Some((least, values.iter().copied().reduce(f64::max)?))
}

/// How far a newcomer is ahead of the others, in milliseconds: of the middle one of them. `None` while it is nowhere.
pub(crate) fn ahead(newcomer: &Track, others: &[&Track], wall: f64) -> Option<f64> {
    let places: Vec<f64> = others.iter().filter_map(|other| other.place_at(wall)).collect();
    quantile(&places, 0.5).zip(newcomer.place_at(wall)).map(|(middle, own)| (own - middle) * 1e3)
}

/// How long after `from` a newcomer is with the others, and stays there. `None` when it is not before `to`.
pub(crate) fn entry(newcomer: &Track, others: &[&Track], from: f64, to: f64) -> Option<f64> {
    const FINE: f64 = 20.0;
    let mut since = None;
    for at in moments(from, to, FINE) {
        let is_with_them = ahead(newcomer, others, at).is_some_and(|ahead| ahead.abs() <= BAND);
        since = is_with_them.then(|| since.unwrap_or(at));
        if let Some(since) = since.filter(|since| at - since >= STAY) {
            return Some(since - from);
        }
    }
    None
}

/// How far apart the first frames are that move again after `command`: of each viewer what its first frame says about when it began,
/// and of those the first and the last. `target` is where a seek went. `None` when one of them never moves.
pub(crate) fn start_spread(tracks: &[&Track], command: f64, target: Option<f64>) -> Option<f64> {
    /// Seconds from where the film stands from which on a frame has moved: the frame at which it stands begins before that place.
    const ONE_FRAME: f64 = 0.03;
    /// Seconds from where the film stands beyond which a frame belongs to another place.
    const BEYOND: f64 = 10.0;
    let begins = tracks.iter().map(|track| {
        let held = target.or_else(|| track.last_before(command).map(|frame| frame.media))?;
        let begins = |media: f64| (held + ONE_FRAME..held + BEYOND).contains(&media);
        let first = track.first_after(command, |frame| begins(frame.media))?;
        Some(first.wall - first.media * 1e3)
    });
    let (first, last) = bounds(&begins.collect::<Option<Vec<f64>>>()?)?;
    Some(last - first)
}

/// The share of time within which the rate is no more than `tolerance` from 1. `rates` are changes, in order; before the first it is 1.
pub(crate) fn share_near_one(rates: &[(f64, f64)], tolerance: f64, from: f64, to: f64) -> f64 {
    let begins = [(from, 1.0)].into_iter().chain(rates.iter().map(|(at, rate)| (at.clamp(from, to), *rate)));
    let pieces: Vec<(f64, f64)> = begins.chain([(to, 1.0)]).collect();
    let near = pieces.windows(2).filter(|piece| (piece[0].1 - 1.0).abs() <= tolerance + 1e-9);
    near.map(|piece| piece[1].0 - piece[0].0).sum::<f64>() / (to - from)
}

/// For a picture: for each `span` of milliseconds its median and its worst, from 0 on.
pub(crate) fn by_span(samples: &[(f64, f64)], from: f64, span: f64) -> Vec<[f64; 3]> {
    let number = |at: f64| ((at - from) / span).floor();
    let groups = samples.chunk_by(|one, other| number(one.0) == number(other.0));
    let of = |group: &[(f64, f64)]| {
        let values: Vec<f64> = group.iter().map(|sample| sample.1).collect();
        Some([number(group[0].0) * span / 1e3, quantile(&values, 0.5)?, quantile(&values, 1.0)?])
    };
    groups.filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::tests::playing;

    fn tracks(begins: &[(f64, f64)]) -> Vec<Track> {
        let track = |(media, wall): &(f64, f64)| {
            let mut track = Track::default();
            track.add(playing(*media, *wall, 10));
            track
        };
        begins.iter().map(track).collect()
    }

    #[test]
    fn the_spread_is_that_of_the_furthest_two() {
        let tracks = tracks(&[(0.0, 0.0), (0.0, 13.0), (0.0, -20.0)]);
        let samples = spread(&tracks.iter().collect::<Vec<_>>(), 1_000.0, 5_000.0);
        assert_eq!(samples.len(), 40);
        assert!(samples.iter().all(|(_, apart)| (apart - 33.0).abs() < 1e-6), "{samples:?}");
    }

    #[test]
    fn where_one_of_them_is_nowhere_nothing_is_said() {
        let mut tracks = tracks(&[(0.0, 0.0), (0.0, 0.0)]);
        tracks[1].add(playing(100.0, 12_000.0, 1));
        assert_eq!(spread(&tracks.iter().collect::<Vec<_>>(), 10_000.0, 14_000.0), []);
    }

    #[test]
    fn who_passes_through_the_band_has_not_come_into_it() {
        let others = tracks(&[(0.0, 0.0), (0.0, 8.0), (0.0, -8.0)]);
        let others: Vec<&Track> = others.iter().collect();
        let mut newcomer = Track::default();
        // 300 ms late, for half a second right, late again, and right from 4 s on.
        newcomer.add(playing(1.0, 1_300.0, 1).chain(playing(2.4, 2_400.0, 1).take(12)));
        newcomer.add(playing(2.9, 3_100.0, 1).take(12).chain(playing(4.0, 4_000.0, 5)));
        let after = entry(&newcomer, &others, 500.0, 9_000.0).expect("it comes");
        assert!((3_480.0..=3_540.0).contains(&after), "{after}");
        assert_eq!(entry(&newcomer, &others, 500.0, 4_500.0), None, "not for long enough");
    }

    #[test]
    fn first_frames_are_held_against_each_other_whichever_they_are() {
        let stood = |track: &mut Track, begin: f64| {
            track.add(playing(60.0, 11_000.0, 1).take(1));
            track.add(playing(60.0, begin, 2).skip(1));
        };
        let mut tracks = tracks(&[(0.0, 0.0), (0.0, 0.0)]);
        stood(&mut tracks[0], 12_000.0);
        stood(&mut tracks[1], 12_030.0);
        let both: Vec<&Track> = tracks.iter().collect();
        let apart = start_spread(&both, 10_500.0, Some(60.0)).expect("both begin");
        assert!((apart - 30.0).abs() < 1e-6, "{apart}");
        let apart = start_spread(&both, 11_500.0, None).expect("both begin");
        assert!((apart - 30.0).abs() < 1e-6, "after a pause: {apart}");
        assert_eq!(start_spread(&both, 10_500.0, Some(80.0)), None);
    }

    #[test]
    fn the_share_of_time_near_the_common_rate() {
        let rates = [(2_000.0, 1.05), (3_000.0, 1.01), (6_000.0, 0.98), (7_000.0, 1.0)];
        let share = share_near_one(&rates, 0.01, 0.0, 10_000.0);
        assert!((share - 0.8).abs() < 1e-9, "{share}");
        let share = share_near_one(&rates, 0.01, 2_500.0, 3_500.0);
        assert!((share - 0.5).abs() < 1e-9, "what was before counts: {share}");
    }

    #[test]
    fn a_picture_has_a_median_and_a_worst_for_each_span() {
        let samples = [(1_000.0, 3.0), (1_100.0, 5.0), (1_200.0, 4.0), (2_900.0, 9.0)];
        assert_eq!(by_span(&samples, 1_000.0, 1_000.0), [[0.0, 4.0, 5.0], [1.0, 9.0, 9.0]]);
    }
}
