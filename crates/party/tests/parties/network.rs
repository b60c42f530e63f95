//! A way between a viewer and the room, with everything that may happen on it.

/// Microseconds, and loss in hundredths.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// There and back, at least.
    pub(crate) delay: (i64, i64),
    /// The most that is added to it each time.
    pub(crate) jitter: i64,
    pub(crate) loss: u8,
    /// Whether messages come in order and come all (a stream), or are lost, come twice, and overtake each other.
    pub(crate) is_stream: bool,
    /// Nothing comes through from the first to the second moment.
    pub(crate) partitions: Vec<(i64, i64)>,
    pub(crate) last: (i64, i64),
}

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Up,
    Down,
}

/// Microseconds after which a stream sends again what was lost.
const RESEND: i64 = 200_000;
/// Microseconds of interruption after which a stream is broken.
const BREAKS_AFTER: i64 = 20_000_000;

impl Way {
    pub(crate) fn stream(delay: i64, jitter: i64) -> Self {
        Self { delay: (delay, delay), jitter, loss: 0, is_stream: true, partitions: Vec::new(), last: (0, 0) }
    }

    pub(crate) fn is_cut(&self, at: i64) -> bool {
        self.partitions.iter().any(|(from, to)| (*from..*to).contains(&at))
    }

    fn cut_until(&self, at: i64) -> Option<(i64, i64)> {
        self.partitions.iter().find(|(from, to)| (*from..*to).contains(&at)).copied()
    }

    /// When what is sent now arrives: not at all, once, or twice.
    pub(crate) fn deliver(&mut self, dice: &mut fastrand::Rng, now: i64, direction: Direction) -> Vec<i64> {
        let delay = if direction == Direction::Up { self.delay.0 } else { self.delay.1 };
        let mut arrives = |from: i64| from + delay + dice.i64(0..=self.jitter.max(1));
        let mut at = arrives(now);
        let is_lost = |dice: &mut fastrand::Rng| dice.u8(..100) < self.loss;
        if !self.is_stream {
            let again = arrives(now);
            if self.is_cut(now) || is_lost(dice) {
                return Vec::new();
            }
            return if is_lost(dice) { vec![at, again] } else { vec![at] };
        }
        if is_lost(dice) {
            at += RESEND + delay;
        }
        if let Some((from, to)) = self.cut_until(now) {
            if to - from > BREAKS_AFTER {
                return Vec::new();
            }
            at = at.max(to + delay);
        }
        let last = if direction == Direction::Up { &mut self.last.0 } else { &mut self.last.1 };
        *last = (*last + 1).max(at);
        vec![*last]
    }

    /// A new connection has nothing in front of it.
    pub(crate) fn reopen(&mut self) {
        self.last = (0, 0);
    }
}
