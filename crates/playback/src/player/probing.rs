//! Trying again after failures: at once where the network is said to be back, now and then where nobody says anything.

use std::time::Duration;

use super::Player;
use crate::Now;

/// The longest time between two looks whether a network that has failed is back; the shortest is half of it.
const PROBE: Duration = Duration::from_secs(15);

impl Player {
    /// The browser says whether there is a network: a hint when to try again, and nothing more.
    pub(super) fn handle_online(&mut self, now: Now, online: bool) {
        self.online = online;
        self.probe_at = self.probe_at.map(|_| now);
        self.hurry();
    }

    /// Has everything that waits after a failure be tried at once.
    fn hurry(&mut self) {
        self.tracks.iter_mut().for_each(|track| track.feed.retry(false));
        self.survey.hurry();
    }

    /// After a fatal error of the network: sees now and then whether it is back.
    pub(super) fn probe(&mut self, now: Now) {
        if !self.options.keep_trying || !self.effects.may_probe() {
            self.probe_at = None;
            return;
        }
        // Viewers of one film fail together and must not return together.
        let jitter = &mut self.network.jitter;
        let due = *self.probe_at.get_or_insert_with(|| now + PROBE.mul_f64(0.5 + 0.5 * jitter.f64()));
        if due <= now {
            self.probe_at = None;
            self.effects.probe();
            self.hurry();
        }
    }
}
