//! Movie fragments (ISO/IEC 14496-12 section 8.8.4 to 8.8.8), sample by sample.

use crate::sample_group::SampleGroup;
use crate::{BoxRef, Error, Fields, TrackDefaults};

/// A `moof` box, taken apart but not unrolled: its samples are read where they stand.
#[derive(Clone, Debug)]
pub struct Moof<'a> {
    /// `mfhd`; increases by one from fragment to fragment where the packager cares.
    pub sequence: u32,
    /// At least one, in file order; a track may have several.
    pub trafs: Vec<Traf<'a>>,
}

/// A track's part of a fragment.
#[derive(Clone, Debug)]
pub struct Traf<'a> {
    /// The number of the track.
    pub track: u32,
    /// Decode time of the first sample in ticks (`tfdt`), where the file says it.
    pub decode_time: Option<u64>,
    /// Where offsets of the data count from, when that is neither the `moof` nor the end of the data before it.
    pub base_data_offset: Option<u64>,
    /// Whether offsets of the data count from the beginning of the `moof`.
    pub default_base_is_moof: bool,
    /// Whether the fragment only says how long nothing happens.
    pub duration_is_empty: bool,
    defaults: TrackDefaults,
    truns: Vec<Trun<'a>>,
    whole: BoxRef<'a>,
}

/// One sample of a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FragmentSample {
    /// Set on the first sample of a run whose data does not follow the run before it: where the data begins, counted
    /// from the traf's base.
    pub data_offset: Option<i32>,
    /// In bytes.
    pub size: u32,
    /// In ticks.
    pub duration: u32,
    /// Composition time less decode time, in ticks.
    pub composition_offset: i64,
    /// Whether decoding can start here.
    pub is_sync: bool,
}

/// `trun`, section 8.8.8.
#[derive(Clone, Copy, Debug)]
struct Trun<'a> {
    flags: u32,
    count: u32,
    data_offset: Option<i32>,
    first_sample_flags: Option<u32>,
    rows: Fields<'a>,
}

/// More than fragments have. A `moof` could hold a million, and the track of each is looked for among all.
const MOST_TRAFS: usize = 4_096;

const BASE_DATA_OFFSET: u32 = 0x1;
const SAMPLE_DESCRIPTION: u32 = 0x2;
const DEFAULT_DURATION: u32 = 0x8;
const DEFAULT_SIZE: u32 = 0x10;
const DEFAULT_FLAGS: u32 = 0x20;
const DURATION_IS_EMPTY: u32 = 0x1_0000;
const DEFAULT_BASE_IS_MOOF: u32 = 0x2_0000;

const DATA_OFFSET: u32 = 0x1;
const FIRST_SAMPLE_FLAGS: u32 = 0x4;
const SAMPLE_DURATION: u32 = 0x100;
const SAMPLE_SIZE: u32 = 0x200;
const SAMPLE_FLAGS: u32 = 0x400;
const SAMPLE_COMPOSITION_OFFSET: u32 = 0x800;

/// `sample_is_non_sync_sample`, section 8.8.3.1.
const IS_NON_SYNC: u32 = 0x1_0000;

impl<'a> Moof<'a> {
    /// Takes a `moof` apart. `defaults` gives what holds for a track where the fragment says nothing.
    ///
    /// # Errors
    /// With the place of what is missing or damaged; also for a track without defaults.
    pub fn parse(moof: &BoxRef<'a>, defaults: impl Fn(u32) -> Option<TrackDefaults>) -> Result<Self, Error> {
        let (_, _, mut mfhd) = moof.need("mfhd")?.full()?;
        let sequence = mfhd.u32()?;
        let mut trafs = Vec::new();
        for child in moof.children() {
            let child = child?;
            if child.kind == b"traf" {
                if trafs.len() == MOST_TRAFS {
                    return Err(child.invalid("there are more than 4096 parts of tracks"));
                }
                trafs.push(Traf::parse(&child, &defaults)?);
            }
        }
        if trafs.is_empty() {
            return Err(Error::missing(moof.path, moof.offset, "traf"));
        }
        Ok(Self { sequence, trafs })
    }
}

impl<'a> Traf<'a> {
    fn parse(traf: &BoxRef<'a>, defaults: impl Fn(u32) -> Option<TrackDefaults>) -> Result<Self, Error> {
        let tfhd = traf.need("tfhd")?;
        let (_, flags, mut fields) = tfhd.full()?;
        let track = fields.u32()?;
        let mut defaults =
            defaults(track).ok_or_else(|| tfhd.invalid("the fragment is of a track that the init does not have"))?;
        let base_data_offset = if flags & BASE_DATA_OFFSET != 0 { Some(fields.u64()?) } else { None };
        let overridden = [
            (SAMPLE_DESCRIPTION, &mut defaults.description),
            (DEFAULT_DURATION, &mut defaults.duration),
            (DEFAULT_SIZE, &mut defaults.size),
            (DEFAULT_FLAGS, &mut defaults.flags),
        ];
        for (flag, value) in overridden {
            if flags & flag != 0 {
                *value = fields.u32()?;
            }
        }
        let decode_time = match traf.find("tfdt")? {
            None => None,
            Some(tfdt) => {
                let (version, _, mut fields) = tfdt.full()?;
                Some(fields.u32_or_u64(version)?)
            }
        };
        let mut truns = Vec::new();
        for child in traf.children() {
            let child = child?;
            if child.kind == b"trun" {
                truns.push(Trun::parse(&child)?);
            }
        }
        Ok(Self {
            track,
            decode_time,
            base_data_offset,
            default_base_is_moof: flags & DEFAULT_BASE_IS_MOOF != 0,
            duration_is_empty: flags & DURATION_IS_EMPTY != 0,
            defaults,
            truns,
            whole: *traf,
        })
    }

    /// Number of the sample entry, from 1, that all its samples use.
    #[must_use]
    pub fn description(&self) -> u32 {
        self.defaults.description
    }

    /// How many samples there are. Not a promise of memory: a run without fields of its own costs the file nothing.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.truns.iter().map(|trun| u64::from(trun.count)).sum()
    }

    /// Its samples in decode order.
    pub fn samples(&self) -> impl Iterator<Item = FragmentSample> + '_ {
        self.truns.iter().flat_map(move |trun| {
            let mut rows = trun.rows;
            (0..trun.count).map(move |at| trun.sample(at == 0, &mut rows, &self.defaults))
        })
    }

    /// Its samples in decode order, where those that a sample group calls random access points are sync samples, too.
    ///
    /// # Errors
    /// When its sample groups are damaged.
    pub fn samples_with_groups(&self) -> Result<impl Iterator<Item = FragmentSample> + '_, Error> {
        let mut group = SampleGroup::parse(&self.whole, SampleGroup::RANDOM_ACCESS)?;
        Ok(self.samples().map(move |sample| {
            let is_member = group.as_mut().is_some_and(|group| group.next().unwrap_or(false));
            FragmentSample { is_sync: sample.is_sync || is_member, ..sample }
        }))
    }

    /// Length of all its samples together, in ticks and in bytes, in time proportional to the box's length only.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        self.truns.iter().fold((0, 0), |totals, trun| {
            let (ticks, bytes) = trun.totals(&self.defaults);
            (totals.0.saturating_add(ticks), totals.1.saturating_add(bytes))
        })
    }
}

impl<'a> Trun<'a> {
    fn parse(trun: &BoxRef<'a>) -> Result<Self, Error> {
        let (_, flags, mut rows) = trun.full()?;
        let count = rows.u32()?;
        let data_offset = if flags & DATA_OFFSET != 0 { Some(rows.i32()?) } else { None };
        let first_sample_flags = if flags & FIRST_SAMPLE_FLAGS != 0 { Some(rows.u32()?) } else { None };
        let parsed = Self { flags, count, data_offset, first_sample_flags, rows };
        if (rows.rest().len() as u64) < u64::from(count) * parsed.row_bytes() {
            return Err(trun.invalid("the run has more samples than rows"));
        }
        Ok(parsed)
    }

    fn row_bytes(&self) -> u64 {
        let columns = SAMPLE_DURATION | SAMPLE_SIZE | SAMPLE_FLAGS | SAMPLE_COMPOSITION_OFFSET;
        u64::from((self.flags & columns).count_ones()) * 4
    }

    fn sample(&self, is_first: bool, rows: &mut Fields<'_>, defaults: &TrackDefaults) -> FragmentSample {
        let mut column =
            |flag| (self.flags & flag != 0).then(|| rows.u32().expect("the rows are counted when the box is parsed"));
        let duration = column(SAMPLE_DURATION).unwrap_or(defaults.duration);
        let size = column(SAMPLE_SIZE).unwrap_or(defaults.size);
        let flags = column(SAMPLE_FLAGS);
        let offset = column(SAMPLE_COMPOSITION_OFFSET).unwrap_or(0);
        let flags = self.first_sample_flags.filter(|_| is_first).or(flags).unwrap_or(defaults.flags);
        FragmentSample {
            data_offset: self.data_offset.filter(|_| is_first),
            size,
            duration,
            // Version 0 has no sign, and some muxers write one all the same. No offset takes half of the clock.
            composition_offset: i64::from(offset.cast_signed()),
            is_sync: flags & IS_NON_SYNC == 0,
        }
    }

    fn totals(&self, defaults: &TrackDefaults) -> (u64, u64) {
        let count = u64::from(self.count);
        if self.flags & (SAMPLE_DURATION | SAMPLE_SIZE) == 0 {
            return (count * u64::from(defaults.duration), count * u64::from(defaults.size));
        }
        let mut rows = self.rows;
        (0..self.count).fold((0, 0), |(ticks, bytes), at| {
            let sample = self.sample(at == 0, &mut rows, defaults);
            (ticks + u64::from(sample.duration), bytes + u64::from(sample.size))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::{full, make, words};

    #[test]
    fn more_trafs_than_fragments_have_are_refused() {
        let parse = |count| {
            let traf = make(b"traf", &full(b"tfhd", 0, 0, &words(&[1])));
            let moof = make(b"moof", &[full(b"mfhd", 0, 0, &words(&[1])), traf.repeat(count)].concat());
            let moof = BoxRef::parse(&moof, 0).expect("whole");
            Moof::parse(&moof, |_| Some(TrackDefaults::default())).map(|moof| moof.trafs.len())
        };
        assert_eq!(parse(4_096), Ok(4_096));
        let error = parse(4_097).expect_err("too many").to_string();
        assert!(error.starts_with("moof/traf at byte 98328: there are more than 4096"), "{error}");
    }
}
