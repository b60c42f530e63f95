//! What links, memories and disks do to bytes while their number stays as it is.

/// A kind of damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wound {
    /// One bit is another.
    Bit,
    /// A run of zeros.
    Zeros,
    /// Two blocks have changed places.
    Swapped,
    /// Bytes are missing, and what follows has moved up.
    CutOut,
    /// The bytes of another place.
    Elsewhere,
}

/// The longest run, as a power of two.
const MOST: u32 = 12;

impl Wound {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Bit, Self::Zeros, Self::Swapped, Self::CutOut, Self::Elsewhere];

    /// For tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bit => "a bit",
            Self::Zeros => "zeros",
            Self::Swapped => "swapped blocks",
            Self::CutOut => "a cut-out",
            Self::Elsewhere => "another place's bytes",
        }
    }

    /// Does it to a fragment, from byte `at` on. Afterwards it is not what it was.
    pub(super) fn inflict(self, bytes: &mut [u8], at: usize, random: &mut fastrand::Rng) {
        let left = bytes.len() - at;
        let length = (1 << random.u32(0..=MOST)).min(left);
        let before = bytes.to_vec();
        match self {
            Self::Bit => {}
            Self::Zeros => bytes[at..at + length].fill(0),
            Self::Swapped => {
                let half = length.min(left / 2);
                let (first, second) = bytes[at..at + 2 * half].split_at_mut(half);
                first.swap_with_slice(second);
            }
            Self::CutOut => bytes.copy_within(at + length.., at),
            Self::Elsewhere => {
                let from = random.usize(0..=bytes.len() - length);
                bytes.copy_within(from..from + length, at);
            }
        }
        if bytes == before {
            bytes[at] ^= 1 << random.u32(0..8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wound_changes_bytes_from_its_place_on_and_none_before() {
        let whole: Vec<u8> = (0..6_000_u32).map(|n| (n % 251) as u8).collect();
        for wound in Wound::ALL {
            for seed in 0..300 {
                let mut random = fastrand::Rng::with_seed(seed);
                let at = random.usize(0..whole.len());
                let mut bytes = whole.clone();
                wound.inflict(&mut bytes, at, &mut random);
                assert!(bytes != whole && bytes.len() == whole.len(), "{wound:?} {seed}");
                assert_eq!(bytes[..at], whole[..at], "{wound:?} {seed}");
            }
        }
        let mut bit = whole.clone();
        Wound::Bit.inflict(&mut bit, 9, &mut fastrand::Rng::with_seed(1));
        assert_eq!((bit[9] ^ whole[9]).count_ones(), 1);
        assert_eq!(bit[10..], whole[10..]);
    }
}
