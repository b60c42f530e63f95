//! BBA-0 (Huang, Johari, McKeown, Trunnell, Watson: "A Buffer-Based Approach to Rate Adaptation", 2014): the rate is a function
//! of the buffer alone, and a rung is left only where the function passes the next one.

use crate::session::{Rule, View};

/// Where the line from the lowest rung to the highest begins and ends: the paper's 90 s and 216 s of a buffer of 240 s.
const RESERVOIR: f64 = 90.0 / 240.0;
const CUSHION_END: f64 = 216.0 / 240.0;

#[derive(Default)]
pub(crate) struct Bba {
    last: usize,
}

impl Rule for Bba {
    fn choose(&mut self, view: &View<'_>) -> (usize, f64) {
        let rungs = &view.film.kbps;
        // More never lies ready when a group is asked for.
        let most = view.capacity - view.film.group_ms;
        let (low, high, top) = (RESERVOIR * most, CUSHION_END * most, view.film.top());
        let along = ((view.buffer - low) / (high - low)).clamp(0.0, 1.0);
        let rate = rungs[0] + along * (rungs[top] - rungs[0]);
        let (above, below) = ((self.last + 1).min(top), self.last.saturating_sub(1));
        self.last = if along <= 0.0 {
            0
        } else if along >= 1.0 {
            top
        } else if rate >= rungs[above] {
            rungs.iter().rposition(|rung| *rung < rate).unwrap_or(0)
        } else if rate <= rungs[below] {
            rungs.iter().position(|rung| *rung > rate).unwrap_or(top)
        } else {
            self.last
        };
        (self.last, 0.0)
    }
}
