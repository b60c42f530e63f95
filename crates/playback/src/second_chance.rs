//! Whether a film whose decoder has failed begins anew by itself.

use manifest::MediaTime;

/// Distance in the film of two failures below which the film is to blame for both, not the decoder.
const APART: MediaTime = MediaTime::from_millis(10_000);

/// A decoder that fails may have lost its process or its device: then another one plays what this one could not.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SecondChance {
    last: Option<MediaTime>,
}

impl SecondChance {
    /// Takes note of a failure at `at`; whether another decoder is worth a try there.
    pub(crate) fn take(&mut self, at: MediaTime) -> bool {
        let last = self.last.replace(at);
        last.is_none_or(|last| (at - last).abs() >= APART)
    }

    /// Whether a decoder has failed.
    pub(crate) fn is_taken(&self) -> bool {
        self.last.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_twice_in_one_place_is_not_tried_a_third_time() {
        let mut chance = SecondChance::default();
        let at = MediaTime::from_millis;
        let taken = [0, 9_000, 30_000, 30_000, 21_000, 5_000].map(|millis| chance.take(at(millis)));
        assert_eq!(taken, [true, false, true, false, false, true]);
    }
}
