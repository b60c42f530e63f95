//! From the tracks' own clocks and edit lists to the film's timeline.
//!
//! Browsers follow the media time of one edit, and nothing else of an edit list. So everything else is made real here:
//!
//! 1. What no player can decode (samples in front of the first sync sample) or none shows (samples before or behind the
//!    edit) is left out.
//! 2. Pictures before the edit that others are decoded from are shown for one tick each, at the beginning of the edit: a browser
//!    drops pictures before zero, and then all others up to the next sync sample. They are decoded one tick apart, too: Firefox
//!    takes a decode time for a gap that is further from the one before than a picture is long, and drops as much.
//! 3. All tracks move together, so that the earliest begins at zero.
//! 4. Where pictures begin later than sound, the first of them is shown from zero on. Some browsers wait for ever at a track that
//!    begins with a gap; the only one that still does is sound that begins later than the pictures.
//! 5. Composition offsets below zero become a later media time: not every player reads the sign.
//!
//! Pictures and sound keep their places relative to each other, but for the pictures of 2 and the first picture in 2 and 4.

use isobmff::{EditList, Sample, SampleTable, TrackKind};

use crate::source::SourceTrack;
use crate::timing::Timing;

/// Why a track has no place on a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unplaceable {
    /// It has no sync sample.
    NoSync,
    /// A time of it has 2^61 ticks or more, or does not fit into the field that it is written to.
    Beyond,
}

/// Seconds of sound before the edit that are kept: decoders need some of it to begin with (80 ms for Opus).
const PREROLL_SECONDS: f64 = 0.1;
/// The pictures that are squeezed in before the first one of the edit take at most one part in this of the time up to the second: an
/// eighth, 5 ms at 25 pictures a second, is seen by nobody.
const SQUEEZE: u64 = 8;
/// Ticks that no time of a film reaches, so that the sum of two times never overflows an `i64`.
const FAR: i64 = 1 << 61;

/// Where all tracks of a film stand.
pub(crate) struct Timeline {
    /// In the tracks' order.
    pub(crate) timings: Vec<Timing>,
    /// When the earliest would begin if they had not been moved: ticks, and how many there are in a second.
    pub(crate) earliest: (i64, u32),
    /// By how much each begins later than that: likewise.
    pub(crate) late: Vec<(i64, u32)>,
}

/// Brings tracks of a film whose movie clock has `movie` ticks a second to its timeline. Tables and edit lists change. The earliest
/// begins at zero, or as `late` as another film has its pictures.
pub(crate) fn place(
    tracks: &mut [SourceTrack],
    movie: u32,
    is_fragmented: bool,
    late: (i64, u32),
) -> Result<Timeline, (u32, Unplaceable)> {
    let mut laid = Vec::new();
    for track in tracks.iter_mut() {
        let id = track.track.id;
        if is_fragmented {
            // The duration of an edit is that of the samples in `moov` alone, if any.
            track.track.edits.duration = 0;
        }
        keep_what_is_shown(track, movie).map_err(|why| (id, why))?;
        laid.push(Lane::new(track, movie).map_err(|why| (id, why))?);
    }
    // The earliest start, in seconds: a fraction of whole numbers, compared exactly.
    let earlier = |a: &&(i64, u32), b: &&(i64, u32)| {
        (i128::from(a.0) * i128::from(b.1)).cmp(&(i128::from(b.0) * i128::from(a.1)))
    };
    let starts: Vec<_> = laid.iter().zip(&*tracks).map(|(lane, track)| (lane.start, track.track.timescale)).collect();
    let (start, timescale) = starts.iter().min_by(earlier).copied().unwrap_or((0, 1));
    let of_first = |why| (tracks.first().map_or(0, |track| track.track.id), why);
    let earliest = (start.saturating_sub(ticks(late, timescale).map_err(of_first)?), timescale);
    let late = starts.iter().map(|&(start, scale)| Ok((start.saturating_sub(ticks(earliest, scale)?), scale)));
    let late = late.collect::<Result<_, _>>().map_err(of_first)?;
    let lanes = laid.into_iter().zip(tracks);
    let timings = lanes.map(|(lane, track)| lane.place(track, earliest).map_err(|why| (track.track.id, why)));
    Ok(Timeline { timings: timings.collect::<Result<_, _>>()?, earliest, late })
}

/// What is added to the composition times of a track that moves with the others, such as one of text, in ticks.
pub(crate) fn moved(track: &SourceTrack, movie: u32, earliest: (i64, u32)) -> Result<i64, Unplaceable> {
    let timescale = track.track.timescale;
    let delay = rescale(track.track.edits.delay, timescale, movie)?;
    Ok(delay - time(track.track.edits.media_time)? - ticks(earliest, timescale)?)
}

/// A time in ticks of another clock, rounded to the nearest.
fn ticks((ticks, from): (i64, u32), to: u32) -> Result<i64, Unplaceable> {
    let doubled = i128::from(ticks) * i128::from(to) * 2 + i128::from(from);
    i64::try_from(doubled.div_euclid(i128::from(from) * 2)).map_err(|_| Unplaceable::Beyond)
}

/// A track between the two passes: the first looks at each alone, the second moves them together.
struct Lane {
    /// What is added to a composition time less the media time: the empty edits, in ticks.
    delay: i64,
    /// When it begins on the timeline, in ticks.
    start: i64,
    /// Samples that are shown at another time than their own: their numbers and the composition times that they get.
    moved: Vec<(u32, i64)>,
    /// The sample that is shown first, and its composition time.
    first: (u32, i64),
}

impl Lane {
    fn new(track: &mut SourceTrack, movie: u32) -> Result<Self, Unplaceable> {
        let is_video = track.track.kind == TrackKind::Video;
        let mut hidden = Vec::new();
        if is_video {
            hidden = hidden_pictures(track)?;
            let room = first_gap(track, &hidden)?;
            let needed = hidden.len() as u64 * SQUEEZE;
            if room < needed {
                scale(track, u32::try_from(needed.div_ceil(room.max(1))).map_err(|_| Unplaceable::Beyond)?)?;
                hidden = hidden_pictures(track)?;
            }
            hurry(track, hidden.iter().map(|(at, _)| *at).max().unwrap_or(0))?;
        }
        let media_time = time(track.track.edits.media_time)?;
        let delay = rescale(track.track.edits.delay, track.track.timescale, movie)?;
        let mut moved: Vec<_> = hidden.iter().zip(media_time..).map(|(&(at, _), squeezed)| (at, squeezed)).collect();
        let mut first = (0, i64::MAX);
        for (at, composition, _) in compositions(track)? {
            if composition < first.1 && !(is_video && composition < media_time) {
                first = (at, composition);
            }
        }
        if !moved.is_empty() {
            // The first that is meant to be seen comes behind those that are not.
            let behind = media_time + moved.len() as i64;
            if first.1 < behind {
                moved.push((first.0, behind));
            }
            first = (moved[0].0, media_time);
        }
        let start = delay.saturating_add(first.1.max(media_time) - media_time);
        Ok(Self { delay, start, moved, first })
    }

    fn place(mut self, track: &mut SourceTrack, earliest: (i64, u32)) -> Result<Timing, Unplaceable> {
        let timescale = track.track.timescale;
        let earlier = ticks(earliest, timescale)?;
        let mut media_time = time(track.track.edits.media_time)?;
        let mut decode_start = time(track.first_decode_time)?.saturating_add(self.delay).saturating_sub(earlier);
        let mut moved_by = self.delay - earlier;
        if decode_start < 0 {
            (media_time, moved_by) = (media_time - decode_start, moved_by - decode_start);
            decode_start = 0;
        }
        // From here on all composition times count from the new decode start.
        self.moved.iter_mut().for_each(|(_, to)| *to += moved_by);
        let begins = self.first.1 + moved_by - media_time;
        let mut lengthened = 0;
        if track.track.kind == TrackKind::Video && begins > 0 {
            self.moved.retain(|&(at, _)| at != self.first.0);
            self.moved.push((self.first.0, media_time));
            if self.first.0 == 0 {
                lengthened = decode_start;
                decode_start = 0;
            }
        }
        self.moved.sort_unstable();
        media_time += rebuild(track, &self.moved, decode_start, lengthened)?;
        Ok(Timing { timescale, decode_start: decode_start.unsigned_abs(), media_time: media_time.unsigned_abs() })
    }
}

/// Writes the table anew where composition times change; gives what was added to all of them to keep offsets at or
/// above zero. The first sample begins at `decode_start` and lasts `lengthened` ticks longer.
fn rebuild(
    track: &mut SourceTrack,
    moved: &[(u32, i64)],
    decode_start: i64,
    lengthened: i64,
) -> Result<i64, Unplaceable> {
    let samples = || {
        let mut moved = moved.iter().peekable();
        let mut decode_time = decode_start;
        (0_u32..).zip(track.table.iter()).map(move |(at, mut sample)| {
            let mut offset = i64::from(sample.composition_offset);
            if let Some((_, to)) = moved.next_if(|(moved, _)| *moved == at) {
                offset = to - decode_time;
            }
            let longer = if at == 0 { lengthened } else { 0 };
            let duration = i64::from(sample.duration) + longer;
            sample.duration = u32::try_from(duration).map_err(|_| Unplaceable::Beyond)?;
            decode_time += duration;
            Ok((sample, offset))
        })
    };
    let lowest = samples().try_fold(0, |lowest, sample| sample.map(|(_, offset)| offset.min(lowest)))?;
    if lowest == 0 && moved.is_empty() && lengthened == 0 {
        return Ok(0);
    }
    let mut table = SampleTable::default();
    for sample in samples() {
        let (sample, offset) = sample?;
        let composition_offset = i32::try_from(offset - lowest).map_err(|_| Unplaceable::Beyond)?;
        table.push(Sample { composition_offset, ..sample }).expect("no more samples than before");
    }
    track.table = table;
    Ok(-lowest)
}

/// Leaves out what cannot be decoded or is not shown.
fn keep_what_is_shown(track: &mut SourceTrack, movie: u32) -> Result<(), Unplaceable> {
    let EditList { media_time, duration, .. } = track.track.edits;
    let (begin, timescale) = (time(media_time)?, track.track.timescale);
    let is_video = track.track.kind == TrackKind::Video;
    let preroll = if is_video { 0 } else { (PREROLL_SECONDS * f64::from(timescale)) as i64 };
    // A tick of the movie's clock more, because lengths are rounded to it.
    let end = if duration == 0 {
        FAR
    } else {
        begin.saturating_add(rescale(duration.saturating_add(1), timescale, movie).unwrap_or(FAR))
    };
    let (mut first, mut last) = (None, 0);
    for (at, composition, sample) in compositions(track)? {
        if sample.is_sync && (first.is_none() || composition <= begin - preroll) {
            first = Some(at);
        }
        if composition < end {
            last = at;
        }
    }
    let first = first.ok_or(Unplaceable::NoSync)?;
    let kept = first..last.max(first) + 1;
    if kept != (0..track.table.count()) {
        let ticks: u64 = track.table.samples(0..first).map(|sample| u64::from(sample.duration)).sum();
        track.first_decode_time += ticks;
        let mut table = SampleTable::default();
        let samples = track.table.samples(kept);
        samples.for_each(|sample| table.push(sample).expect("no more samples than before"));
        track.table = table;
    }
    Ok(())
}

/// The pictures before the edit: number in decode order and composition time, in the order in which they are shown.
fn hidden_pictures(track: &SourceTrack) -> Result<Vec<(u32, i64)>, Unplaceable> {
    let media_time = time(track.track.edits.media_time)?;
    let mut hidden: Vec<_> = compositions(track)?
        .filter(|&(_, composition, _)| composition < media_time)
        .map(|(at, composition, _)| (at, composition))
        .collect();
    hidden.sort_unstable_by_key(|&(_, composition)| composition);
    Ok(hidden)
}

/// Ticks from the beginning of the edit to the second picture in it: what hidden ones and the first may share.
fn first_gap(track: &SourceTrack, hidden: &[(u32, i64)]) -> Result<u64, Unplaceable> {
    if hidden.is_empty() {
        return Ok(u64::MAX);
    }
    let media_time = time(track.track.edits.media_time)?;
    let (mut first, mut second) = (i64::MAX, i64::MAX);
    for (_, composition, _) in compositions(track)?.filter(|&(_, composition, _)| composition >= media_time) {
        (first, second) = (first.min(composition), second.min(composition.max(first)));
    }
    Ok(second.abs_diff(media_time))
}

/// Makes the track's clock finer.
fn scale(track: &mut SourceTrack, factor: u32) -> Result<(), Unplaceable> {
    let mut table = SampleTable::default();
    for sample in track.table.iter() {
        let duration = sample.duration.checked_mul(factor).ok_or(Unplaceable::Beyond)?;
        let composition_offset = i64::from(sample.composition_offset) * i64::from(factor);
        let composition_offset = i32::try_from(composition_offset).map_err(|_| Unplaceable::Beyond)?;
        table.push(Sample { duration, composition_offset, ..sample }).expect("no more samples than before");
    }
    let wide = u64::from(factor);
    track.table = table;
    track.track.timescale = track.track.timescale.checked_mul(factor).ok_or(Unplaceable::Beyond)?;
    track.first_decode_time = track.first_decode_time.checked_mul(wide).ok_or(Unplaceable::Beyond)?;
    track.track.edits.media_time = track.track.edits.media_time.checked_mul(wide).ok_or(Unplaceable::Beyond)?;
    Ok(())
}

/// Has the samples in front of the one with number `last` decoded a tick apart, shortly before it. All are shown when they
/// were.
fn hurry(track: &mut SourceTrack, last: u32) -> Result<(), Unplaceable> {
    if last == 0 {
        return Ok(());
    }
    let ticks: u64 = track.table.samples(0..last).map(|sample| u64::from(sample.duration)).sum();
    let begin = track.first_decode_time.saturating_add(ticks).saturating_sub(u64::from(last));
    let mut decode_time = time(begin)?;
    let mut table = SampleTable::default();
    for (at, composition, sample) in compositions(track)? {
        let composition_offset = i32::try_from(composition - decode_time).map_err(|_| Unplaceable::Beyond)?;
        let duration = if at < last { 1 } else { sample.duration };
        table.push(Sample { duration, composition_offset, ..sample }).expect("no more samples than before");
        decode_time += i64::from(duration);
    }
    track.table = table;
    track.first_decode_time = begin;
    Ok(())
}

/// Number, composition time and the sample itself, in decode order.
fn compositions(track: &SourceTrack) -> Result<impl Iterator<Item = (u32, i64, Sample)> + '_, Unplaceable> {
    let mut decode_time = time(track.first_decode_time)?;
    Ok((0..).zip(track.table.iter()).map(move |(at, sample)| {
        let composition = decode_time + i64::from(sample.composition_offset);
        decode_time += i64::from(sample.duration);
        (at, composition, sample)
    }))
}

/// A time that can be added to others of a table: 2^24 samples of at most 2^32 ticks take 2^56 of them.
fn time(ticks: u64) -> Result<i64, Unplaceable> {
    i64::try_from(ticks).ok().filter(|&ticks| ticks < FAR).ok_or(Unplaceable::Beyond)
}

/// `ticks` of one clock in another, rounded to the nearest.
fn rescale(ticks: u64, to: u32, from: u32) -> Result<i64, Unplaceable> {
    let scaled = (u128::from(ticks) * u128::from(to) + u128::from(from) / 2) / u128::from(from);
    time(u64::try_from(scaled).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests;
