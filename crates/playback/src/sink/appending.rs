//! What is appended next, and what of it has arrived in the SourceBuffer.

use std::cmp::Ordering;

use manifest::{Group, MediaTime};

use super::Sink;
use crate::feed::Feed;
use crate::position::Position;
use crate::situation::Situation;
use crate::{InitId, Span};

/// Film that has to be played before a full SourceBuffer is tried again.
const DRAINED: MediaTime = MediaTime::from_millis(1_000);

impl Sink {
    pub(super) fn next_append(&mut self, at: &Situation, feed: &Feed, is_low: bool) -> Option<Span> {
        if self.full_at.is_some_and(|full| full <= at.target && at.target < full + DRAINED) {
            return None;
        }
        self.full_at = None;
        let Position { chunk, offset } = self.appended;
        let whole = feed.stream.chunk(chunk)?.bytes;
        if !feed.is_indexed() && !feed.timeline.knows(chunk) {
            // Where its times count from is not known before its first fragment.
            return None;
        }
        let limit = if is_low && !at.checks_first() { feed.fetched() } else { feed.checked() };
        let until = match limit.chunk.cmp(&chunk) {
            Ordering::Less => return None,
            Ordering::Equal => limit.offset,
            Ordering::Greater => whole,
        };
        let available = until.saturating_sub(offset);
        let group = self.opened.group(&feed.stream).and_then(|id| feed.stream.group(id));
        // WebKit ends a seek up to 84 ms before it has what is sought, and then begins to decode in the middle of the group.
        let is_part = |group: &Group| group.start < at.target && until < group.end_offset();
        if at.is_managed && !at.shows_target && available < at.options.pending_bytes / 2 && group.is_some_and(is_part) {
            return None;
        }
        let is_last = until == whole || !feed.is_receiving();
        let is_enough = available >= at.options.append_bytes || is_last || is_low;
        if available == 0 || !is_enough {
            return None;
        }
        let end = offset + available.min(at.options.largest_append);
        let end = if is_low { end } else { end.min(feed.checks.append_limit(at, &feed.stream, self.appended)) };
        Some(Span { chunk, start: offset, end })
    }

    /// The init that has to come before these bytes; `None` when the SourceBuffer has it, or the bytes bring it.
    pub(super) fn missing_init(&mut self, feed: &Feed, span: Span) -> Option<InitId> {
        if feed.is_indexed() {
            return None;
        }
        let needed = (feed.id, feed.inits.needed(span.chunk));
        // Bytes that begin with an init bring it, if the SourceBuffer is of its type.
        let is_of_type = || feed.inits.mime(needed.1) == self.mime.as_ref();
        if self.init.is_none() && span.start == 0 && feed.inits.begins(span.chunk) && is_of_type() {
            self.init = Some(needed);
        }
        (self.init != Some(needed)).then_some(needed.1)
    }

    /// Groups of other streams that these bytes replace are whole no more.
    pub(super) fn replace(&mut self, feed: &Feed, span: Span) {
        if !self.held.is_mixed() {
            return;
        }
        let last = feed.stream.group_at(span.chunk, span.end.saturating_sub(1)).and_then(|id| feed.stream.group(id));
        let first = self.opened.group(&feed.stream).and_then(|id| feed.stream.group(id));
        if let Some((first, last)) = first.zip(last) {
            self.held.forget_replaced(feed.id, first.start, last.end);
        }
    }

    /// Notes the groups of which the last byte has been appended.
    pub(super) fn close_groups(&mut self, feed: &Feed) {
        while let Some(id) = self.opened.group(&feed.stream) {
            let group = *feed.stream.group(id).expect("it was just found");
            let chunk = &feed.stream.chunks[id.chunk];
            // In a stream without an index the last known group may grow.
            let is_closed = group.end_offset() < chunk.indexed_bytes() || chunk.indexed_bytes() == chunk.bytes;
            let end = Position::new(&feed.stream, id.chunk, group.end_offset());
            if !is_closed || self.appended < end {
                break;
            }
            self.held.insert(feed.id, id, group, std::mem::take(&mut self.opened_is_shown));
            self.opened = end;
        }
    }

    /// The browser may have thrown out the beginning of the group that is being appended, to make room for the rest of it,
    /// which nothing decodes then. The goals are lower from now on.
    pub(super) fn has_lost_beginning(&mut self, feed: &Feed) -> bool {
        let open = self.opened.group(&feed.stream).filter(|_| self.opened != self.appended);
        let start = open.and_then(|id| Some(feed.stream.group(id)?.start));
        let begun = start.filter(|start| self.held.holds_beginning(*start));
        let is_lost = begun.is_none() && start.is_some() && self.begun == start;
        self.begun = begun;
        self.halvings += u32::from(is_lost);
        is_lost
    }
}
