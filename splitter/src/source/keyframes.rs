//! Where decoding can start: what the pictures of H.264, H.265, AV1, VP8 and VP9 say counts, not what the tables say of them.
//!
//! 1. The samples that the table calls sync samples are looked at; all samples are where it calls each one so, or where none of those
//!    that it calls so is one.
//! 2. The samples in front of the first sync sample are looked at, and those between two that are far apart.
//! 3. In H.264, only IDR pictures count: Chromium starts at no other, and drops what it cannot start at.

use isobmff::{Picture, Sample, SampleTable};

use super::{Input, SourceTrack};
use crate::{Error, Warning};

/// Seconds between two sync samples above which the samples between them are looked at.
const FAR: u64 = 10;

/// What a look at the pictures has shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Keyframes {
    /// Pictures that begin an open GOP and no group: an H.264 decoder that has nothing else cannot show all that follows.
    pub(crate) passed_over: u32,
    /// Whether groups begin where pictures behind may need the group before.
    pub(crate) open_gop: bool,
}

/// Corrects the sync samples of a track.
pub(super) fn settle(input: &Input, track: &mut SourceTrack, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    let Some(format) = track.pictures else { return Ok(()) };
    let mut heads = Heads { input, buffer: vec![0; Heads::BYTES], filled: (0, 0) };
    let mut look =
        |sample: &Sample| format.picture(u64::from(sample.size), |at, buffer| heads.read(sample.offset + at, buffer));
    let table = &track.table;
    let is_called = |sample: &Sample| sample.is_sync;
    let mut is_told = table.iter().any(|sample| is_called(&sample)) && !(table.is_all_sync() && table.count() > 1);
    let called = u32::try_from(table.iter().filter(is_called).count()).unwrap_or(u32::MAX);
    let mut needs_others = false;
    let mut see = |is_told: bool| -> Result<Vec<(u32, Picture)>, Error> {
        let mut seen = Vec::new();
        needs_others = false;
        for (at, sample) in (0..).zip(table.iter()).filter(|(_, sample)| !is_told || is_called(sample)) {
            // What cannot be looked at is what it is called.
            let picture = look(&sample)?.or(Some(Picture::Intra).filter(|_| is_told));
            needs_others |= picture == Some(Picture::Dependent);
            seen.extend(picture.map(|picture| (at, picture)).filter(|(_, picture)| *picture != Picture::Dependent));
        }
        Ok(seen)
    };
    let mut seen = see(is_told)?;
    let none_is_right = is_told && seen.is_empty();
    if none_is_right {
        is_told = false;
        seen = see(is_told)?;
    }
    let Some(mut found) = Found::of(seen, format.is_h264(), is_told) else {
        // Refreshed bit by bit, as live streams are: the tables are the best that there is.
        track.keyframes.open_gop = needs_others;
        return Ok(());
    };
    if is_told {
        let between = far_apart(table, &found.starts, track.track.timescale);
        for (at, sample) in between.into_iter().flat_map(|range| (range.start..).zip(table.samples(range))) {
            match look(&sample)? {
                Some(Picture::Closed) => found.starts.push((at, Picture::Closed)),
                Some(Picture::Open) if !format.is_h264() => found.starts.push((at, Picture::Open)),
                _ => {}
            }
        }
        found.starts.sort_unstable_by_key(|(at, _)| *at);
    }
    track.keyframes =
        Keyframes { passed_over: found.passed_over, open_gop: has_leading_pictures(table, &found.starts) };
    let mut starts = found.starts.iter().map(|(at, _)| *at).peekable();
    let is_sync: Vec<_> = (0..table.count()).map(|at| starts.next_if_eq(&at).is_some()).collect();
    let wrong = called.saturating_sub(found.passed_over).saturating_sub(u32::try_from(found.starts.len()).unwrap_or(0));
    if none_is_right || (!is_told && wrong > 0) {
        warnings.push(Warning::Mended {
            track: track.track.id,
            what: "calls pictures keyframes that are none; groups begin at those that are",
        });
    }
    track.table.set_syncs(|at| is_sync[at as usize]);
    Ok(())
}

/// Tells of pictures in front of the first keyframe, which nothing decodes.
///
/// # Errors
/// [`Error::NoKeyframe`] where there is none.
pub(super) fn check_first(input: &Input, track: &SourceTrack, warnings: &mut Vec<Warning>) -> Result<(), Error> {
    let (id, timescale) = (track.track.id, f64::from(track.track.timescale));
    let (mut pictures, mut ticks) = (0_u32, 0_u64);
    for sample in track.table.iter() {
        if sample.is_sync {
            if pictures > 0 {
                let seconds = ticks as f64 / timescale;
                warnings.push(Warning::BeforeKeyframe { track: id, samples: pictures, seconds });
            }
            return Ok(());
        }
        (pictures, ticks) = (pictures + 1, ticks + u64::from(sample.duration));
    }
    Err(Error::NoKeyframe { path: input.path.clone(), track: id })
}

/// Pictures that decoding can start at: their numbers and what they are.
struct Found {
    starts: Vec<(u32, Picture)>,
    passed_over: u32,
}

impl Found {
    /// `None` where the pictures say nothing better than the tables.
    fn of(seen: Vec<(u32, Picture)>, is_h264: bool, is_told: bool) -> Option<Self> {
        let is_closed = |picture: &Picture| *picture == Picture::Closed;
        if seen.is_empty() {
            return None;
        }
        if !is_h264 || !seen.iter().any(|(_, picture)| is_closed(picture)) {
            return Some(Self { starts: seen, passed_over: 0 });
        }
        // A picture that needs no other, and that nothing calls a keyframe, is none: the encoder has seen a cut in the film there.
        let is_passed_over = |picture: &Picture| *picture == Picture::Open || (is_told && !is_closed(picture));
        let passed_over = seen.iter().filter(|(_, picture)| is_passed_over(picture)).count();
        // The first sample begins a group whatever it is: else all pictures before the first IDR picture were lost.
        let starts = seen.into_iter().filter(|(at, picture)| *at == 0 || is_closed(picture)).collect();
        Some(Self { starts, passed_over: u32::try_from(passed_over).unwrap_or(u32::MAX) })
    }
}

/// The samples in front of the first start, and those behind each that is far from the next, or from the end.
fn far_apart(table: &SampleTable, starts: &[(u32, Picture)], timescale: u32) -> Vec<std::ops::Range<u32>> {
    let mut far = Vec::new();
    let (mut begin, mut ticks) = (0, 0);
    let mut starts = starts.iter().map(|(at, _)| *at).peekable();
    for (at, sample) in (0..).zip(table.iter()) {
        if starts.next_if_eq(&at).is_some() {
            if begin == 0 || ticks > FAR * u64::from(timescale) {
                far.push(begin..at);
            }
            (begin, ticks) = (at + 1, 0);
        }
        ticks += u64::from(sample.duration);
    }
    if ticks > FAR * u64::from(timescale) {
        far.push(begin..table.count());
    }
    far
}

/// Whether pictures are shown before the one that decoding starts at although they come behind it, and may need others.
fn has_leading_pictures(table: &SampleTable, starts: &[(u32, Picture)]) -> bool {
    let mut starts = starts.iter().peekable();
    let (mut decode_time, mut open_from) = (0_i64, i64::MIN);
    for (at, sample) in (0..).zip(table.iter()) {
        let composition = decode_time.saturating_add(i64::from(sample.composition_offset));
        decode_time = decode_time.saturating_add(i64::from(sample.duration));
        if let Some((_, picture)) = starts.next_if(|(start, _)| *start == at) {
            // Nothing comes before the first.
            open_from = if *picture == Picture::Closed || at == 0 { i64::MIN } else { composition };
        } else if composition < open_from {
            return true;
        }
    }
    false
}

/// The beginnings of samples. One read is enough for most.
struct Heads<'a> {
    input: &'a Input,
    buffer: Vec<u8>,
    /// The bytes of the film that are in the buffer: from where on, and how many.
    filled: (u64, usize),
}

impl Heads<'_> {
    const BYTES: usize = 1024;

    /// Reads bytes that the film has.
    fn read(&mut self, offset: u64, into: &mut [u8]) -> Result<(), Error> {
        let inside = offset.checked_sub(self.filled.0).and_then(|at| usize::try_from(at).ok());
        let inside = inside.filter(|at| at + into.len() <= self.filled.1);
        let at = match inside {
            Some(at) => at,
            None => {
                let there = usize::try_from(self.input.bytes - offset).unwrap_or(usize::MAX);
                let wanted = Self::BYTES.min(there);
                self.input.read_exact_at(&mut self.buffer[..wanted], offset)?;
                self.filled = (offset, wanted);
                0
            }
        };
        into.copy_from_slice(&self.buffer[at..at + into.len()]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_in_front_of_the_first_idr_picture() {
        let seen = vec![(0, Picture::Open), (25, Picture::Open), (50, Picture::Closed)];
        let found = Found::of(seen, true, true).expect("pictures");
        assert_eq!((found.starts, found.passed_over), (vec![(0, Picture::Open), (50, Picture::Closed)], 2));
    }

    #[test]
    fn pictures_at_cuts_are_no_keyframes_unless_they_are_called_so() {
        let seen = || vec![(0, Picture::Closed), (25, Picture::Intra), (50, Picture::Closed)];
        let passed_over = |is_told| Found::of(seen(), true, is_told).expect("pictures").passed_over;
        assert_eq!((passed_over(true), passed_over(false)), (1, 0));
    }
}
