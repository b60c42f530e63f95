//! Whether something grows, whatever noise lies over it.

/// Quantile of the normal distribution that one in a thousand lies beyond.
const ONE_IN_A_THOUSAND: f64 = 3.09;

/// By how much something rises in a second, by points of which nothing is taken for granted but that they do not depend on each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The median of the slopes between all pairs of points (Theil, Sen), which single peaks do not move.
    pub estimate: f64,
    /// The true slope lies below this once in a thousand (Sen 1968, by the variance of Kendall's score).
    pub lowest: f64,
    /// And above this once in a thousand.
    pub highest: f64,
}

impl Slope {
    /// Of points `(seconds, amount)`, each later than the one before; `None` of fewer than three.
    #[must_use]
    pub fn of(points: &[(f64, f64)]) -> Option<Self> {
        if points.len() < 3 {
            return None;
        }
        let pairs =
            points.iter().enumerate().flat_map(|(at, one)| points[at + 1..].iter().map(move |other| (one, other)));
        let mut slopes: Vec<f64> = pairs.map(|(one, other)| (other.1 - one.1) / (other.0 - one.0)).collect();
        slopes.sort_by(f64::total_cmp);
        let count = slopes.len() as f64;
        let reach = ONE_IN_A_THOUSAND * variance(points).sqrt();
        let ranked = |rank: f64| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies within the slopes")]
            let at = rank.clamp(0.0, count - 1.0) as usize;
            slopes[at]
        };
        Some(Self {
            estimate: (ranked(((count - 1.0) / 2.0).floor()) + ranked(((count - 1.0) / 2.0).ceil())) / 2.0,
            lowest: ranked(((count - reach) / 2.0).floor() - 1.0),
            highest: ranked(((count + reach) / 2.0).ceil()),
        })
    }
}

/// Of Kendall's score, where amounts that are equal are told apart by nothing.
fn variance(points: &[(f64, f64)]) -> f64 {
    let mut amounts: Vec<f64> = points.iter().map(|point| point.1).collect();
    amounts.sort_by(f64::total_cmp);
    let weight = |count: usize| {
        let count = count as f64;
        count * (count - 1.0) * (2.0 * count + 5.0)
    };
    let ties: f64 = amounts.chunk_by(|one, other| one == other).map(|equal| weight(equal.len())).sum();
    (weight(points.len()) - ties) / 18.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise of ±10 around 100, and `rise` in each second.
    fn noisy(rise: f64, seed: u64) -> Vec<(f64, f64)> {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..60).map(f64::from).map(|at| (at, 100.0 + rise * at + 20.0 * random.f64() - 10.0)).collect()
    }

    #[test]
    fn what_rises_is_seen_through_noise_many_times_as_high_as_its_steps() {
        for seed in 0..50 {
            let slope = Slope::of(&noisy(0.5, seed)).expect("points enough");
            assert!(slope.lowest > 0.0 && (slope.lowest..=slope.highest).contains(&0.5), "{slope:?}");
        }
    }

    #[test]
    fn what_does_not_rise_is_not_said_to() {
        let rising = (0..1_000).filter(|seed| Slope::of(&noisy(0.0, *seed)).expect("points enough").lowest > 0.0);
        let rising = rising.count();
        assert!(rising <= 4, "{rising} of 1,000");
    }

    #[test]
    fn a_peak_is_no_rise() {
        let mut flat: Vec<_> = (0..20).map(|at| (f64::from(at), 100.0 + f64::from(at % 3))).collect();
        flat[7].1 = 9_000.0;
        let slope = Slope::of(&flat).expect("points enough");
        assert!(slope.estimate.abs() < 0.1 && slope.lowest <= 0.0, "{slope:?}");
        let level: Vec<_> = (0..20).map(|at| (f64::from(at), 7.0)).collect();
        assert_eq!(Slope::of(&level), Some(Slope { estimate: 0.0, lowest: 0.0, highest: 0.0 }));
        assert_eq!(Slope::of(&level[..2]), None);
    }
}
