//! Whether the film has been cut anew.

use manifest::Film;

use super::Player;
use crate::{Event, Now};

/// Looking for a new cut of the film.
#[derive(Debug, Default)]
pub(super) struct Updates {
    /// When the manifest was asked for that has not come.
    pub(super) asked: Option<Now>,
    /// When there was the last answer.
    pub(super) looked: Now,
    /// The last cut that the page has been told of.
    told: Option<Option<String>>,
}

impl Player {
    /// A manifest has come, or none: is it still this film's?
    pub(super) fn compare(&mut self, now: Now, found: Option<&Film>) {
        (self.updates.asked, self.updates.looked) = (None, now);
        let new_cut = found.filter(|found| self.film.as_ref().is_some_and(|film| is_another(film, found)));
        let new_cut = new_cut.map(|film| film.id.clone());
        self.with(now, |parts, cx| {
            parts.streams.iter_mut().for_each(|stream| stream.handle_manifest(new_cut.as_ref(), cx));
        });
        if let Some(id) = new_cut.filter(|id| self.updates.told.as_ref() != Some(id)) {
            self.updates.told = Some(id.clone());
            self.emit(Event::NewCut { id });
        }
    }

    /// When to look for a new cut, or for the answer no longer: streams that lack a chunk wait for it.
    pub(super) fn next_look(&mut self, now: Now) -> Option<Now> {
        if let Some(asked) = self.updates.asked {
            let until = asked + self.options.silence;
            if now < until {
                return Some(until);
            }
            (self.updates.asked, self.updates.looked) = (None, now);
            self.with(now, |parts, cx| parts.streams.iter_mut().for_each(|stream| stream.handle_manifest(None, cx)));
        }
        let at = self.updates.looked + self.options.poll?;
        if self.film.is_none() || self.fatal {
            return None;
        }
        if at <= now {
            self.with(now, |_, cx| cx.reload_manifest());
            return None;
        }
        Some(at)
    }
}

/// Whether two manifests are of different cuts.
fn is_another(one: &Film, other: &Film) -> bool {
    let chunks = |film: &Film| -> Vec<(String, u64)> {
        let chunks = film.streams.iter().flat_map(|stream| &stream.chunks);
        chunks.map(|chunk| (chunk.url.clone(), chunk.bytes)).collect()
    };
    if one.id.is_some() || other.id.is_some() { one.id != other.id } else { chunks(one) != chunks(other) }
}
