//! Where a track stands in the film.

use isobmff::Sample;

/// From a sample's place in its track to its place in the film, in ticks of the track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timing {
    /// Ticks in a second.
    pub(crate) timescale: u32,
    /// Decode time of the first sample.
    pub(crate) decode_start: u64,
    /// The composition time that is presented at zero, as the init's edit list says.
    pub(crate) media_time: u64,
}

impl Timing {
    /// When a sample is presented.
    pub(crate) fn presentation(&self, decode_time: u64, sample: &Sample) -> i64 {
        let composition = i128::from(decode_time) + i128::from(sample.composition_offset);
        let time = composition - i128::from(self.media_time);
        i64::try_from(time).unwrap_or(if time < 0 { i64::MIN } else { i64::MAX })
    }

    pub(crate) fn seconds(&self, ticks: i64) -> f64 {
        ticks as f64 / f64::from(self.timescale)
    }
}
