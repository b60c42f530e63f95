//! What becomes of the buffer if the next groups are all fetched from one rung.

use std::time::Duration;

use crate::forecast::time_of;
use crate::{Ahead, Forecast, HORIZON, RungId};

/// What lies ready, and how much may.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buffer {
    pub(crate) ready: Duration,
    pub(crate) capacity: Duration,
}

/// What becomes of it. Where it would run dry nothing is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// The least that lies ready on the way, just before a group comes.
    pub(crate) least: Duration,
    /// What lies ready when the last group has come.
    pub(crate) end: Duration,
    /// Length of the groups.
    pub(crate) film: Duration,
}

impl Held {
    /// Fetches groups from `rung` at `rate` bytes in a second, as many as are played in `span`, but one at least.
    pub(crate) fn of(
        ahead: &Ahead<'_>,
        rung: RungId,
        span: Duration,
        rate: u64,
        link: &Forecast,
        buffer: Buffer,
    ) -> Self {
        let mut held = Self { least: Duration::MAX, end: buffer.ready, film: Duration::ZERO };
        for (index, group) in ahead.groups.iter().take(HORIZON).enumerate() {
            let film = held.film.saturating_add(group.length);
            if index > 0 && film > span {
                break;
            }
            held.film = film;
            // There has to be room for a group before it is asked for.
            let room = buffer.capacity.saturating_sub(group.length);
            let took = time_of(ahead.bytes(group, rung), rate).saturating_add(link.latency);
            let left = held.end.min(room).saturating_sub(took);
            held.least = held.least.min(left);
            held.end = left.saturating_add(group.length);
        }
        held.least = held.least.min(held.end);
        held
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Group, Rung};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const LINK: Forecast = Forecast {
        expected: 1_000_000,
        low: 1_000_000,
        now: 1_000_000,
        latency: Duration::from_millis(100),
        shortfall: Duration::ZERO,
    };

    fn held(ready: u64, bytes: u64) -> Held {
        let rungs = [Rung { bits_per_second: 8_000_000, height: 0, is_smooth: true }];
        let bytes = [bytes];
        let groups = [Group { length: Duration::from_secs(2), bytes: &bytes }; 3];
        let buffer = Buffer { ready: Duration::from_secs(ready), capacity: Duration::from_secs(10) };
        let ahead = Ahead { rungs: &rungs, groups: &groups };
        Held::of(&ahead, RungId::LOWEST, Duration::from_secs(6), LINK.expected, &LINK, buffer)
    }

    #[test]
    fn a_buffer_drains_by_what_groups_take_longer_than_they_play() {
        // Each takes 3.1 s and plays 2 s.
        let held = held(8, 3_000_000);
        assert_eq!((held.least.as_millis(), held.end.as_millis()), (2_700, 4_700));
    }

    #[test]
    fn a_full_buffer_waits_before_it_asks() {
        // 8 s may lie ready when a group is asked for, which takes 1.1 s.
        let held = held(10, 1_000_000);
        assert_eq!((held.least.as_millis(), held.end.as_millis()), (6_900, 8_900 - 1_100 + 2_000 - 900));
    }

    #[test]
    fn what_runs_dry_is_empty_and_not_less() {
        let held = held(1, 50_000_000);
        assert_eq!((held.least.as_millis(), held.end.as_millis()), (0, 2_000));
    }
}
