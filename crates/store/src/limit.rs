//! A cap on how fast bytes are sent, shared by all that are under way.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// The most bytes that are handed to the network at a time.
const PIECE: u64 = 64 << 10;

/// Says when the next bytes may be sent.
#[derive(Debug)]
pub(crate) struct Limit {
    /// Bytes in a second, if there is a cap.
    rate: Option<u64>,
    /// When what was granted so far is sent at that rate.
    free: Mutex<Option<Instant>>,
}

impl Limit {
    pub(crate) fn new(rate: Option<u64>) -> Self {
        Self { rate: rate.filter(|&rate| rate > 0), free: Mutex::new(None) }
    }

    /// The most bytes to ask for at once: an eighth of a second's worth under a cap, so that others on the link get their
    /// turn.
    pub(crate) fn piece(&self) -> usize {
        let piece = self.rate.map_or(PIECE, |rate| (rate / 8).clamp(1 << 10, PIECE));
        usize::try_from(piece).unwrap_or(1 << 10)
    }

    /// Grants that many bytes; when they may be sent, unless that is now.
    pub(crate) fn grant(&self, bytes: usize, now: Instant) -> Option<Instant> {
        let rate = self.rate?;
        let mut free = self.free.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let at = free.map_or(now, |free| free.max(now));
        *free = Some(at + Duration::from_secs_f64(bytes as f64 / rate as f64));
        (at > now).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_granted_together_keeps_to_the_rate() {
        let now = Instant::now();
        let limit = Limit::new(Some(1_000_000));
        let mut last = now;
        for _ in 0..100 {
            last = limit.grant(50_000, now).unwrap_or(now);
        }
        let took = last - now;
        assert!((Duration::from_millis(4_949)..Duration::from_millis(4_951)).contains(&took), "{took:?}");
        // What was not used while nothing was sent is not made up for.
        let later = now + Duration::from_secs(60);
        assert_eq!(limit.grant(50_000, later), None);
        assert!(limit.grant(50_000, later).is_some());
    }

    #[test]
    fn without_a_cap_nobody_waits() {
        let limit = Limit::new(None);
        assert_eq!(limit.grant(1 << 30, Instant::now()), None);
        assert_eq!(limit.piece(), 64 << 10);
        assert_eq!(Limit::new(Some(1)).piece(), 1 << 10);
    }
}
