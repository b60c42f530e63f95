//! What a player must know of a fragment.

use crate::{BoxRef, Error, Init, Moof};

/// What a `moof` says about the media behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// `mfhd`.
    pub sequence: u32,
    /// In file order; at least one.
    pub tracks: Vec<TrackFragment>,
}

/// One track's part of a fragment. Times are in ticks of that track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrackFragment {
    /// The number of the track.
    pub track: u32,
    /// Decode time of the first sample (`tfdt`).
    pub decode_time: u64,
    /// Composition time of the first sample, before the edit list.
    pub composition_time: i64,
    /// Length of all samples together.
    pub duration: u64,
    /// How many samples there are.
    pub samples: u64,
    /// Bytes of media.
    pub data_bytes: u64,
    /// Whether decoding can start at the first sample.
    pub starts_with_sync: bool,
}

impl Fragment {
    /// Reads a `moof` box with the defaults of the init that it belongs to.
    ///
    /// # Errors
    /// With the place of what is missing or damaged; a traf without `tfdt` too, which MediaSource does not take.
    pub fn parse(moof: &BoxRef<'_>, init: &Init) -> Result<Self, Error> {
        let parsed = Moof::parse(moof, |track| init.track(track).map(|track| track.defaults.unwrap_or_default()))?;
        let mut tracks = Vec::new();
        for traf in &parsed.trafs {
            let decode_time = traf.decode_time.ok_or_else(|| Error::missing(moof.path, moof.offset, "tfdt"))?;
            let (duration, data_bytes) = traf.totals();
            let first = traf.samples().next();
            let start = i64::try_from(decode_time).ok().filter(|start| start.checked_add_unsigned(duration).is_some());
            let start = start.ok_or_else(|| moof.invalid("the decode time is beyond every clock"))?;
            tracks.push(TrackFragment {
                track: traf.track,
                decode_time,
                composition_time: start.saturating_add(first.map_or(0, |sample| sample.composition_offset)),
                duration,
                samples: traf.count(),
                data_bytes,
                starts_with_sync: first.is_some_and(|sample| sample.is_sync),
            });
        }
        Ok(Self { sequence: parsed.sequence, tracks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_boxes::{film, full, make, words};

    fn parse(bytes: &[u8]) -> Result<Fragment, Error> {
        let init = Init::parse(&film::init(&[film::video(1), film::audio(2)])).expect("valid");
        let moof = BoxRef::parse(bytes, 0).expect("whole");
        Fragment::parse(&moof, &init)
    }

    #[test]
    fn a_fragment_is_summed_up() {
        let fragment = parse(&film::fragment(1, 1 << 33)).expect("valid");
        assert_eq!(fragment.sequence, 1);
        let expected = TrackFragment {
            track: 1,
            decode_time: 1 << 33,
            composition_time: (1 << 33) + 1_024,
            duration: 3 * 512,
            samples: 3,
            data_bytes: 300,
            starts_with_sync: true,
        };
        assert_eq!(fragment.tracks, [expected]);
    }

    fn moof(track: u32, trun: &[u8], with_tfdt: bool) -> Vec<u8> {
        let tfdt = if with_tfdt { full(b"tfdt", 0, 0, &words(&[90])) } else { Vec::new() };
        let tfhd = full(b"tfhd", 0, 0x8 | 0x10 | 0x20, &words(&[track, 1_000, u32::MAX, 0x1_0000]));
        let traf = make(b"traf", &[tfhd, tfdt, trun.to_vec()].concat());
        make(b"moof", &[full(b"mfhd", 0, 0, &words(&[1])), traf].concat())
    }

    #[test]
    fn four_billion_samples_without_rows_cost_no_time() {
        let trun = full(b"trun", 0, 0, &words(&[u32::MAX]));
        let track = parse(&moof(1, &trun, true)).expect("valid").tracks[0];
        assert_eq!(track.duration, u64::from(u32::MAX) * 1_000);
        assert_eq!((track.data_bytes, track.starts_with_sync), (u64::from(u32::MAX).pow(2), false));
        assert!(parse(&moof(1, &[trun.clone(), trun].concat(), true)).is_ok(), "sums saturate");
    }

    #[test]
    fn composition_offsets_are_signed_in_every_version() {
        let start = |version| {
            let trun = full(b"trun", version, 0x800, &words(&[1, u32::MAX]));
            parse(&moof(1, &trun, true)).expect("valid").tracks[0].composition_time
        };
        assert_eq!([start(0), start(1)], [89, 89]);
    }

    #[test]
    fn damage_is_refused() {
        let trun = full(b"trun", 0, 0x200, &words(&[2, 100]));
        assert!(parse(&moof(1, &trun, true)).expect_err("short").to_string().contains("more samples than rows"));
        let trun = full(b"trun", 0, 0, &words(&[1]));
        assert!(parse(&moof(1, &trun, false)).expect_err("no time").to_string().contains("has no tfdt box"));
        assert!(parse(&moof(9, &trun, true)).expect_err("no track").to_string().contains("does not have"));
    }
}
