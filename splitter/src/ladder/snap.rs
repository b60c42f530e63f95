//! Rungs whose clock is another than the film's.
//!
//! Two files of one film that are made by different programs often have different time scales, and containers of milliseconds
//! round every time. Their keyframes are then at the same picture and never at the same tick. So a rung takes the film's time
//! scale, and where its keyframe is next to one of the film's it takes that one's time.

use isobmff::{Sample, SampleTable};

use super::borders::sync_times;
use crate::source::SourceTrack;
use crate::timing::Timing;
use crate::track::Track;

/// Seconds that two times of one picture may be apart: those of containers of milliseconds are each half a one off, and are rounded
/// once more when they are put into an MP4.
const NEAR: f64 = 0.0015;

/// Brings a rung, which has its place on the timeline, to the film's clock. One that is on it already stays as it is.
pub(super) fn snap(rung: &mut SourceTrack, timing: &mut Timing, film: &Track) {
    let (to, from) = (film.timing.timescale, timing.timescale);
    let wanted = sync_times(film);
    let near = (NEAR * f64::from(to)) as i64;
    let is_near = |time: i64, at: usize| wanted.get(at).is_some_and(|film| (film - time).abs() <= near);
    let mut moved = Vec::new();
    let (mut decode_time, mut is_same) = (timing.decode_start, to == from);
    for sample in rung.table.iter() {
        let mut presentation = rescale(timing.presentation(decode_time, &sample).into(), to, from);
        if sample.is_sync {
            let next = wanted.partition_point(|&film| film < presentation);
            let found = [next, next.wrapping_sub(1)].into_iter().find(|&at| is_near(presentation, at));
            if let Some(time) = found.map(|at| wanted[at]) {
                is_same &= time == presentation;
                presentation = time;
            }
        }
        moved.push((rescale(decode_time.into(), to, from), presentation, sample));
        decode_time = decode_time.saturating_add(u64::from(sample.duration));
    }
    if is_same {
        return;
    }
    let end = rescale(decode_time.into(), to, from);
    // Composition offsets count from the least, so that none is below zero.
    let media_time = moved.iter().map(|&(decoded, shown, _)| decoded - shown).max().unwrap_or(0).max(0);
    let ends = moved.iter().skip(1).map(|&(decoded, ..)| decoded).chain([end]);
    let mut table = SampleTable::default();
    table.set_description(rung.table.description());
    for (&(decoded, shown, sample), next) in moved.iter().zip(ends) {
        let duration = u32::try_from(next - decoded);
        let offset = i32::try_from(shown + media_time - decoded);
        // Nothing of the kind is in a film; what cannot be written stays as it was, and is found to share no time.
        let (Ok(duration), Ok(composition_offset)) = (duration, offset) else { return };
        table.push(Sample { duration, composition_offset, ..sample }).expect("no more samples than before");
    }
    let decode_start = moved.first().map_or(0, |&(decoded, ..)| decoded.unsigned_abs());
    *timing = Timing { timescale: to, decode_start, media_time: media_time.unsigned_abs() };
    rung.track.timescale = to;
    rung.table = table;
}

/// Ticks in another scale, rounded to the nearest.
fn rescale(ticks: i128, to: u32, from: u32) -> i64 {
    let (to, from) = (i128::from(to), i128::from(from));
    i64::try_from((ticks * to * 2 + from).div_euclid(from * 2)).unwrap_or(i64::MAX)
}
