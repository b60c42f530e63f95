//! What becomes of bytes that are not those that were cut, and of those that nobody will check.

use manifest::{Digest, MediaTime};

use super::Track;
use crate::checks::Check;
use crate::effects::Effects;
use crate::network::Network;
use crate::position::Position;
use crate::situation::Situation;
use crate::{CheckId, Error, Event, Span};

/// Film before a damaged fragment that is removed with it: reordered frames belong to it.
const REORDER: MediaTime = MediaTime::from_millis(250);

impl Track {
    pub(crate) fn handle_hashed(
        &mut self,
        at: &Situation,
        check: CheckId,
        digest: Option<Digest>,
        network: &mut Network,
        effects: &mut Effects,
    ) {
        if let Some(damaged) = self.feed.handle_hashed(at, check, digest, effects) {
            self.handle_damage(at, &damaged, network, effects);
        }
    }

    /// A fragment is not what was cut: it is not appended, or removed with what depends on it, and fetched again.
    fn handle_damage(&mut self, at: &Situation, check: &Check, network: &mut Network, effects: &mut Effects) {
        let Span { chunk, start, end } = check.span;
        let (stream, url) = (self.feed.id, self.feed.url(chunk));
        let begin = Position { chunk, offset: start };
        let group = begin.group(&self.feed.stream).and_then(|id| Some((id, *self.feed.stream.group(id)?)));
        let appended = group.filter(|_| self.sink.appending() > begin);
        let from = appended.map_or(start, |(_, group)| group.offset);
        effects.statistics.damaged_fragments += 1;
        effects.tell(Event::Damaged { stream, url: url.clone(), start, end });
        if let Some((id, group)) = appended {
            self.sink.held.forget(|known, other, _| (known, other) == (stream, id));
            let whole = Span { chunk, start: group.offset, end: group.end_offset() };
            let (passed, all) = self.feed.checks.share(whole, start);
            let damaged_from = group.start + (group.end - group.start).share(passed, all);
            self.sink.remove_later((damaged_from - REORDER).max(group.start).or_zero(), group.end);
            self.jump(at, Position { chunk, offset: group.offset }, network, effects);
        } else {
            self.feed.discard(at, begin, network, effects);
        }
        if let Err(history) = self.feed.checks.suspect(check, from, at.now) {
            effects.fail(Error::Integrity { stream, url, start, history });
        }
    }

    /// Has removed what was appended and will not be checked any more.
    pub(super) fn disown(&mut self, at: &Situation) {
        let (stream, appended) = (self.feed.id, self.sink.appending());
        if self.feed.checked() >= appended || !at.checks() {
            return;
        }
        let mut next = self.feed.checked().group(&self.feed.stream);
        while let Some((id, group)) = next.and_then(|id| Some((id, *self.feed.stream.group(id)?))) {
            if (Position { chunk: id.chunk, offset: group.offset }) >= appended {
                break;
            }
            self.sink.held.forget(|known, other, _| (known, other) == (stream, id));
            self.sink.remove_later(group.start.or_zero(), group.end);
            next = self.feed.stream.following(id);
        }
    }
}
