//! Trying again after failures: at once where the network is said to be back, now and then where nobody says anything.

use super::Player;
use crate::Now;
use crate::retry::probe_wait;

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
        let jitter = &mut self.network.jitter;
        let due = *self.probe_at.get_or_insert_with(|| now + probe_wait(jitter));
        if due <= now {
            self.probe_at = None;
            self.effects.probe();
            self.hurry();
        }
    }
}
