//! `moof` and the header of its `mdat` (ISO/IEC 14496-12 section 8.8.4 to 8.8.8, 8.8.12 and 8.1.1).

use super::{long, put, put_full, words};
use crate::Sample;

/// The samples that one track has in a fragment.
#[derive(Clone, Copy, Debug)]
pub struct FragmentRun<'a> {
    /// The number of the track.
    pub track: u32,
    /// Decode time of the first sample in ticks.
    pub decode_time: u64,
    /// In decode order; at least one.
    pub samples: &'a [Sample],
}

const DEFAULT_DURATION: u32 = 0x8;
const DEFAULT_SIZE: u32 = 0x10;
const DEFAULT_FLAGS: u32 = 0x20;
const DEFAULT_BASE_IS_MOOF: u32 = 0x2_0000;

const DATA_OFFSET: u32 = 0x1;
const FIRST_SAMPLE_FLAGS: u32 = 0x4;
const SAMPLE_DURATION: u32 = 0x100;
const SAMPLE_SIZE: u32 = 0x200;
const SAMPLE_FLAGS: u32 = 0x400;
const SAMPLE_COMPOSITION_OFFSET: u32 = 0x800;

/// `sample_depends_on` 2: on no other.
const SYNC: u32 = 0x0200_0000;
/// `sample_depends_on` 1 and `sample_is_non_sync_sample`.
const NON_SYNC: u32 = 0x0101_0000;

/// Adds a `moof` and the header of the `mdat` behind it; the runs' samples are to follow, one run behind the other.
///
/// # Errors
/// Gives back the number of bytes of media when they are more than the 2^31 that a data offset can reach over.
pub fn moof(out: &mut Vec<u8>, sequence: u32, runs: &[FragmentRun<'_>]) -> Result<(), u64> {
    let media = |run: &FragmentRun<'_>| run.samples.iter().map(|sample| u64::from(sample.size)).sum::<u64>();
    let total: u64 = runs.iter().map(media).sum();
    // Leaves room for the boxes themselves.
    let mdat = u32::try_from(total).ok().filter(|&bytes| bytes < 1 << 30).ok_or(total)? + 8;

    let start = out.len();
    let mut offset_places = Vec::with_capacity(runs.len());
    put(out, b"moof", |out| {
        put_full(out, b"mfhd", 0, 0, |out| words(out, &[sequence]));
        runs.iter().for_each(|run| offset_places.push(traf(out, run)));
    });
    let mut data_offset = (out.len() - start) as u64 + 8;
    for (place, run) in offset_places.into_iter().zip(runs) {
        let value = u32::try_from(data_offset).expect("the media takes less than 2^30 bytes");
        out[place..place + 4].copy_from_slice(&value.to_be_bytes());
        data_offset += media(run);
    }
    words(out, &[mdat, u32::from_be_bytes(*b"mdat")]);
    Ok(())
}

/// Adds a `traf`; gives the place of its data offset.
fn traf(out: &mut Vec<u8>, run: &FragmentRun<'_>) -> usize {
    let columns = Columns::of(run.samples);
    let mut place = 0;
    put(out, b"traf", |out| {
        put_full(out, b"tfhd", 0, columns.tfhd_flags, |out| {
            words(out, &[run.track]);
            words(out, &columns.defaults);
        });
        put_full(out, b"tfdt", 1, 0, |out| long(out, run.decode_time));
        put_full(out, b"trun", columns.version, columns.trun_flags, |out| {
            let count = u32::try_from(run.samples.len()).expect("a table has at most 2^24 samples");
            words(out, &[count]);
            place = out.len();
            words(out, &[0]);
            if columns.trun_flags & FIRST_SAMPLE_FLAGS != 0 {
                words(out, &[flags(&run.samples[0])]);
            }
            run.samples.iter().for_each(|sample| columns.row(out, sample));
        });
    });
    place
}

fn flags(sample: &Sample) -> u32 {
    if sample.is_sync { SYNC } else { NON_SYNC }
}

/// What every sample of a run shares is said once in `tfhd`; what differs is a column of `trun`.
struct Columns {
    version: u8,
    tfhd_flags: u32,
    defaults: Vec<u32>,
    trun_flags: u32,
}

impl Columns {
    fn of(samples: &[Sample]) -> Self {
        let (mut tfhd_flags, mut defaults, mut trun_flags) = (DEFAULT_BASE_IS_MOOF, Vec::new(), DATA_OFFSET);
        let shared = |value: fn(&Sample) -> u32, samples: &[Sample]| {
            let first = samples.first().map(value)?;
            samples.iter().all(|sample| value(sample) == first).then_some(first)
        };
        let mut share = |shared: Option<u32>, default: u32, column: u32| match shared {
            Some(value) => {
                tfhd_flags |= default;
                defaults.push(value);
            }
            None => trun_flags |= column,
        };
        share(shared(|sample| sample.duration, samples), DEFAULT_DURATION, SAMPLE_DURATION);
        share(shared(|sample| sample.size, samples), DEFAULT_SIZE, SAMPLE_SIZE);
        // Usually the first sample alone is a sync sample.
        let behind_first = samples.get(1..).filter(|rest| !rest.is_empty()).unwrap_or(samples);
        let shared_flags = shared(flags, behind_first);
        share(shared_flags, DEFAULT_FLAGS, SAMPLE_FLAGS);
        if shared_flags.is_some() && shared_flags != samples.first().map(flags) {
            trun_flags |= FIRST_SAMPLE_FLAGS;
        }
        if samples.iter().any(|sample| sample.composition_offset != 0) {
            trun_flags |= SAMPLE_COMPOSITION_OFFSET;
        }
        let version = u8::from(samples.iter().any(|sample| sample.composition_offset < 0));
        Self { version, tfhd_flags, defaults, trun_flags }
    }

    fn row(&self, out: &mut Vec<u8>, sample: &Sample) {
        let columns = [
            (SAMPLE_DURATION, sample.duration),
            (SAMPLE_SIZE, sample.size),
            (SAMPLE_FLAGS, flags(sample)),
            (SAMPLE_COMPOSITION_OFFSET, sample.composition_offset.cast_unsigned()),
        ];
        for (flag, value) in columns {
            if self.trun_flags & flag != 0 {
                words(out, &[value]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BoxRef, Moof, TrackDefaults};

    fn sample(size: u32, duration: u32, composition_offset: i32, is_sync: bool) -> Sample {
        Sample { offset: 0, size, duration, composition_offset, is_sync }
    }

    fn round_trip(runs: &[FragmentRun<'_>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        moof(&mut bytes, 7, runs).expect("small");
        let boxes = bytes[..bytes.len() - 8].to_vec();
        let parsed = BoxRef::parse(&boxes, 0).expect("whole");
        let parsed = Moof::parse(&parsed, |_| Some(TrackDefaults::default())).expect("valid");
        assert_eq!(parsed.sequence, 7);
        let mut data = bytes.len();
        for (traf, run) in parsed.trafs.iter().zip(runs) {
            assert_eq!((traf.track, traf.decode_time), (run.track, Some(run.decode_time)));
            assert!(traf.default_base_is_moof);
            let read: Vec<_> = traf.samples().collect();
            assert_eq!(read[0].data_offset, i32::try_from(data).ok());
            assert_eq!(read.len(), run.samples.len());
            for (read, sample) in read.iter().zip(run.samples) {
                let expected = (sample.size, sample.duration, i64::from(sample.composition_offset), sample.is_sync);
                assert_eq!((read.size, read.duration, read.composition_offset, read.is_sync), expected);
                data += sample.size as usize;
            }
        }
        bytes
    }

    #[test]
    fn what_is_written_is_read_back() {
        let video = [sample(900, 512, 1_024, true), sample(80, 512, 0, false), sample(70, 512, -512, false)];
        let audio = [sample(300, 1_024, 0, true), sample(301, 1_024, 0, true)];
        let odd = [sample(1, 1, 0, false), sample(2, 2, 3, true), sample(3, 3, 1, false)];
        round_trip(&[FragmentRun { track: 1, decode_time: 1 << 40, samples: &video }]);
        round_trip(&[FragmentRun { track: 1, decode_time: 0, samples: &odd }]);
        let both = [
            FragmentRun { track: 1, decode_time: 5, samples: &video },
            FragmentRun { track: 2, decode_time: 6, samples: &audio },
        ];
        let bytes = round_trip(&both);
        assert_eq!(&bytes[bytes.len() - 8..], [&(1_050_u32 + 601 + 8).to_be_bytes()[..], b"mdat"].concat());
    }

    #[test]
    fn a_lone_sample_needs_no_columns() {
        let bytes = round_trip(&[FragmentRun { track: 1, decode_time: 0, samples: &[sample(900, 512, 0, true)] }]);
        assert_eq!(bytes.len(), 8 + 16 + 8 + (16 + 12) + 20 + 20 + 8);
    }

    #[test]
    fn media_past_the_reach_of_an_offset_is_refused() {
        let samples = [sample(u32::MAX, 1, 0, true); 2];
        let run = FragmentRun { track: 1, decode_time: 0, samples: &samples };
        assert_eq!(moof(&mut Vec::new(), 1, &[run]), Err(u64::from(u32::MAX) * 2));
    }
}
