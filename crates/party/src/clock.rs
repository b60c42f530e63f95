//! The room's clock as a member knows it: probes out, an offset with an honest bound.
//!
//! A probe has four stamps: sent and answered-to-here on the member's clock, received and answered on the room's. Half of the
//! round trip may lie on either way, so one probe says only that the offset lies within half a round trip of the middle. All
//! that follows is made of such intervals:
//! 1. they must share a point, widened by how far two clocks drift apart between them; where they do not, a clock was set or
//!    stood still (a laptop slept), and what came before says nothing any more;
//! 2. the offset is a weighted mean of the middles along a line in time, each weighed by how much longer its round trip took
//!    than the shortest one;
//! 3. it lies within the shared interval, whose ends are the bound.

mod estimate;
mod schedule;

use estimate::{Estimate, Probe};
use schedule::Schedule;

use crate::{Now, RoomTime, Span};

/// The most probes that are kept: more than there are in [`KEPT_FOR`] at one each three seconds.
const KEPT: usize = 64;
/// Age at which a probe is dropped: by then two clocks may have drifted 30 ms apart, and it says little.
const KEPT_FOR: Span = Span::from_secs(120);

/// Answered probes from which on the room's time is told: the first may have met a connection that was still being made.
const LEAST: usize = 3;

/// The longest round trip of a probe that is kept: the offset lies within half of it, which says little.
const LONGEST_ROUND_TRIP: Span = Span::from_secs(5);

/// Time between two inputs from which on the machine may have slept, and its clock stood still meanwhile.
const SLEEP: Span = Span::from_secs(5);

/// What a member knows of its room's clock.
#[derive(Clone, Debug)]
pub struct Clock {
    probes: Vec<Probe>,
    estimate: Option<Estimate>,
    schedule: Schedule,
    /// When the member was last seen awake.
    awake: Option<Now>,
    /// Whether nothing has been heard since it may have slept.
    is_doubtful: bool,
    jumps: u32,
}

impl Clock {
    /// Knows nothing. `seed` spreads the probes of many members.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let schedule = Schedule::new(seed);
        Self { probes: Vec::new(), estimate: None, schedule, awake: None, is_doubtful: false, jumps: 0 }
    }

    /// Forgets everything, because the room's clock is another one.
    pub fn reset(&mut self) {
        self.probes.clear();
        self.estimate = None;
        self.schedule.hurry();
    }

    /// Takes note that the member is awake. To be called with every input, before anything else.
    pub fn wake(&mut self, now: Now) {
        if self.awake.is_some_and(|awake| now - awake >= SLEEP || now < awake) {
            self.is_doubtful = true;
            self.schedule.hurry();
        }
        self.awake = Some(now);
    }

    /// Whether a probe is to be sent now. It then counts as sent.
    pub fn poll_probe(&mut self, now: Now) -> bool {
        self.schedule.poll(now)
    }

    /// When to ask [`Self::poll_probe`] again.
    #[must_use]
    pub fn next_probe(&self) -> Now {
        self.schedule.next()
    }

    /// The answer to a probe came at `now`. Whether a clock has jumped.
    pub fn handle_echo(&mut self, now: Now, sent: Now, received: RoomTime, answered: RoomTime) -> bool {
        let round_trip = (now - sent) - (answered - received);
        if now < sent || answered < received || round_trip < Span::ZERO || round_trip > LONGEST_ROUND_TRIP {
            return false;
        }
        let probe = Probe::new(now, sent, received, answered);
        let has_jumped = self.probes.iter().any(|known| !known.agrees(&probe));
        if has_jumped {
            self.probes.clear();
            self.schedule.hurry();
            self.jumps += 1;
        }
        self.probes.retain(|known| probe.at - known.at <= KEPT_FOR);
        if self.probes.len() == KEPT {
            self.probes.remove(0);
        }
        self.probes.push(probe);
        self.estimate = Estimate::of(&self.probes, now);
        self.is_doubtful = false;
        self.schedule.heard(self.probes.len());
        has_jumped
    }

    /// The room's time; `None` until enough probes were answered, and after a sleep until one is.
    #[must_use]
    pub fn room_time(&self, now: Now) -> Option<RoomTime> {
        Some(RoomTime::from_micros(now.as_micros().saturating_add(self.trusted()?.offset(now).as_micros())))
    }

    /// The room's time as it was last believed in, whatever may have happened to either clock since; `None` before that.
    #[must_use]
    pub fn last_room_time(&self, now: Now) -> Option<RoomTime> {
        let estimate = self.estimate.as_ref().filter(|_| self.probes.len() >= LEAST)?;
        Some(RoomTime::from_micros(now.as_micros().saturating_add(estimate.offset(now).as_micros())))
    }

    /// What the member's own clock shows when the room's shows `at`; `None` as for [`Self::room_time`].
    #[must_use]
    pub fn local(&self, at: RoomTime) -> Option<Now> {
        let estimate = self.trusted()?;
        // The offset changes by less than a thousandth of the time between: once more is exact enough.
        let guess = Now::from_micros(at.as_micros()) - estimate.offset(estimate.at());
        Some(Now::from_micros(at.as_micros()) - estimate.offset(guess))
    }

    /// The room's clock less the member's own, and how far off that may be at most, unless a clock was set since.
    #[must_use]
    pub fn offset(&self, now: Now) -> Option<(Span, Span)> {
        self.trusted().map(|estimate| (estimate.offset(now), estimate.bound(now)))
    }

    /// The shortest way of a message to the room and back that is remembered.
    #[must_use]
    pub fn round_trip(&self) -> Option<Span> {
        self.probes.iter().map(|probe| probe.round_trip).min()
    }

    /// The middle one of the round trips that are remembered.
    #[must_use]
    pub fn usual_round_trip(&self) -> Option<Span> {
        let mut trips: Vec<Span> = self.probes.iter().map(|probe| probe.round_trip).collect();
        trips.sort_unstable();
        trips.get(trips.len() / 2).copied()
    }

    /// How often a clock has jumped.
    #[must_use]
    pub fn jumps(&self) -> u32 {
        self.jumps
    }

    fn trusted(&self) -> Option<&Estimate> {
        self.estimate.as_ref().filter(|_| self.probes.len() >= LEAST && !self.is_doubtful)
    }
}

#[cfg(test)]
mod tests;
