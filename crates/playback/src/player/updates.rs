//! What the manifest says when it is looked at again.

use manifest::Film;

use super::Player;
use crate::updates::is_another;
use crate::{Event, Now};

impl Player {
    /// A manifest has come, or none: is it still this film's?
    pub(super) fn compare(&mut self, now: Now, found: Option<&Film>) {
        let new_cut = found.filter(|found| self.film.as_ref().is_some_and(|film| is_another(film, found)));
        let new_cut = new_cut.map(|film| film.id.clone());
        self.end_looking(now, new_cut.as_ref());
        if let Some(id) = new_cut.filter(|id| self.updates.is_news(id)) {
            self.effects.tell(Event::NewCut { id });
        }
    }

    /// Feeds that lack a chunk wait for the manifest.
    fn end_looking(&mut self, now: Now, new_cut: Option<&Option<String>>) {
        self.effects.end_waiting_for_manifest();
        self.updates.looked = now;
        self.tracks.iter_mut().for_each(|track| track.feed.handle_manifest(new_cut, &mut self.effects));
    }

    /// When to look for a new cut, or for the answer no longer.
    pub(super) fn next_look(&mut self, now: Now) -> Option<Now> {
        if let Some(asked) = self.effects.manifest_asked() {
            let until = asked + self.options.silence;
            if now < until {
                return Some(until);
            }
            self.end_looking(now, None);
        }
        let at = self.updates.looked + self.options.poll?;
        if self.film.is_none() || self.effects.has_failed() {
            return None;
        }
        if at <= now {
            self.effects.ask_for_manifest(now);
            return None;
        }
        Some(at)
    }
}
