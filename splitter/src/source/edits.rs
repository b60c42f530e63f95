//! What an edit list with several entries comes to.
//!
//! Editors write one for each stretch that was kept, even where each begins where the one before ended: such stretches
//! are one. Where they are not, a player that follows edit lists leaves film out or shows some of it twice, which no
//! SourceBuffer does.

use std::path::Path;

use isobmff::{BoxRef, Edit, EditList, Track};

use super::SourceTrack;
use crate::{Error, Warning};

/// An edit list as the timeline takes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Settled {
    /// One stretch of media behind a delay; the first where they are several.
    list: EditList,
    /// Whether several stretches of media do not follow each other.
    has_cuts: bool,
    /// Whether some of the media is to be played at another speed.
    has_speeds: bool,
}

/// Ticks of the movie's clock by which stretches that follow each other may miss: each of two bounds is rounded to one.
const ROUNDING: i128 = 2;
/// Normal speed, 16.16 fixed point.
const NORMAL: i32 = 0x1_0000;

/// Makes the edit list of each track one stretch of media, as it stands in the `traks` of a movie with `movie` ticks a second.
///
/// # Errors
/// [`Error::Edits`] where that cannot be.
pub(super) fn settle(
    tracks: &mut [SourceTrack],
    traks: &[BoxRef<'_>],
    movie: u32,
    path: &Path,
) -> Result<Vec<Warning>, Error> {
    let in_box = |cause| Error::Box { path: path.to_owned(), cause };
    let mut warnings = Vec::new();
    for track in tracks.iter_mut() {
        let end = track.first_decode_time.saturating_add(track.table.ticks());
        if track.track.edits.media_time >= end && track.track.edits.media_time > 0 {
            let what = "has an edit list that begins behind its end; all of it is played instead";
            warnings.push(Warning::Mended { track: track.track.id, what });
            track.track.edits = EditList::default();
        }
    }
    for track in tracks.iter_mut().filter(|track| track.track.edits.complex) {
        let Track { id, timescale, .. } = track.track;
        let Some(trak) = traks.iter().find(|trak| Track::number(trak) == Some(id)) else { continue };
        let edits = entries(trak).map_err(in_box)?;
        let settled = joined(&edits, movie.into(), timescale.into());
        if settled.has_cuts {
            return Err(Error::Edits { path: path.to_owned(), track: id });
        }
        warnings.extend(settled.has_speeds.then_some(Warning::Edits { track: id }));
        track.track.edits = settled.list;
    }
    Ok(warnings)
}

fn entries(trak: &BoxRef<'_>) -> Result<Vec<Edit>, isobmff::Error> {
    match trak.find("edts")?.map_or(Ok(None), |edts| edts.find("elst"))? {
        Some(elst) => EditList::entries(&elst)?.collect(),
        None => Ok(Vec::new()),
    }
}

fn joined(edits: &[Edit], movie: i128, timescale: i128) -> Settled {
    let mut settled = Settled::default();
    let lasts = |edit: &&Edit| edit.duration > 0;
    let is_media = |edit: &&Edit| edit.media_time.is_some();
    // An edit without a length lasts to the end where it is the only one, and shows nothing beside others.
    let has_one = edits.iter().filter(is_media).count() == 1;
    let mut bounds: Option<(i128, i128)> = None;
    let mut has_hole = false;
    for edit in edits.iter().filter(|edit| lasts(edit) || (has_one && edit.media_time.is_some())) {
        let Some(media_time) = edit.media_time else {
            match bounds {
                None => settled.list.delay = settled.list.delay.saturating_add(edit.duration),
                Some(_) => has_hole = true,
            }
            continue;
        };
        settled.has_speeds |= edit.rate != NORMAL && lasts(&edit);
        let begin = i128::from(media_time);
        // Standing still, or going backwards.
        let is_stuck = edit.rate <= 0 && lasts(&edit);
        let takes = i128::from(edit.duration) * i128::from(edit.rate.max(0)) * timescale / (i128::from(NORMAL) * movie);
        let end = begin + takes;
        let (start, follows) = match bounds {
            None => (begin, true),
            Some((start, before)) => {
                (start, !has_hole && (begin - before).abs() * movie <= ROUNDING * timescale + movie)
            }
        };
        if is_stuck || !follows {
            settled.has_cuts = true;
            break;
        }
        bounds = Some((start, end));
    }
    if let Some((start, end)) = bounds {
        let ticks = ((end - start) * movie + timescale - 1) / timescale;
        settled.list.media_time = u64::try_from(start).unwrap_or(u64::MAX);
        settled.list.duration = u64::try_from(ticks).unwrap_or(u64::MAX);
    }
    settled.list.complex = settled.has_cuts || settled.has_speeds;
    settled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(duration: u64, media_time: Option<u64>) -> Edit {
        Edit { duration, media_time, rate: NORMAL }
    }

    /// Delay, media time and duration, and whether there are cuts: 1,000 ticks a second in the movie, 48,000 in the track.
    fn settled(edits: &[Edit]) -> (u64, u64, u64, bool) {
        let Settled { list, has_cuts, .. } = joined(edits, 1_000, 48_000);
        (list.delay, list.media_time, list.duration, has_cuts)
    }

    #[test]
    fn edits_that_follow_each_other_are_one() {
        let three = [edit(3_000, Some(1_024)), edit(3_000, Some(145_024)), edit(4_000, Some(289_024))];
        assert_eq!(settled(&three), (0, 1_024, 10_000, false));
        let rounded =
            [edit(500, None), edit(3_000, Some(0)), edit(3_000, Some(144_070)), edit(0, Some(9)), edit(7, None)];
        assert_eq!(settled(&rounded), (500, 0, 6_002, false));
        assert_eq!(settled(&[edit(0, Some(1_024))]), (0, 1_024, 0, false));
        assert_eq!(settled(&[edit(40, None), edit(9_000, Some(1_024))]), (40, 1_024, 9_000, false));
        assert_eq!(settled(&[]), (0, 0, 0, false));
    }

    #[test]
    fn edits_that_leave_out_repeat_or_wait_are_cuts() {
        let first = edit(3_000, Some(0));
        assert!(settled(&[first, edit(3_000, Some(240_000))]).3, "left out");
        assert!(settled(&[first, edit(3_000, Some(0))]).3, "twice");
        assert!(settled(&[first, edit(100, None), edit(3_000, Some(144_000))]).3, "a hole");
        assert!(settled(&[first, Edit { rate: 0, ..edit(100, Some(144_000)) }]).3, "a still");
    }

    #[test]
    fn another_speed_takes_as_much_more_media() {
        let slow =
            [edit(1_000, Some(0)), Edit { rate: NORMAL / 4, ..edit(4_000, Some(48_000)) }, edit(500, Some(96_000))];
        let settled = joined(&slow, 1_000, 48_000);
        assert_eq!((settled.list.duration, settled.has_cuts, settled.has_speeds), (2_500, false, true));
    }

    #[test]
    fn no_number_is_too_large() {
        let huge = Edit { duration: u64::MAX, media_time: Some(u64::MAX), rate: i32::MAX };
        let _ = joined(&[huge, huge], 1, i128::from(u32::MAX));
    }
}
