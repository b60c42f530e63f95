//! Whether a group under way is still worth waiting for.

use std::time::Duration;

use crate::forecast::{permille, time_of};
use crate::reason::{Choice, Obstacle, Why};
use crate::{Ahead, Chooser, Forecast, RungId};

/// Time before the buffer is empty by which a group under way has to have come; one that comes later may be given up. A buffer that
/// holds little is used up to its half all the same: otherwise nothing that is under way then would ever be waited for.
const MARGIN: Duration = Duration::from_millis(1_500);

/// Thousandths of the bytes still to come below which the group of a lower rung is worth beginning anew with.
const FEWER: u64 = 900;

/// Thousandths of what lies ready within which that group has to come, unless its rung is the lowest.
const WITHIN: u64 = 500;

/// A group under way.
#[derive(Clone, Copy, Debug)]
pub struct UnderWay {
    /// The rung that it comes from.
    pub rung: RungId,
    /// Bytes of it that are still to come.
    pub left: u64,
}

impl Chooser {
    /// The rung to fetch the first of the coming groups from in place of what is under way; `None` where that is best waited for.
    /// What has come is thrown away, so it is given up only for what has fewer bytes than are left.
    pub fn give_up(
        &mut self,
        ahead: &Ahead<'_>,
        link: &Forecast,
        under_way: UnderWay,
        ready: Duration,
    ) -> Option<Choice> {
        let rate = link.expected.min(link.now);
        if time_of(under_way.left, rate).saturating_add(margin(ready)) <= ready {
            return None;
        }
        let most = permille(under_way.left, FEWER);
        let soon = crate::forecast::part(ready, WITHIN);
        let makes_it = |rung: RungId| rung == RungId::LOWEST || time_of(ahead.next_bytes(rung), rate) < soon;
        let mut lower = (0..under_way.rung.0.min(ahead.rungs.len())).rev().map(RungId);
        let rung = lower.find(|rung| ahead.next_bytes(*rung) < most && makes_it(*rung))?;
        self.take(ahead, rung);
        Some(Choice { rung, why: Why::GivenUp, next: Some(Obstacle::GivenUp) })
    }
}

/// What is to be left of a buffer when the group under way has come.
pub(crate) fn margin(ready: Duration) -> Duration {
    MARGIN.min(ready / 2)
}

/// The buffer of which nothing is left but the margin after `span`.
pub(crate) fn buffer_for(span: Duration) -> Duration {
    span + MARGIN.min(span)
}

#[cfg(test)]
mod tests;
