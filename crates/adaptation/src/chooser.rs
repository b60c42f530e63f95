//! The rung of the next group.
//!
//! From the highest rung that may be chosen downwards, the first is taken of which all of this holds:
//! 1. **One group**: were the link as slow as it is one time of ten, something would be left when the next group has come. What it
//!    takes in bytes is known, not estimated.
//! 2. **Playing on**: with the next few groups from this rung, at the throughput that is to be expected, enough stays ready. How much
//!    that is depends on what the step down would cost. Where it is a small one, much is kept; where it halves the picture's rate, the
//!    rung is held for longer. A link that has fallen silent before is met with more.
//! 3. **Upwards** more is asked for than for staying: that is the hysteresis, and a rung that has just been left is not gone back to at
//!    once. A buffer that grows all the same may rise below that mark, so that a quick link is used from the first moment on.

use std::time::Duration;

use crate::forecast::{part, permille};
use crate::hold::{Buffer, Held};
use crate::reason::{Choice, Obstacle, Why};
use crate::{Ahead, Forecast, Limits, RungId};

/// Film that a higher rung has to carry, and film that the present one has to.
const RISE_FOR: Duration = Duration::from_secs(7);
const STAY_FOR: Duration = Duration::from_secs(5);

/// Shares of a full buffer in thousandths.
///
/// What has to be left after one group, at a slow moment. Where the buffer is large, three seconds are enough.
const AFTER_ONE: u64 = 120;
const AFTER_ONE_MOST: Duration = Duration::from_secs(3);
/// Least that stays where a step down costs nothing; below that, what each thousandth of a step costs, and the bounds.
const STAY: u64 = 1_000;
const STAY_LESS: u64 = 1_300;
const STAY_LEAST: u64 = 200;
const STAY_MOST: u64 = 650;
/// Margin of a rise beyond that, and beyond the link's shortfall.
const RISE_MORE: u64 = 150;
const RISE_BEYOND_SHORTFALL: u64 = 120;
/// Least that a buffer that grows has left.
const GROWING: u64 = 80;
/// The part of the link's shortfall that is kept ready, and the most that is.
const SHORTFALL: u64 = 500;
const SHORTFALL_MOST: u64 = 700;

/// A rise is tried with so much of the throughput: the buffer lends the rest.
const LENT: u64 = 1_200;

/// A rung that is fallen back to refills the buffer by so much within [`RISE_FOR`], unless enough lies ready.
const REFILL: Duration = Duration::from_secs(1);

/// After a change, so much film is fetched before the next rise.
const DWELL: Duration = Duration::from_secs(4);

/// Chooses rungs for one switching set. It remembers the one before, and nothing else.
#[derive(Clone, Debug, Default)]
pub struct Chooser {
    last: Option<RungId>,
    /// Film fetched since the rung was changed.
    held_for: Duration,
}

impl Chooser {
    /// Has chosen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The rung before, if there was one.
    #[must_use]
    pub fn last(&self) -> Option<RungId> {
        self.last
    }

    /// Forgets the rung before: what comes next does not follow it.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The rung of the first of the coming groups. `ready` is how long what lies ready plays, `capacity` how long what may lie
    /// ready does, the coming group included. Without a forecast the rung before is kept.
    pub fn choose(
        &mut self,
        ahead: &Ahead<'_>,
        link: Option<&Forecast>,
        limits: &Limits,
        ready: Duration,
        capacity: Duration,
    ) -> Choice {
        let (ceiling, limit) = limits.ceiling(ahead);
        let last = self.last.unwrap_or(RungId::LOWEST);
        let mut next = limit.map(Obstacle::Limit);
        let mut rung = ceiling;
        if let Some(link) = link {
            let buffer = Buffer { ready, capacity };
            while rung > RungId::LOWEST {
                let Some(obstacle) = self.against(ahead, rung, last, link, buffer) else { break };
                next = Some(obstacle);
                rung = rung.below();
            }
        } else if last < ceiling {
            (rung, next) = (last, Some(Obstacle::Unknown));
        }
        let why = match rung.cmp(&last) {
            std::cmp::Ordering::Greater => Why::Rises,
            std::cmp::Ordering::Equal => Why::Stays,
            std::cmp::Ordering::Less if rung == ceiling => Why::Limited,
            std::cmp::Ordering::Less => Why::Falls,
        };
        self.take(ahead, rung);
        Choice { rung, why, next }
    }

    /// Remembers what is fetched from now on.
    pub(crate) fn take(&mut self, ahead: &Ahead<'_>, rung: RungId) {
        if self.last != Some(rung) {
            self.held_for = Duration::ZERO;
        }
        self.last = Some(rung);
        let length = ahead.groups.first().map_or(Duration::ZERO, |group| group.length);
        self.held_for = self.held_for.saturating_add(length);
    }

    /// What stands against a rung that is not the lowest.
    fn against(
        &self,
        ahead: &Ahead<'_>,
        rung: RungId,
        last: RungId,
        link: &Forecast,
        buffer: Buffer,
    ) -> Option<Obstacle> {
        if rung > last && self.last.is_some() && self.held_for < DWELL {
            return Some(Obstacle::TooSoon);
        }
        let needs = part(buffer.capacity, AFTER_ONE).min(AFTER_ONE_MOST);
        let one = Held::of(ahead, rung, Duration::ZERO, link.low, link, buffer);
        if one.least < needs {
            return Some(Obstacle::Risky { leaves: one.least, needs });
        }

        let shortfall = part(link.shortfall, SHORTFALL).min(part(buffer.capacity, SHORTFALL_MOST));
        let stay = part(buffer.capacity, stay(ahead, rung));
        let rise =
            (stay + part(buffer.capacity, RISE_MORE)).max(shortfall + part(buffer.capacity, RISE_BEYOND_SHORTFALL));
        let (span, rate, needs) = if rung == last {
            (STAY_FOR, link.expected, stay.max(shortfall))
        } else {
            (RISE_FOR, permille(link.expected, LENT), rise)
        };
        let held = Held::of(ahead, rung, span, rate, link, buffer);
        let grows = match rung.cmp(&last) {
            std::cmp::Ordering::Greater => held.end > buffer.ready && held.least >= part(buffer.capacity, GROWING),
            std::cmp::Ordering::Equal => held.end >= buffer.ready && !held.least.is_zero(),
            std::cmp::Ordering::Less => held.end >= buffer.ready.saturating_add(REFILL),
        };
        (held.least < needs && !grows).then_some(Obstacle::Drains { leaves: held.least, needs })
    }
}

/// The share of a full buffer that has to stay for a rung to be held, in thousandths.
fn stay(ahead: &Ahead<'_>, rung: RungId) -> u64 {
    let rate = |rung: RungId| ahead.rungs.get(rung.0).map_or(0, |rung| rung.bits_per_second);
    let (upper, lower) = (rate(rung).max(1), rate(rung.below()));
    let costs = u128::from(upper.saturating_sub(lower)) * 1_000 / u128::from(upper);
    let less = permille(u64::try_from(costs).unwrap_or(1_000), STAY_LESS);
    STAY.saturating_sub(less).clamp(STAY_LEAST, STAY_MOST)
}

#[cfg(test)]
mod tests;
