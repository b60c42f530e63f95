//! The first rung, where nothing lies ready: after loading, and after a seek.

use std::time::Duration;

use crate::forecast::time_of;
use crate::reason::{Choice, Obstacle, Why};
use crate::{Ahead, Chooser, Forecast, Limits, RungId};

/// Time after the soonest first picture within which that of a higher rung may come to be chosen: a better beginning is worth it.
const WITHIN_REASON: Duration = Duration::from_millis(100);

impl Chooser {
    /// The rung whose first picture comes soonest, or the highest of which it comes hardly later. `first` has the bytes up to the first
    /// picture in each rung, from the lowest; what is missing there is as long as the group. Without a forecast it is `default`, the
    /// rung that the film's publisher means for links that nothing is known of.
    pub fn start(
        &mut self,
        ahead: &Ahead<'_>,
        first: &[u64],
        link: Option<&Forecast>,
        limits: &Limits,
        default: RungId,
    ) -> Choice {
        let (ceiling, limit) = limits.ceiling(ahead);
        let mut next = limit.map(Obstacle::Limit);
        let mut rung = ceiling;
        if let Some(link) = link {
            let time = |rung: RungId| {
                let bytes = first.get(rung.0).copied().unwrap_or_else(|| ahead.next_bytes(rung));
                time_of(bytes, link.low)
            };
            let soonest = (0..=ceiling.0).map(|rung| time(RungId(rung))).min().unwrap_or_default();
            while rung > RungId::LOWEST && time(rung) > soonest.saturating_add(WITHIN_REASON) {
                next = Some(Obstacle::Later(time(rung).saturating_sub(soonest)));
                rung = rung.below();
            }
        } else if default < ceiling {
            (rung, next) = (default, Some(Obstacle::Unknown));
        }
        self.forget();
        self.take(ahead, rung);
        Choice { rung, why: Why::Start, next }
    }
}

#[cfg(test)]
mod tests;
