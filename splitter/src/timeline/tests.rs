//! Timelines of made-up tracks.

use isobmff::Init;
use proptest::prelude::*;

use super::*;

/// A track of a made-up film: 1,000 ticks a second on both clocks.
fn track(kind: TrackKind, edits: EditList, samples: &[(u32, i32, bool)]) -> SourceTrack {
    let read = Init::parse(include_bytes!("../../../fuzz/corpus/boxes/prog.mp4")).expect("a real film's headers");
    let mut track = read.tracks[0].clone();
    (track.kind, track.timescale, track.edits) = (kind, 1_000, edits);
    let mut table = SampleTable::default();
    for &(duration, composition_offset, is_sync) in samples {
        table.push(Sample { offset: 0, size: 1, duration, composition_offset, is_sync }).expect("few");
    }
    SourceTrack::made_up(track, table)
}

/// Presentation times in decode order.
fn shown(track: &SourceTrack, timing: Timing) -> Vec<i64> {
    let mut decode_time = timing.decode_start;
    let sample = |sample: Sample| {
        let shown = timing.presentation(decode_time, &sample);
        decode_time += u64::from(sample.duration);
        shown
    };
    track.table.iter().map(sample).collect()
}

fn place_one(mut track: SourceTrack) -> Vec<i64> {
    let timings = place(std::slice::from_mut(&mut track), 1_000, false, (0, 1)).expect("placeable").timings;
    shown(&track, timings[0])
}

fn edit(delay: u64, media_time: u64, duration: u64) -> EditList {
    EditList { delay, media_time, duration, complex: false }
}

const PICTURE: (u32, i32, bool) = (40, 0, false);
const KEY: (u32, i32, bool) = (40, 0, true);

#[test]
fn a_lone_late_track_begins_at_zero() {
    assert_eq!(place_one(track(TrackKind::Video, edit(500, 0, 0), &[KEY, PICTURE])), [0, 40]);
    assert_eq!(place_one(track(TrackKind::Audio, edit(500, 0, 0), &[KEY, KEY])), [0, 40]);
}

#[test]
fn what_cannot_be_decoded_is_left_out() {
    assert_eq!(place_one(track(TrackKind::Video, edit(0, 0, 0), &[PICTURE, PICTURE, KEY, PICTURE])), [0, 40]);
    let mut without = track(TrackKind::Video, edit(0, 0, 0), &[PICTURE, PICTURE]);
    let refused = place(std::slice::from_mut(&mut without), 1_000, false, (0, 1));
    assert!(matches!(refused, Err((_, Unplaceable::NoSync))));
}

#[test]
fn trimmed_beginnings_and_ends_are_not_shown() {
    // Twenty pictures, keyframes at 0 and 400 ms; shown is what begins from 480 ms to 640 ms, rounded up.
    let mut samples = vec![PICTURE; 20];
    (samples[0], samples[10]) = (KEY, KEY);
    let mut trimmed = track(TrackKind::Video, edit(0, 480, 160), &samples);
    let timing = place(std::slice::from_mut(&mut trimmed), 1_000, false, (0, 1)).expect("placeable").timings[0];
    let milliseconds: Vec<_> =
        shown(&trimmed, timing).into_iter().map(|ticks| ticks * 1_000 / i64::from(timing.timescale)).collect();
    assert_eq!(milliseconds, [0, 1, 2, 40, 80, 120, 160]);
    assert_eq!(trimmed.table.samples(0..1).next().map(|first| first.is_sync), Some(true));
}

#[test]
fn priming_of_sound_stays_before_zero() {
    assert_eq!(place_one(track(TrackKind::Audio, edit(0, 50, 0), &[KEY; 4])), [-50, -10, 30, 70]);
}

#[test]
fn times_beyond_every_clock_are_refused() {
    let mut late = track(TrackKind::Video, edit(0, u64::MAX, 0), &[KEY]);
    let refused = place(std::slice::from_mut(&mut late), 1_000, false, (0, 1));
    assert!(matches!(refused, Err((_, Unplaceable::Beyond))));
}

proptest! {
    /// Whatever the edit lists say: no stream begins with a gap but late sound, no offset is negative, and pictures keep
    /// their distance to the sound but for those that are squeezed or held.
    #[test]
    fn tracks_begin_at_zero_together(
        delays in [0..2_000_u64, 0..2_000_u64],
        media_times in [0..600_u64, 0..90_u64],
        offsets in prop::collection::vec(-120..240_i32, 30),
        every in 1..15_usize,
    ) {
        let pictures: Vec<_> = offsets.iter().enumerate().map(|(at, &offset)| (40, offset, at % every == 0)).collect();
        let mut tracks = [
            track(TrackKind::Video, edit(delays[0], media_times[0], 0), &pictures),
            track(TrackKind::Audio, edit(delays[1], media_times[1], 0), &[KEY; 40]),
        ];
        let timings = place(&mut tracks, 1_000, false, (0, 1)).expect("placeable").timings;
        let [video, audio] = [0, 1].map(|at| shown(&tracks[at], timings[at]));
        prop_assert_eq!(video.iter().min(), Some(&0));
        for track in &tracks {
            prop_assert!(track.table.iter().all(|sample| sample.composition_offset >= 0));
        }
        let late = delays[1].saturating_sub(delays[0]);
        prop_assert!(audio[0] <= i64::try_from(late).expect("small"), "late by more than the film says");
    }
}
