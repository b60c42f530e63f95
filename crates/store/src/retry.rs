//! Trying again: what passes is waited out, each wait longer than the one before, and none as long as another's.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

/// How long a store is asked again.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The first wait.
    pub first: Duration,
    /// The longest wait; each is twice the one before, up to this.
    pub most: Duration,
    /// Attempts after which it is given up.
    pub attempts: u32,
}

impl Default for Patience {
    /// About an hour in all: a laptop that slept, a router that restarts, an address that changes.
    fn default() -> Self {
        Self { first: Duration::from_millis(500), most: Duration::from_secs(60), attempts: 80 }
    }
}

impl Patience {
    /// The wait after this many attempts (from 1 on): between half of the doubled waits and all of it, so that those who were
    /// refused together do not come back together.
    pub(crate) fn wait(&self, attempts: u32) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX));
        let random = RandomState::new().build_hasher().finish();
        doubled.min(self.most).mul_f64(0.5 + (random >> 11) as f64 / (1_u64 << 54) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_differ() {
        let patience = Patience::default();
        for attempts in 1..200 {
            let most =
                Duration::from_millis(500).saturating_mul(1 << (attempts - 1).min(20)).min(Duration::from_secs(60));
            let wait = patience.wait(attempts);
            assert!(wait >= most / 2 && wait <= most, "{attempts}: {wait:?}");
        }
        assert!((0..100).any(|_| patience.wait(9) != patience.wait(9)));
    }
}
