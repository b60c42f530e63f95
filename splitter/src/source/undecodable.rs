//! Leaving out samples that no decoder takes, where a film is to be published as far as it goes.
//!
//! One such sample ends the film in Chromium, and so may a picture that needs one: with a picture goes all up to the next
//! keyframe. The time of each is given to the one before, so that pictures and sound keep their places.

use isobmff::framing::{Check, Framing};
use isobmff::{Sample, SampleTable, TrackKind};

use super::{Input, Source, SourceTrack};
use crate::{Error, Stop, Warning};

/// Bytes read at a time.
const BUFFER: u64 = 256 << 10;
/// Zeros at the edge of a sample from which on a hole in the file, a run of zeros, is taken to reach into that sample from the one next
/// to it.
const EDGE: u64 = 8;

impl Source {
    /// Reads every sample and leaves out those that are not framed as their codec has it, with a warning.
    ///
    /// # Errors
    /// When the film cannot be read, or nothing is left of it.
    pub(crate) fn leave_out_undecodable(&mut self, stop: &Stop) -> Result<(), Error> {
        for track in &mut self.tracks {
            let Some(lost) = leave_out(&self.input, track, stop)? else { continue };
            if track.track.kind == TrackKind::Video && track.table.count() == 0 {
                let (path, why) = (self.input.path.clone(), "none of them can be decoded".to_owned());
                return Err(Error::NoPictures { path, track: track.track.id, why });
            }
            self.warnings.push(lost);
        }
        self.tracks.retain(|track| track.table.count() > 0);
        if self.tracks.is_empty() { Err(Error::NoStreams { path: self.input.path.clone() }) } else { Ok(()) }
    }
}

impl Source {
    /// Whether a sample is not framed as its codec has it.
    ///
    /// # Errors
    /// When the film cannot be read.
    pub(crate) fn has_undecodable(&self, stop: &Stop) -> Result<bool, Error> {
        for track in &self.tracks {
            let Some(mut check) = check(&self.input, track)? else { continue };
            for sample in track.table.iter() {
                stop.check()?;
                if !look(&self.input, &mut check, &sample)?.is_decodable {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

impl Source {
    /// Leaves out the last picture in decode order, of which only a part has come: it may end the film in Chromium.
    pub(crate) fn leave_out_last_picture(&mut self) {
        for track in self.tracks.iter_mut().filter(|track| track.track.kind == TrackKind::Video) {
            let mut kept = SampleTable::default();
            let whole = track.table.samples(0..track.table.count().saturating_sub(1));
            whole.for_each(|sample| kept.push(sample).expect("no more samples than before"));
            kept.set_description(track.table.description());
            track.table = kept;
        }
        self.tracks.retain(|track| track.table.count() > 0);
    }
}

impl Source {
    /// Leaves out pictures behind others that are missing, up to the next keyframe: they need those, and the first of them may
    /// end the film in Chromium. That some are missing shows in the time that the one before takes.
    pub(crate) fn leave_out_behind_gaps(&mut self) {
        for track in self.tracks.iter_mut().filter(|track| track.track.kind == TrackKind::Video) {
            let mut durations: Vec<_> = track.table.iter().map(|sample| sample.duration).collect();
            durations.sort_unstable();
            let usual = u64::from(durations.get(durations.len() / 2).copied().unwrap_or(0));
            // Where pictures come at no steady rate, their times say nothing of those that are missing.
            let is_usual = |duration: &&u32| (usual * 4..=usual * 6).contains(&(u64::from(**duration) * 5));
            if durations.iter().filter(is_usual).count() * 4 < durations.len() * 3 {
                continue;
            }
            let (mut kept, mut is_broken, mut samples, mut first) = (Kept::default(), false, 0, None);
            for sample in track.table.iter() {
                is_broken &= !sample.is_sync;
                if is_broken {
                    samples += 1;
                    first.get_or_insert(kept.ticks());
                    kept.lengthen(sample.duration.into());
                } else {
                    kept.push(sample, 0);
                }
                // Two pictures' time, but for what clocks are rounded by.
                is_broken |= u64::from(sample.duration) * 5 >= usual * 9;
            }
            let Some(first) = first else { continue };
            let (mut kept, _) = kept.finish();
            kept.set_description(track.table.description());
            track.table = kept;
            let seconds = first as f64 / f64::from(track.track.timescale);
            let why = "pictures that they need are missing";
            self.warnings.push(Warning::Undecodable { track: track.track.id, samples, seconds, why });
        }
    }
}

/// What holds the samples of a track against their framing.
fn check(input: &Input, track: &SourceTrack) -> Result<Option<Check>, Error> {
    let Some(entry) = track.entry() else { return Ok(None) };
    let framing = entry.and_then(|entry| Framing::of(&entry, track.track.kind));
    framing.map(Check::new).map(Some).map_err(|cause| Error::Box { path: input.path.clone(), cause })
}

fn leave_out(input: &Input, track: &mut SourceTrack, stop: &Stop) -> Result<Option<Warning>, Error> {
    let Some(mut check) = check(input, track)? else { return Ok(None) };
    let mut kept = Kept::default();
    let mut samples = 0_u64;
    let mut first = None;
    let mut hole = false;
    let is_video = track.track.kind == TrackKind::Video;
    // Pictures need those in front of them, back to a keyframe.
    let mut is_broken = false;
    for sample in track.table.iter() {
        stop.check()?;
        let Look { is_decodable, zeros } = look(input, &mut check, &sample)?;
        let is_edge = hole && zeros.0 >= EDGE;
        hole = !is_decodable && zeros.0 >= EDGE.min(sample.size.into());
        is_broken = is_video && ((is_broken && !sample.is_sync) || !is_decodable || is_edge);
        if is_decodable && !is_edge && !is_broken {
            kept.push(sample, zeros.1);
            continue;
        }
        if hole && let Some(ticks) = kept.take_edge() {
            samples += 1;
            first.get_or_insert(kept.ticks());
            kept.lengthen(ticks);
        }
        samples += 1;
        first.get_or_insert(kept.ticks());
        kept.lengthen(sample.duration.into());
    }
    let (mut kept, earlier) = kept.finish();
    let (Some(first), Some((_, why))) = (first, check.fault()) else { return Ok(None) };
    kept.set_description(track.table.description());
    track.first_decode_time = track.first_decode_time.saturating_add(earlier);
    track.table = kept;
    let seconds = first as f64 / f64::from(track.track.timescale);
    Ok(Some(Warning::Undecodable { track: track.track.id, samples, seconds, why }))
}

/// Samples that are kept, of which the last waits until it is known whether it is whole.
#[derive(Default)]
struct Kept {
    table: SampleTable,
    /// And how many zeros it ends with.
    waiting: Option<(Sample, u64)>,
    /// Ticks in front of them all.
    earlier: u64,
}

impl Kept {
    const FULL: &'static str = "no more samples than before";

    fn push(&mut self, sample: Sample, zeros: u64) {
        if let Some((before, _)) = self.waiting.replace((sample, zeros)) {
            self.table.push(before).expect(Self::FULL);
        }
    }

    /// Leaves out the last sample where a hole has begun in it; gives its ticks.
    fn take_edge(&mut self) -> Option<u64> {
        let edge = self.waiting.take_if(|(_, zeros)| *zeros >= EDGE)?;
        Some(edge.0.duration.into())
    }

    /// Gives time to the last sample.
    fn lengthen(&mut self, ticks: u64) {
        let add = |duration: u32| u32::try_from(u64::from(duration).saturating_add(ticks)).unwrap_or(u32::MAX);
        match &mut self.waiting {
            Some((last, _)) => last.duration = add(last.duration),
            None => match self.table.samples(self.table.count().saturating_sub(1)..u32::MAX).next() {
                Some(last) => self.table.set_last_duration(add(last.duration)),
                None => self.earlier = self.earlier.saturating_add(ticks),
            },
        }
    }

    fn ticks(&self) -> u64 {
        self.earlier + self.table.ticks() + self.waiting.map_or(0, |(last, _)| last.duration.into())
    }

    fn finish(mut self) -> (SampleTable, u64) {
        self.waiting.into_iter().for_each(|(last, _)| self.table.push(last).expect(Self::FULL));
        (self.table, self.earlier)
    }
}

/// What a sample looks like.
struct Look {
    is_decodable: bool,
    /// How many zeros it begins and ends with.
    zeros: (u64, u64),
}

fn look(input: &Input, check: &mut Check, sample: &Sample) -> Result<Look, Error> {
    let faults = check.faults();
    check.expect([sample.size]);
    let (mut offset, mut left) = (sample.offset, u64::from(sample.size));
    let (mut begin, mut end) = (0, 0);
    while left > 0 {
        let now = left.min(BUFFER);
        let bytes = input.read_box(offset, now)?;
        check.take(&bytes);
        let is_zero = |byte: &&u8| **byte == 0;
        if begin == offset - sample.offset {
            begin += bytes.iter().take_while(is_zero).count() as u64;
        }
        let zeros = bytes.iter().rev().take_while(is_zero).count() as u64;
        end = if zeros == now { end + zeros } else { zeros };
        (offset, left) = (offset + now, left - now);
    }
    Ok(Look { is_decodable: check.faults() == faults, zeros: (begin, end) })
}
