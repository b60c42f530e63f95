//! What came of a film that was watched, and whether anything grew.

use serde::{Deserialize, Serialize};

use super::{Measure, Sample, sample::MEASURES, slope::Slope};

/// The share of looks that are not judged: until then buffers fill for the first time, and scripts are compiled.
const WARM_UP: f64 = 1.0 / 3.0;

/// A film that was watched.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Outcome {
    /// In which browser.
    pub browser: String,
    /// Bytes of the film.
    pub bytes: u64,
    /// One after each seed.
    pub samples: Vec<Sample>,
    /// How many pictures were read and held against their numbers.
    pub pictures: usize,
    /// How many of these are what a seek was to show.
    pub probes: usize,
    /// How often the film stood still, seeks aside.
    pub stalls: usize,
}

/// What is to be said of a measure.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// Which.
    pub measure: Measure,
    /// Mostly, after the warm-up.
    pub median: f64,
    /// Ever.
    pub most: f64,
    /// After the warm-up.
    pub slope: Slope,
    /// Seconds from the warm-up on.
    pub span: f64,
}

impl Verdict {
    /// Whether it has grown: by at least a unit, even if the slope is the lowest that it may be.
    #[must_use]
    pub fn grows(&self) -> bool {
        self.slope.lowest * self.span >= self.measure.unit
    }
}

impl Outcome {
    /// For how long it was watched.
    #[must_use]
    pub fn minutes(&self) -> f64 {
        self.samples.last().map_or(0.0, |sample| sample.seconds) / 60.0
    }

    /// Every measure that the browser tells, and for which there are looks enough.
    #[must_use]
    pub fn verdicts(&self) -> Vec<Verdict> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
        let cold = (self.samples.len() as f64 * WARM_UP) as usize;
        let settled = &self.samples[cold..];
        let verdict = |measure: &Measure| {
            let points: Vec<_> =
                settled.iter().filter_map(|sample| Some((sample.seconds, (measure.of)(sample)?))).collect();
            let slope = Slope::of(&points)?;
            let mut amounts: Vec<f64> = points.iter().map(|point| point.1).collect();
            amounts.sort_by(f64::total_cmp);
            let most = self.samples.iter().filter_map(measure.of).fold(0.0, f64::max);
            let span = points.last()?.0 - points.first()?.0;
            Some(Verdict { measure: *measure, median: amounts[amounts.len() / 2], most, slope, span })
        };
        MEASURES.iter().filter_map(verdict).collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Twenty minutes of noise in which scripts take `leak` more bytes in each second.
    pub(in crate::soak) fn watched(leak: f64) -> Outcome {
        let mut random = fastrand::Rng::with_seed(20);
        let samples = (0..100).map(|seed| {
            let seconds = f64::from(seed) * 12.0;
            Sample {
                seconds,
                resident: 3e8 + 1e8 * random.f64(),
                scripts: Some(4e6 + 1e5 * random.f64() + leak * seconds),
                wasm: 1_310_720.0,
                buffered: 6e7 * random.f64(),
                requests: f64::from(random.u32(1..4)),
                listeners: Some(40.0),
                received: 3e6 * seconds,
            }
        });
        Outcome {
            browser: "Chromium".to_owned(),
            bytes: 4_400_000_000,
            samples: samples.collect(),
            ..Outcome::default()
        }
    }

    #[test]
    fn a_leak_of_a_kilobyte_a_second_is_found_and_noise_is_none() {
        let growing = |outcome: &Outcome| -> Vec<_> {
            outcome.verdicts().iter().filter(|verdict| verdict.grows()).map(|verdict| verdict.measure.name).collect()
        };
        assert_eq!(growing(&watched(0.0)), [] as [&str; 0]);
        assert_eq!(growing(&watched(1_000.0)), ["scripts"]);
        assert_eq!(watched(0.0).verdicts().len(), MEASURES.len());
    }
}
