//! What tables say wrongly and a browser plays all the same, put right.

use isobmff::{Sample, SampleTable, TrackKind};

use super::SourceTrack;
use crate::Warning;

/// Mends what one track's own table shows.
pub(super) fn table(track: &mut SourceTrack, warnings: &mut Vec<Warning>) {
    let id = track.track.id;
    if track.track.kind == TrackKind::Audio && track.track.entry().codec != "mp4a.40.42" {
        // But for xHE-AAC, every sample of sound can be decoded by itself, whatever a table says.
        track.table.set_syncs(|_| true);
    }
    if track.table.iter().any(|sample| sample.size == 0) {
        leave_out_empty(track);
        let what = "has samples without a byte; they are left out, and the ones before them last longer";
        warnings.push(Warning::Mended { track: id, what });
    }
}

/// A sample without bytes is an error to decoders, which then show nothing up to the next keyframe.
fn leave_out_empty(track: &mut SourceTrack) {
    let mut kept = SampleTable::default();
    kept.set_description(track.table.description());
    let mut last: Option<Sample> = None;
    for sample in track.table.iter() {
        if sample.size > 0 {
            kept.push(sample).expect("no more samples than before");
            last = Some(sample);
        } else if let Some(last) = &mut last {
            last.duration = last.duration.saturating_add(sample.duration);
            kept.set_last_duration(last.duration);
        } else {
            track.first_decode_time = track.first_decode_time.saturating_add(u64::from(sample.duration));
        }
    }
    track.table = kept;
}

/// Shortens last samples that end long after everything else: as long as the film, as the headers say, or as the sample
/// before.
pub(super) fn ends(tracks: &mut [SourceTrack], warnings: &mut Vec<Warning>) {
    let ends: Vec<_> = tracks.iter().map(|track| seconds(track, track.table.ticks())).collect();
    for (at, track) in tracks.iter_mut().enumerate() {
        let others = ends.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, end)| *end);
        let longest_other =
            others.fold(None, |longest: Option<f64>, end| Some(longest.map_or(end, |one| one.max(end))));
        if let Some(duration) = true_end(track, longest_other) {
            track.table.set_last_duration(duration);
            warnings.push(Warning::Mended {
                track: track.track.id,
                what: "has a last sample that lasts for hours; it ends with the film",
            });
        }
    }
}

/// The duration of the last sample, where the one that the table says is absurd.
fn true_end(track: &SourceTrack, longest_other: Option<f64>) -> Option<u32> {
    /// The least duration of an absurd last sample, in durations of the one before it.
    const TIMES: u32 = 16;
    /// Seconds after the end of every other track above which a last sample is absurd: a last picture that stays is shorter.
    const LATE: f64 = 600.0;
    let count = track.table.count();
    let mut last = track.table.samples(count.checked_sub(2)?..count).map(|sample| sample.duration);
    let (before, last) = (last.next()?, last.next()?);
    if last / TIMES < before.max(1) {
        return None;
    }
    let begin = track.table.ticks() - u64::from(last);
    let said = track.track.duration;
    // The headers of a track whose samples come in fragments say nothing.
    let is_beyond_header = said > begin && said < begin + u64::from(last);
    if is_beyond_header && !track.is_in_fragments {
        return u32::try_from(said - begin).ok();
    }
    let end = seconds(track, track.table.ticks());
    let is_alone = longest_other.is_some_and(|other| end > other + LATE && seconds(track, begin) <= other + LATE);
    is_alone.then_some(before.max(1))
}

fn seconds(track: &SourceTrack, ticks: u64) -> f64 {
    ticks.saturating_add(track.first_decode_time) as f64 / f64::from(track.track.timescale)
}
