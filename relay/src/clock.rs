//! The clock of all rooms here: the machine's own, or that of the Redis that they lie in.

use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use party::{Now, RoomTime, Span, Text};

/// A clock that does not run backwards.
#[derive(Debug)]
pub(crate) struct Clock {
    begun: Instant,
    kind: Kind,
    /// By it members tell one clock from another.
    pub(crate) name: Text<64>,
}

#[derive(Debug)]
enum Kind {
    /// The wall clock when it was begun, and since then what has passed.
    Own(RoomTime),
    /// Estimated as members estimate theirs.
    Redis(Mutex<Estimated>),
}

#[derive(Debug)]
struct Estimated {
    clock: party::Clock,
    /// The last that was trusted: it holds on until enough is known again, after the Redis's clock was set, or was silent.
    offset: Span,
}

impl Estimated {
    fn at(&mut self, local: Now) -> RoomTime {
        if let Some((offset, _)) = self.clock.offset(local) {
            self.offset = offset;
        }
        RoomTime::from_micros(local.as_micros()) + self.offset
    }
}

impl Clock {
    pub(crate) fn own(name: Text<64>) -> Self {
        let micros = i64::try_from(u128::from(epoch()) * 1_000).unwrap_or(i64::MAX);
        Self { begun: Instant::now(), kind: Kind::Own(RoomTime::from_micros(micros)), name }
    }

    pub(crate) fn redis(name: Text<64>) -> Self {
        let estimated = Estimated { clock: party::Clock::new(epoch()), offset: Span::ZERO };
        Self { begun: Instant::now(), kind: Kind::Redis(Mutex::new(estimated)), name }
    }

    /// Since this clock was begun.
    pub(crate) fn local(&self) -> Now {
        Now::from_micros(Span::from(self.begun.elapsed()).as_micros())
    }

    /// The time of all rooms here.
    pub(crate) fn now(&self) -> RoomTime {
        let local = self.local();
        match &self.kind {
            Kind::Own(begun) => *begun + Span::from_micros(local.as_micros()),
            // Before enough is known for the first time nothing is served.
            Kind::Redis(estimated) => estimated.lock().unwrap_or_else(PoisonError::into_inner).at(local),
        }
    }

    /// The Redis said that it was `at`, between `sent` and now. Whether enough is known.
    pub(crate) fn heard(&self, sent: Now, at: RoomTime) -> bool {
        let Kind::Redis(estimated) = &self.kind else { return true };
        let (mut estimated, local) = (estimated.lock().unwrap_or_else(PoisonError::into_inner), self.local());
        // What it was until now, in case that this is the first to say otherwise.
        estimated.at(local);
        estimated.clock.wake(local);
        estimated.clock.handle_echo(local, sent, at, at);
        estimated.clock.room_time(local).is_some()
    }
}

/// Milliseconds since 1970.
pub(crate) fn epoch() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_step_of_the_redis_clock_the_old_time_holds_until_the_new_one_is_known() {
        let clock = Clock::redis(Text::cut("redis"));
        let day = Span::from_secs(86_400);
        let told = |offset: Span| {
            let sent = clock.local();
            clock.heard(sent, RoomTime::from_micros(sent.as_micros()) + offset)
        };
        while !told(day) {}
        let is_about = |offset: Span| {
            let off = (clock.now() - RoomTime::from_micros(clock.local().as_micros())) - offset;
            off.abs() < Span::from_secs(1)
        };
        assert!(is_about(day));
        assert!(!told(day * 2), "one probe is no clock");
        assert!(is_about(day));
        while !told(day * 2) {}
        assert!(is_about(day * 2));
    }
}
