//! For whom a room waits, and how long.

use serde::{Deserialize, Serialize};

use crate::Span;

/// For whom a room waits before it plays, and when somebody stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// For all that can be waited for.
    All {
        /// The longest wait at once, and the longest for one member's stalls in all; five minutes give that patience back.
        limit: Limit,
    },
    /// For some of them.
    Quorum {
        /// Hundredths of them that have to be ready: 1 to 100; less counts as 1, more as 100.
        percent: u8,
        /// As for all.
        limit: Limit,
    },
    /// For nobody.
    Never,
}

impl Policy {
    /// The longest wait.
    #[must_use]
    pub fn limit(self) -> Span {
        match self {
            Self::All { limit } | Self::Quorum { limit, .. } => limit.span(),
            Self::Never => Span::ZERO,
        }
    }

    /// Whether `ready` of `awaited` members are enough.
    #[must_use]
    pub fn is_enough(self, ready: usize, awaited: usize) -> bool {
        match self {
            Self::All { .. } => ready >= awaited,
            Self::Quorum { percent, .. } => ready * 100 >= awaited * usize::from(percent.clamp(1, 100)),
            Self::Never => true,
        }
    }
}

/// All, for at most ten seconds.
impl Default for Policy {
    fn default() -> Self {
        Self::All { limit: Limit::default() }
    }
}

/// How long a room waits at most: whole seconds from 1 to 60, as a number of seconds in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "u32", into = "u32")]
pub struct Limit(u32);

impl Limit {
    /// The nearest limit that there is.
    #[must_use]
    pub fn seconds(seconds: u32) -> Self {
        Self(seconds.clamp(1, 60))
    }

    fn span(self) -> Span {
        Span::from_secs(self.0.into())
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(10)
    }
}

impl From<u32> for Limit {
    fn from(seconds: u32) -> Self {
        Self::seconds(seconds)
    }
}

impl From<Limit> for u32 {
    fn from(limit: Limit) -> Self {
        limit.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn whoever_is_enough() {
        let quorum = |percent| Policy::Quorum { percent, limit: Limit::default() };
        assert!(Policy::default().is_enough(0, 0) && !Policy::default().is_enough(2, 3));
        assert!(quorum(50).is_enough(2, 4) && !quorum(51).is_enough(2, 4) && !quorum(0).is_enough(0, 4));
        assert!(quorum(255).is_enough(4, 4) && Policy::Never.is_enough(0, 9));
    }

    #[test]
    fn nobody_waits_for_ever() {
        assert_eq!(Policy::All { limit: u32::MAX.into() }.limit(), Span::from_secs(60));
        assert_eq!(Policy::All { limit: 0.into() }.limit(), Span::from_secs(1));
    }
}
