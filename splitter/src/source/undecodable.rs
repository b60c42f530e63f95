//! Leaving out samples that no decoder takes, where a film is to be published as far as it goes.
//!
//! One such sample ends the film in Chromium. The time of each is given to the one before, so that pictures and sound keep
//! their places.

use isobmff::framing::{Check, Framing};
use isobmff::{BoxPath, Children, Sample, SampleTable};

use super::{Input, Source, SourceTrack};
use crate::{Error, Stop, Warning};

/// Bytes read at a time.
const BUFFER: u64 = 256 << 10;

impl Source {
    /// Reads every sample and leaves out those that are not framed as their codec has it, with a warning.
    ///
    /// # Errors
    /// When the film cannot be read, or nothing is left of it.
    pub(crate) fn leave_out_undecodable(&mut self, stop: &Stop) -> Result<(), Error> {
        for track in &mut self.tracks {
            let lost = leave_out(&self.input, track, stop)?;
            self.warnings.extend(lost);
        }
        self.tracks.retain(|track| track.table.count() > 0);
        if self.tracks.is_empty() { Err(Error::NoStreams { path: self.input.path.clone() }) } else { Ok(()) }
    }
}

fn leave_out(input: &Input, track: &mut SourceTrack, stop: &Stop) -> Result<Option<Warning>, Error> {
    let in_box = |cause| Error::Box { path: input.path.clone(), cause };
    let entries = track.sample_entries.get(8..).unwrap_or_default();
    let Some(entry) = Children::new(entries, BoxPath::default(), 0).next() else { return Ok(None) };
    let framing = entry.and_then(|entry| Framing::of(&entry, track.track.kind)).map_err(in_box)?;
    let mut check = Check::new(framing);
    let mut kept = SampleTable::default();
    let (mut waiting, mut earlier) = (None::<Sample>, 0_u64);
    let mut samples = 0_u64;
    let mut first = None;
    let full = "no more samples than before";
    for sample in track.table.iter() {
        stop.check()?;
        if is_decodable(input, &mut check, &sample)? {
            if let Some(before) = waiting.replace(sample) {
                kept.push(before).expect(full);
            }
            continue;
        }
        samples += 1;
        first.get_or_insert(kept.ticks() + waiting.map_or(earlier, |before| before.duration.into()));
        match &mut waiting {
            Some(before) => before.duration = before.duration.saturating_add(sample.duration),
            None => earlier += u64::from(sample.duration),
        }
    }
    waiting.into_iter().for_each(|last| kept.push(last).expect(full));
    let (Some(first), Some((_, why))) = (first, check.fault()) else { return Ok(None) };
    kept.set_description(track.table.description());
    track.first_decode_time = track.first_decode_time.saturating_add(earlier);
    track.table = kept;
    let seconds = first as f64 / f64::from(track.track.timescale);
    Ok(Some(Warning::Undecodable { track: track.track.id, samples, seconds, why }))
}

fn is_decodable(input: &Input, check: &mut Check, sample: &Sample) -> Result<bool, Error> {
    let faults = check.faults();
    check.expect([sample.size]);
    let (mut offset, mut left) = (sample.offset, u64::from(sample.size));
    while left > 0 {
        let now = left.min(BUFFER);
        check.take(&input.read_box(offset, now)?);
        (offset, left) = (offset + now, left - now);
    }
    Ok(check.faults() == faults)
}
