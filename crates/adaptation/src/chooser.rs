//! The rung of the next group.
//!
//! From the highest rung that may be chosen downwards, the first is taken of which all of this holds:
//! 1. **One group**: were the link as slow as it is one time of ten, something would be left when the next group has come, or the buffer
//!    would be the larger for it. What it takes in bytes is known, not estimated.
//! 2. **Playing on**: with the next few groups from this rung, at the throughput that is to be expected, enough stays ready. How much
//!    that is depends on what the step down would cost: much where the step is a small one, little where it halves the picture's rate,
//!    so that such a rung is held for longer. Over a link that has fallen behind before, more has to stay ready.
//! 3. **Upwards** more is asked for than for staying: that is the hysteresis, and a rung that has just been left is not gone back to at
//!    once. A buffer that grows all the same may rise below that mark, so that a quick link is used from the first moment on.
//!
//! What may lie ready beyond [`PLAYED_WITH`] is a **reserve** for outages that nothing foretells. No rung is chosen for having it, and until
//! it is full, only rungs that leave something over for it.

use std::time::Duration;

use crate::forecast::{part, permille};
use crate::give_up::margin;
use crate::hold::{Buffer, Held};
use crate::reason::{Choice, Obstacle, Why};
use crate::{Ahead, Forecast, Limits, RungId};

/// Film over which a change to another rung is reckoned ahead: a rise that cannot be kept for longer costs two changes.
const RISE_FOR: Duration = Duration::from_secs(7);
/// Film over which it is reckoned ahead whether to stay with the present rung.
const STAY_FOR: Duration = Duration::from_secs(5);

/// The most of the buffer that is played with: the numbers below were found for that much.
const PLAYED_WITH: Duration = Duration::from_secs(25);

// Numbers without a unit are thousandths of what is played with of a full buffer, where nothing else is said.

/// What a rung has to add to the buffer to count as one that lets it grow, while the reserve is not full: thousandths of what is fetched.
const PUT_BY: u64 = 400;

/// The least that is left ready after one group, over a link as slow as it is one time in ten.
const AFTER_ONE: u64 = 120;
/// The most that has to be left after it: with a large buffer this is enough.
const AFTER_ONE_MOST: Duration = Duration::from_secs(3);
/// What a group adds to the buffer at least, even over a link that slow, where less is left than that: thousandths of its length. At a
/// start and after a seek no more lies ready. It must not be given up on the way either.
const QUICK: u64 = 250;
/// The least that stays ready for a rung to be held whose step down would cost nothing.
const STAY: u64 = 1_000;
/// Weight of what a step down costs, in thousandths: one that halves the rate (500 thousandths) takes 650 off [`STAY`].
const STAY_LESS: u64 = 1_300;
/// The least that has to stay ready for a rung to be held, however large the step down.
const STAY_LEAST: u64 = 200;
/// The most that has to stay ready for a rung to be held, however small the step down.
const STAY_MOST: u64 = 650;
/// Added to what a rung needs to be held, for a change to it, at most: the hysteresis.
const RISE_MORE: u64 = 150;
/// The same in thousandths of what its step costs: a small step is hardly seen, and may be taken to and fro.
const RISE_MORE_BY_COST: u64 = 330;
/// Added to the part of the link's shortfall that is kept ready, for a change to another rung.
const RISE_BEYOND_SHORTFALL: u64 = 120;
/// The least that has to stay ready on the way for a rise where the buffer grows all the same.
const GROWING: u64 = 80;
/// Shortfall from which on a link counts as one that has fallen behind before. Each is behind by a moment, since the end of an answer is
/// waited for, too, and brings nothing; a hiccup of a good link is no outage either. Above this more of the real ones are met unprepared.
const FELL_BEHIND: Duration = Duration::from_millis(250);
/// Part of the link's shortfall that is kept ready, in thousandths of it.
const SHORTFALL: u64 = 500;
/// The most that is kept ready for the link's shortfall.
const SHORTFALL_MOST: u64 = 700;

/// Throughput that a change to another rung is reckoned with, in thousandths of what is to be expected: the buffer makes up for the
/// difference.
const OPTIMISM: u64 = 1_200;
/// The same for a rise over a link that has fallen behind before, which is bounded by [`NOW`], too: it is soon used when it comes back.
const OPTIMISM_AFTER_SHORTFALL: u64 = 1_500;
/// Throughput that a link which has fallen behind before is reckoned with at most, in thousandths of what came within the last second:
/// its outages begin with a decline that the mean is slow to believe, and groups of high rungs use up the buffer meanwhile.
const NOW: u64 = 1_100;

/// The least that a rung that is fallen back to adds to the buffer within [`RISE_FOR`], unless enough stays ready anyway.
const REFILL: Duration = Duration::from_secs(1);

/// Film fetched after a change before the next rise: a picture that changes back and forth is seen.
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

    /// What comes next follows that rung, whatever was chosen last.
    pub(crate) fn go_on_from(&mut self, rung: RungId) {
        if self.last != Some(rung) {
            *self = Self { last: Some(rung), held_for: Duration::ZERO };
        }
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
        let reserve = buffer.capacity.saturating_sub(PLAYED_WITH);
        let played_with = buffer.capacity - reserve;
        let needs = part(played_with, AFTER_ONE).min(AFTER_ONE_MOST);
        let one = Held::of(ahead, rung, Duration::ZERO, link.low, link, buffer);
        let usual = Held::of(ahead, rung, Duration::ZERO, link.expected.min(link.now), link, buffer);
        let would_stay = !one.least.is_zero() && usual.least >= margin(buffer.ready);
        let is_quick = would_stay && one.end >= buffer.ready.saturating_add(part(one.film, QUICK));
        if one.least < needs && !is_quick {
            return Some(Obstacle::Risky { leaves: one.least, needs });
        }

        let shortfall = part(link.shortfall, SHORTFALL).min(part(played_with, SHORTFALL_MOST));
        let costs = costs(ahead, rung);
        let stay = part(played_with, stay(costs));
        let rise = (stay + part(played_with, permille(costs, RISE_MORE_BY_COST).min(RISE_MORE)))
            .max(shortfall + part(played_with, RISE_BEYOND_SHORTFALL));
        let has_failed = link.shortfall >= FELL_BEHIND;
        let (span, optimism, needs) = match rung.cmp(&last) {
            std::cmp::Ordering::Equal => (STAY_FOR, 1_000, stay.max(shortfall)),
            std::cmp::Ordering::Greater if has_failed => (RISE_FOR, OPTIMISM_AFTER_SHORTFALL, rise),
            _ => (RISE_FOR, OPTIMISM, rise),
        };
        let needs = reserve + needs;
        let most = if has_failed { permille(link.now, NOW) } else { u64::MAX };
        let rate = permille(link.expected, optimism).min(most);
        let held = Held::of(ahead, rung, span, rate, link, buffer);
        let put_by = if buffer.ready < reserve { part(held.film, PUT_BY) } else { Duration::ZERO };
        let filled = buffer.ready.saturating_add(put_by);
        let grows = match rung.cmp(&last) {
            std::cmp::Ordering::Greater => held.end > filled && held.least >= part(played_with, GROWING),
            std::cmp::Ordering::Equal => held.end >= filled && !held.least.is_zero(),
            std::cmp::Ordering::Less => held.end >= filled.max(buffer.ready.saturating_add(REFILL)),
        };
        (held.least < needs && !grows).then_some(Obstacle::Drains { leaves: held.least, needs })
    }
}

/// The share of a full buffer that has to stay for a rung to be held, in thousandths, by what its step down costs.
fn stay(costs: u64) -> u64 {
    STAY.saturating_sub(permille(costs, STAY_LESS)).clamp(STAY_LEAST, STAY_MOST)
}

/// What the step down from a rung costs of its rate, in thousandths.
fn costs(ahead: &Ahead<'_>, rung: RungId) -> u64 {
    let rate = |rung: RungId| ahead.rungs.get(rung.0).map_or(0, |rung| rung.bits_per_second);
    let (upper, lower) = (rate(rung).max(1), rate(rung.below()));
    let costs = u128::from(upper.saturating_sub(lower)) * 1_000 / u128::from(upper);
    u64::try_from(costs).unwrap_or(1_000)
}

#[cfg(test)]
mod tests;
