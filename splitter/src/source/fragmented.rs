//! The samples of a fragmented file (ISO/IEC 14496-12 section 8.8).

use isobmff::{BoxPath, BoxRef, FourCc, Init, Moof, Sample, TrackKind, Traf};

use super::{Input, SourceTrack, check_count};
use crate::{Error, Warning};

/// What of a fragmented film is not there.
#[derive(Default)]
pub(super) struct Missing {
    /// The place of the fragment whose media the file ends within.
    pub(super) cut_off: Option<u64>,
    /// That fragments are gone from the middle: their numbers are left out, and so is their time.
    pub(super) missing: Option<String>,
    /// Times in which nothing comes, though no number is left out.
    pub(super) gaps: Vec<Warning>,
}

/// Seconds between fragments above which something is missing though no sequence number is. Encoders that wait for pictures leave less.
const GAP: f64 = 0.5;
/// Length of a gap between fragments, in samples like the one before it, from which on something is missing where sequence numbers
/// are left out, too: one sample, less what clocks are rounded by.
const SAMPLES: f64 = 0.9;
/// The most gaps of which the user is warned.
const MOST_GAPS: usize = 8;

/// Adds the samples of every fragment to the tables of their tracks; gives what is missing of them.
pub(super) fn read(
    input: &Input,
    moofs: &[(u64, u64)],
    (init, numbers): (&Init, &[u32]),
    tracks: &mut [SourceTrack],
) -> Result<Missing, Error> {
    let (mut found, mut cut_off) = (Missing::default(), None);
    let mut sequence: Option<u32> = None;
    // The numbers that were left out last, and how often that was so; of each track, how often in front of its last fragment.
    let (mut left_out, mut skips, mut seen) = (0..=0, 0_u64, vec![0; tracks.len()]);
    let in_box = |cause| Error::Box { path: input.path.clone(), cause };
    for &(offset, bytes) in moofs {
        let buffer = input.read_box(offset, bytes)?;
        let moof = BoxRef::parse(&buffer, offset).map_err(in_box)?;
        let parsed = Moof::parse(&moof, |track| init.defaults(track, numbers)).map_err(in_box)?;
        if let Some(before) = sequence.replace(parsed.sequence)
            && parsed.sequence > before.saturating_add(1)
        {
            left_out = before + 1..=parsed.sequence - 1;
            skips += 1;
        }
        check_count(tracks).map_err(|what| in_box(moof.invalid(what)))?;
        // Where the data of a traf begins that says nothing about it: behind the traf before it.
        let mut data_end = offset;
        for traf in &parsed.trafs {
            let base = match traf.base_data_offset {
                Some(base) => base,
                None if traf.default_base_is_moof => offset,
                None => data_end,
            };
            let Some(at) = tracks.iter().position(|track| track.track.id == traf.track) else {
                data_end = base.saturating_add(traf.totals().1);
                continue;
            };
            let track = &mut tracks[at];
            let skipped = std::mem::replace(&mut seen[at], skips) < skips;
            let Hole { ticks, of_samples } = start(input, track, traf, offset)?;
            let gap = ticks as f64 / f64::from(track.track.timescale);
            let is_film = matches!(track.track.kind, TrackKind::Video | TrackKind::Audio);
            if is_film && of_samples > SAMPLES && skipped && found.missing.is_none() {
                let (first, last) = left_out.clone().into_inner();
                found.missing = Some(format!("fragments {first} to {last}, of {gap:.1} s, are not there"));
            } else if is_film && gap > GAP && !skipped && found.gaps.len() < MOST_GAPS {
                let end = track.first_decode_time.saturating_add(track.table.ticks()) as f64;
                let seconds = end / f64::from(track.track.timescale) - gap;
                found.gaps.push(Warning::Gap { track: traf.track, seconds, gap });
            }
            let (end, is_whole) = samples(input, track, traf, base).map_err(|what| in_box(moof.invalid(what)))?;
            data_end = end;
            if !is_whole {
                cut_off.get_or_insert(offset);
            }
        }
    }
    // Where nothing has come of it, its headers are what is damaged.
    match cut_off {
        Some(offset) if tracks.iter().all(|track| track.table.count() == 0) => {
            let path = BoxPath::default().child(FourCc::new(b"moof"));
            let what = "its data lies past the end of the file, which is cut off or damaged";
            Err(in_box(isobmff::Error::invalid(path, offset, what)))
        }
        cut_off => Ok(Missing { cut_off, ..found }),
    }
}

/// A time in which no sample of a track comes.
#[derive(Default)]
struct Hole {
    ticks: u64,
    /// How many samples like the one in front of it have room in it.
    of_samples: f64,
}

/// Brings the end of the track's last fragment to the beginning of this one: a hole lengthens the last sample.
fn start(input: &Input, track: &mut SourceTrack, traf: &Traf<'_>, offset: u64) -> Result<Hole, Error> {
    let expected = track.first_decode_time.saturating_add(track.table.ticks());
    let found = traf.decode_time.unwrap_or(expected);
    if track.table.count() == 0 {
        track.first_decode_time = found;
        track.table.set_description(track.descriptions.first_like(traf.description()));
        return Ok(Hole::default());
    }
    let last = track.table.samples(track.table.count() - 1..u32::MAX).next().map_or(0, |last| last.duration);
    let corrected = i128::from(last) + i128::from(found) - i128::from(expected);
    match u32::try_from(corrected) {
        Ok(duration) => track.table.set_last_duration(duration),
        Err(_) => {
            let (path, track) = (input.path.clone(), traf.track);
            return Err(Error::Backwards { path, track, offset, found, expected });
        }
    }
    let ticks = found.saturating_sub(expected);
    Ok(Hole { ticks, of_samples: ticks as f64 / f64::from(last.max(1)) })
}

/// Adds the samples of a traf up to the first that lies past the end of the file; gives the place behind their data, and
/// whether that is all of them.
fn samples(input: &Input, track: &mut SourceTrack, traf: &Traf<'_>, base: u64) -> Result<(u64, bool), &'static str> {
    if track.descriptions.first_like(traf.description()) != track.table.description() {
        return Err("the track changes its codec configuration on the way, which no browser follows");
    }
    let mut place = base;
    for sample in traf.samples_with_groups().map_err(|_| "its sample groups are damaged")? {
        if let Some(data_offset) = sample.data_offset {
            place = base.checked_add_signed(i64::from(data_offset)).ok_or("its data lies before the file")?;
        }
        let Some(end) = place.checked_add(u64::from(sample.size)).filter(|&end| end <= input.bytes) else {
            return Ok((place, false));
        };
        let composition_offset = i32::try_from(sample.composition_offset);
        let added = Sample {
            offset: place,
            size: sample.size,
            duration: sample.duration,
            composition_offset: composition_offset.map_err(|_| "a composition offset takes half of the clock")?,
            is_sync: sample.is_sync,
        };
        place = end;
        track.table.push(added).map_err(|_| "the track has more samples than any film")?;
    }
    Ok((place, true))
}
