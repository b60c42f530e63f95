//! What is removed: what lies far behind, what makes room in a full SourceBuffer, what must not be shown.

use manifest::MediaTime;

use super::Sink;
use crate::Error;
use crate::effects::Effects;
use crate::feed::Feed;
use crate::situation::Situation;
use crate::stall::STANDS;

/// The least film that one removal takes away: removing frame by frame would cost an operation each.
const STEP: MediaTime = MediaTime::from_millis(5_000);

impl Sink {
    pub(super) fn next_removal(
        &mut self,
        at: &Situation,
        feed: &Feed,
        effects: &mut Effects,
    ) -> Option<(MediaTime, MediaTime)> {
        while let Some((from, to)) = self.to_remove.pop() {
            // MSE refuses to remove beyond the end, which may be that of what is buffered.
            let is_there = self.held.ranges().touch(from, MediaTime::MAX);
            if is_there && at.duration.is_none_or(|duration| from < duration) && from < to {
                return Some((from, to));
            }
        }
        if std::mem::take(&mut self.must_evict) || self.full_at.is_some() {
            let room = self.evict(at, feed);
            if room.is_some() {
                self.full_at = None;
                return room;
            }
            if self.awaits_room(feed, at.target) {
                // The playhead waits for these very bytes, so it will never make any. Another SourceBuffer holds no more.
                let what = "its buffer is too small for one group of pictures of this film".to_owned();
                effects.fail(Error::Decoder { stream: feed.id, what });
            }
            self.full_at.get_or_insert(at.target);
        }
        let (first, edge) = (self.held.start()?, at.target - at.options.behind);
        if edge - first < STEP {
            return None;
        }
        // The group that holds the time goes on being needed for it.
        let keep = self.removable_until(feed, edge)?;
        if keep - first < STEP {
            return None;
        }
        self.held.forget(|_, _, group| group.end <= keep);
        Some((MediaTime::ZERO, keep))
    }

    /// Whether a playhead at `time` has come to the end of what is buffered, and that is all of one group.
    fn awaits_room(&self, feed: &Feed, time: MediaTime) -> bool {
        let soon = time + STANDS;
        let runs_out = self.held.ranges().around(time).is_none_or(|(_, end)| end < soon);
        let next = self.opened.group(&feed.stream);
        let is_next =
            next == Some(feed.locate(time)) || self.opened == self.appended && next == Some(feed.locate(soon));
        runs_out && is_next
    }

    /// The start of the group that holds `time`, or of the one that is being appended if that is earlier: the rest of it
    /// would have nothing to be decoded from.
    fn removable_until(&self, feed: &Feed, time: MediaTime) -> Option<MediaTime> {
        // `Feed::locate` remembers one time, and that is the playhead's.
        let current = feed.stream.group(feed.stream.locate(time))?.start;
        let opened = self.opened.group(&feed.stream).filter(|_| self.opened != self.appended);
        let opened = opened.and_then(|id| feed.stream.group(id));
        Some(opened.map_or(current, |group| current.min(group.start)))
    }

    /// Makes room: everything behind the group that is playing, otherwise what lies beyond both the goal and the bytes to
    /// be appended, otherwise none.
    fn evict(&mut self, at: &Situation, feed: &Feed) -> Option<(MediaTime, MediaTime)> {
        let current = self.removable_until(feed, at.target)?;
        if self.held.start().is_some_and(|first| first < current) {
            self.held.forget(|_, _, group| group.end <= current);
            return Some((MediaTime::ZERO, current));
        }
        // Only for what is needed sooner. Otherwise the playhead makes room, and nothing has to be fetched again.
        let next = self.opened.group(&feed.stream)?;
        let is_needed = self.is_low(at, feed) || self.awaits_room(feed, at.target);
        let near = if is_needed { next } else { feed.locate(at.target + self.goal(at)).max(next) };
        let far = feed.stream.group(near)?.end;
        if self.held.end()? <= far {
            return None;
        }
        self.held.forget(|_, _, group| far <= group.start);
        Some((far, MediaTime::MAX))
    }
}
