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
    Redis(Mutex<party::Clock>),
}

impl Clock {
    pub(crate) fn own(name: Text<64>) -> Self {
        let micros = i64::try_from(u128::from(epoch()) * 1_000).unwrap_or(i64::MAX);
        Self { begun: Instant::now(), kind: Kind::Own(RoomTime::from_micros(micros)), name }
    }

    pub(crate) fn redis(name: Text<64>) -> Self {
        Self { begun: Instant::now(), kind: Kind::Redis(Mutex::new(party::Clock::new(epoch()))), name }
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
            Kind::Redis(clock) => {
                let clock = clock.lock().unwrap_or_else(PoisonError::into_inner);
                // Before enough is known nothing is served.
                clock.room_time(local).unwrap_or_else(|| RoomTime::from_micros(local.as_micros()))
            }
        }
    }

    /// The Redis said that it was `at`, between `sent` and now. Whether enough is known.
    pub(crate) fn heard(&self, sent: Now, at: RoomTime) -> bool {
        let Kind::Redis(clock) = &self.kind else { return true };
        let (mut clock, local) = (clock.lock().unwrap_or_else(PoisonError::into_inner), self.local());
        clock.wake(local);
        clock.handle_echo(local, sent, at, at);
        clock.room_time(local).is_some()
    }
}

/// Milliseconds since 1970.
pub(crate) fn epoch() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
