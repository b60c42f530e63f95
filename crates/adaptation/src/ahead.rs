//! What lies ahead: the rungs, and the coming groups in each of them.

use std::fmt;
use std::time::Duration;

/// Groups that a choice looks at, at most. More may be handed over; they are not read.
pub const HORIZON: usize = 8;

/// A rung's place in its switching set, counted from the lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RungId(pub usize);

impl RungId {
    /// The one that every link gets when nothing else will do.
    pub const LOWEST: Self = Self(0);

    /// The next higher one, whether there is one or not.
    #[must_use]
    pub const fn above(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The next lower one; the lowest has itself.
    #[must_use]
    pub const fn below(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl fmt::Display for RungId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rung {}", self.0)
    }
}

/// One stream of a switching set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Bits in a second of film, on average.
    pub bits_per_second: u64,
    /// Lines of a picture; 0 where they do not matter (sound).
    pub height: u32,
    /// Whether the device decodes it in time, as far as is known.
    pub is_smooth: bool,
}

/// One of the coming groups.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    /// How long it plays.
    pub length: Duration,
    /// Bytes in each rung, from the lowest. What is missing is taken from the rung's average.
    pub bytes: &'a [u64],
}

/// The rungs from the lowest to the highest, and the coming groups from the one to choose for.
#[derive(Clone, Copy, Debug)]
pub struct Ahead<'a> {
    /// From the lowest to the highest.
    pub rungs: &'a [Rung],
    /// In order; the first is the one to choose for.
    pub groups: &'a [Group<'a>],
}

impl Ahead<'_> {
    /// Bytes of a group in a rung.
    pub(crate) fn bytes(&self, group: &Group<'_>, rung: RungId) -> u64 {
        let average = || {
            let rate = self.rungs.get(rung.0).map_or(0, |rung| rung.bits_per_second);
            (u128::from(rate) * group.length.as_micros() / 8_000_000).try_into().unwrap_or(u64::MAX)
        };
        group.bytes.get(rung.0).copied().unwrap_or_else(average)
    }

    /// Bytes of the group to choose for.
    pub(crate) fn next_bytes(&self, rung: RungId) -> u64 {
        self.groups.first().map_or(0, |group| self.bytes(group, rung))
    }
}
