//! Silence in front of sound that begins late.
//!
//! Where sound begins late, browsers show none of the pictures before it: a SourceBuffer that has nothing where the film
//! begins holds up the other, in Chromium from a second on and in Firefox always. So silence is put there, where it is known
//! how that is coded: whole frames, of which the first begins less than one before the film, as the priming of sound does. The
//! sound itself keeps its bytes and its times.

use isobmff::{Sample, SampleTable, SilentFrame, TrackKind};

use crate::Error;
use crate::source::{Input, SourceTrack};
use crate::timing::Timing;

/// Seconds without sound at the beginning that cost no picture: one of 50 in a second.
const TOLERANCE_SECONDS: f64 = 0.02;
/// Frames of silence in a film at most, in all its tracks: six hours of AAC at 96 kHz. An edit list can claim centuries in a
/// few bytes.
pub(crate) const MOST_FRAMES: u64 = 2_025_000;

/// Fills the time in front of a track's sound, if it begins late, with at most `left` frames, which become fewer by those; how
/// much silence that took, in seconds.
///
/// # Errors
/// When the sample entry of the track is damaged.
pub(crate) fn fill(
    track: &mut SourceTrack,
    timing: &mut Timing,
    input: &mut Input,
    left: &mut u64,
) -> Result<Option<f64>, Error> {
    let first = track.table.iter().next().filter(|_| track.track.kind == TrackKind::Audio);
    let Some(first) = first else { return Ok(None) };
    let late = timing.presentation(timing.decode_start, &first);
    if timing.seconds(late) <= TOLERANCE_SECONDS {
        return Ok(None);
    }
    let frames = frames(track, input)?;
    let frame = track.entry().map_or(Ok(None), |entry| SilentFrame::of(&entry?, timing.timescale, &frames));
    let Some(frame) = frame.map_err(|cause| Error::Box { path: input.path.clone(), cause })? else { return Ok(None) };
    let Some(lengths) = lengths(&frame, timing.timescale, late.unsigned_abs(), *left) else { return Ok(None) };
    if lengths.len() as u64 + u64::from(track.table.count()) > u64::from(SampleTable::MAX_SAMPLES) {
        return Ok(None);
    }
    *left -= lengths.len() as u64;
    let size = u32::try_from(frame.bytes.len()).expect("a frame of silence has a few bytes");
    let offset = input.add_behind(&frame.bytes);
    let mut table = SampleTable::default();
    let silent = lengths.iter().map(|&duration| Sample { offset, size, duration, is_sync: true, ..first });
    silent.chain(track.table.iter()).for_each(|sample| table.push(sample).expect("they were counted"));
    table.set_description(track.table.description());
    track.table = table;
    let ticks = lengths.iter().map(|&ticks| u64::from(ticks)).sum::<u64>();
    // The decoder's clock begins earlier, and where it would begin below zero, all of it is later.
    let below = ticks.saturating_sub(timing.decode_start);
    timing.decode_start = timing.decode_start.saturating_sub(ticks);
    timing.media_time = timing.media_time.saturating_add(below);
    Ok(Some(ticks as f64 / f64::from(timing.timescale)))
}

/// The first frame of a track and others that lie evenly in it, by which it is known how all of them are coded.
fn frames(track: &SourceTrack, input: &Input) -> Result<Vec<Vec<u8>>, Error> {
    let step = track.table.count().div_ceil(SilentFrame::FRAMES).max(1);
    let chosen = track.table.iter().step_by(step as usize).take(SilentFrame::FRAMES as usize);
    chosen
        .map(|sample| {
            let mut frame = vec![0; sample.size.min(SilentFrame::FRAME_BYTES) as usize];
            input.read_exact_at(&mut frame, sample.offset)?;
            Ok(frame)
        })
        .collect()
}

/// How long each frame of silence is, from the first on, that it takes to fill `late` ticks: whole ticks, so that all together
/// are as long as they should be. `None` where it takes more than `most`, or the clock is too coarse.
fn lengths(frame: &SilentFrame, timescale: u32, late: u64, most: u64) -> Option<Vec<u32>> {
    let (samples, rate) = (u128::from(frame.samples), u128::from(frame.rate));
    let ticks = samples * u128::from(timescale);
    let count = (u128::from(late) * rate).div_ceil(ticks);
    let count = u64::try_from(count).ok().filter(|&count| ticks >= rate && count <= most)?;
    // Counted from the end, where the sound is.
    let begins = |number: u64| u128::from(number) * ticks / rate;
    let length = |number: u64| u32::try_from(begins(number) - begins(number - 1)).ok();
    (1..=count).rev().map(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AAC: SilentFrame = SilentFrame { bytes: Vec::new(), samples: 1_024, rate: 48_000 };

    #[test]
    fn whole_frames_that_leave_nothing_open() {
        assert_eq!(lengths(&AAC, 48_000, 1_024 * 3, MOST_FRAMES), Some(vec![1_024; 3]));
        assert_eq!(lengths(&AAC, 48_000, 1_024 * 3 - 1, MOST_FRAMES), Some(vec![1_024; 3]));
        assert_eq!(lengths(&AAC, 96_000, 48_000, MOST_FRAMES), Some(vec![2_048; 24]));
    }

    #[test]
    fn frames_that_are_no_whole_ticks_do_not_drift() {
        let lengths = lengths(&AAC, 1_000, 10_000, MOST_FRAMES).expect("they fit");
        assert_eq!((lengths.len(), lengths.iter().sum::<u32>()), (469, 10_005));
        assert!(lengths.iter().all(|ticks| (21..=22).contains(ticks)));
    }

    #[test]
    fn no_claim_of_a_file_takes_much_room() {
        assert_eq!(lengths(&AAC, 48_000, u64::MAX, MOST_FRAMES), None);
        assert_eq!(lengths(&AAC, 48_000, 1_024 * 5, 5), Some(vec![1_024; 5]));
        assert_eq!(lengths(&AAC, 48_000, 1_024 * 5 + 1, 5), None);
        assert_eq!(lengths(&AAC, 1, 1 << 40, MOST_FRAMES), None);
        assert_eq!(lengths(&AAC, u32::MAX, u64::MAX, MOST_FRAMES), None);
    }
}
