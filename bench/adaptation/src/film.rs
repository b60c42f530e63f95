//! A film in several rungs, as far as rate adaptation knows it.

use serde::Deserialize;

/// Sizes of all groups in all rungs.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Film {
    /// How long each group plays, in milliseconds.
    #[serde(rename = "segment_duration_ms")]
    pub(crate) group_ms: f64,
    /// Mean rates of the rungs, from the lowest to the highest.
    #[serde(rename = "bitrates_kbps")]
    pub(crate) kbps: Vec<f64>,
    /// `bits[group][rung]`.
    #[serde(rename = "segment_sizes_bits")]
    pub(crate) bits: Vec<Vec<f64>>,
}

impl Film {
    /// Whether every number is one, and every group has every rung.
    pub(crate) fn is_sound(&self) -> bool {
        let is_positive = |number: &f64| *number > 0.0 && number.is_finite();
        is_positive(&self.group_ms)
            && !self.kbps.is_empty()
            && !self.bits.is_empty()
            && self.kbps.iter().all(is_positive)
            && self.kbps.is_sorted()
            && self.bits.iter().all(|group| group.len() == self.kbps.len() && group.iter().all(is_positive))
    }

    /// The highest rung's number.
    pub(crate) fn top(&self) -> usize {
        self.kbps.len() - 1
    }
}

impl Film {
    /// Groups of two seconds in six rungs, whose sizes vary as those of a film do: by scene, and a little by group.
    pub(crate) fn made_up(groups: usize) -> Self {
        let kbps = vec![400.0, 900.0, 1_800.0, 3_500.0, 7_000.0, 14_000.0];
        let mut random = fastrand::Rng::with_seed(20_261_128);
        let (mut scene, mut left) = (1.0, 0);
        let mut bits = Vec::with_capacity(groups);
        for _ in 0..groups {
            if left == 0 {
                (scene, left) = (0.6 + 0.8 * random.f64(), random.usize(3..20));
            }
            left -= 1;
            let group = scene * (0.85 + 0.3 * random.f64());
            bits.push(kbps.iter().map(|rate| (rate * 2_000.0 * group).round()).collect());
        }
        Self { group_ms: 2_000.0, kbps, bits }
    }
}
