//! What happens at one SourceBuffer: one operation at a time.

use std::cmp::Ordering;

use manifest::{ChunkIndex, MediaTime};

use crate::context::Context;
use crate::inits::Change;
use crate::integrity::Part;
use crate::output::Output;
use crate::position::Position;
use crate::stream::Stream;
use crate::{Error, Integrity, OperationError, Ranges, Span};

/// What lies behind is removed in steps of that length, not frame by frame.
const STEP: MediaTime = MediaTime::from_millis(5_000);

/// Copying small fragments together costs less than a read and an append for each; of larger ones it costs more.
pub(crate) const LARGE: u64 = 128 << 10;

/// A playhead stands still that far before the end of what is buffered, at most.
pub(crate) const STANDS: MediaTime = MediaTime::from_millis(250);

/// A SourceBuffer that is full is tried again when the playhead has come that far.
const DRAINED: MediaTime = MediaTime::from_millis(1_000);

/// The state of a SourceBuffer.
#[derive(Debug, Default)]
pub(crate) struct Source {
    operation: Option<Operation>,
    has_init: bool,
    /// The parser stands in the middle of a fragment that will not be finished.
    needs_reset: bool,
    /// How often the goals were halved because the browser's quota is smaller.
    halvings: u32,
    /// Where the playhead was when nothing more could be evicted.
    full_at: Option<MediaTime>,
    /// The last append found no room: evict before the next.
    must_evict: bool,
    /// Removed before anything else happens.
    to_remove: Vec<(MediaTime, MediaTime)>,
    /// Where the group starts that is being appended, once the browser has shown that it holds its beginning.
    begun: Option<MediaTime>,
    /// `timestampOffset`.
    timestamp_offset: MediaTime,
}

#[derive(Debug)]
enum Operation {
    Init,
    /// Bytes up to `end`; `left` when the stream has gone elsewhere meanwhile.
    Append {
        end: Position,
        left: bool,
    },
    Remove,
}

impl Source {
    /// The goals ahead, in time and bytes, as far as the browser's quota allows.
    pub(crate) fn goals(&self, cx: &Context<'_>) -> (MediaTime, u64) {
        let time = MediaTime::from_micros(cx.restraint.goal(cx.options).as_micros() >> self.halvings.min(62));
        (time.max(MediaTime::from_millis(2_000)), (cx.options.ahead_bytes >> self.halvings.min(63)).max(256 << 10))
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.operation.is_some()
    }

    pub(crate) fn is_appending(&self) -> bool {
        matches!(self.operation, Some(Operation::Append { .. }))
    }

    /// Where the append under way ends.
    pub(crate) fn appending_until(&self) -> Position {
        match self.operation {
            Some(Operation::Append { end, left: false }) => end,
            _ => Position::default(),
        }
    }

    /// `from..to` goes before anything is appended.
    pub(crate) fn remove_later(&mut self, from: MediaTime, to: MediaTime) {
        self.to_remove.push((from, to));
    }

    /// The same SourceBuffer, for another stream.
    pub(crate) fn hand_over(&mut self) -> Self {
        Self { has_init: false, needs_reset: true, full_at: None, ..std::mem::take(self) }
    }

    /// The stream goes elsewhere; `inside` when a part of a group has been appended.
    pub(crate) fn leave(&mut self, inside: bool) {
        self.needs_reset |= inside || self.is_appending();
        if let Some(Operation::Append { left, .. }) = &mut self.operation {
            *left = true;
        }
        self.full_at = None;
    }
}

impl Stream {
    /// Starts the next operation, if none is in flight and there is one to do.
    pub(crate) fn next_operation(&mut self, cx: &mut Context<'_>) {
        if self.source.is_busy() || !cx.opened || cx.halted || cx.quiet {
            return;
        }
        if std::mem::take(&mut self.source.needs_reset) {
            cx.out.push_back(Output::ResetParser { buffer: self.lies_in });
        }
        if !self.source.has_init && self.film.init.is_some() {
            self.source.operation = Some(Operation::Init);
            cx.out.push_back(Output::AppendInit { buffer: self.lies_in, stream: self.id, init: 0 });
        } else if let Some((from, to)) = self.next_removal(cx) {
            self.source.operation = Some(Operation::Remove);
            cx.out.push_back(Output::Remove { buffer: self.lies_in, from, to });
        } else if let Some(span) = self.next_append(cx) {
            if let Some(Change { init, mime }) = self.inits.give(span.chunk) {
                cx.out.extend(mime.map(|mime| Output::ChangeType { buffer: self.lies_in, mime }));
                self.source.operation = Some(Operation::Init);
                return cx.out.push_back(Output::AppendInit { buffer: self.lies_in, stream: self.id, init });
            }
            let offset = self.timeline.offset(span.chunk);
            if std::mem::replace(&mut self.source.timestamp_offset, offset) != offset {
                cx.out.push_back(Output::SetTimestampOffset { buffer: self.lies_in, offset });
            }
            self.source.operation =
                Some(Operation::Append { end: Position::new(&self.film, span.chunk, span.end), left: false });
            cx.out.push_back(Output::Append { buffer: self.lies_in, stream: self.id, span });
        }
    }

    fn next_append(&mut self, cx: &Context<'_>) -> Option<Span> {
        if self.source.full_at.is_some_and(|at| at <= cx.target && cx.target < at + DRAINED) {
            return None;
        }
        self.source.full_at = None;
        let Position { chunk, offset } = self.appended;
        let whole = self.film.chunk(chunk)?.bytes;
        if self.film.init.is_none() && !self.timeline.knows(chunk) {
            // Where its times count from is not known before its first fragment.
            return None;
        }
        let is_low = self.is_low(cx);
        let limit = if is_low && cx.options.integrity != Integrity::Required { self.fetched } else { self.checked };
        let until = match limit.chunk.cmp(&chunk) {
            Ordering::Less => return None,
            Ordering::Equal => limit.offset,
            Ordering::Greater => whole,
        };
        let available = until.saturating_sub(offset);
        let is_last = until == whole || !self.is_receiving();
        let enough = available >= cx.options.append_bytes || is_last || is_low;
        let end = offset + available.min(cx.options.largest_append);
        let end = if is_low { end } else { end.min(self.seam(offset, chunk, cx)) };
        (available > 0 && enough).then_some(Span { chunk, start: offset, end })
    }

    /// Where to end an append so that the shell need not copy together what it has hashed apart.
    fn seam(&self, offset: u64, chunk: ChunkIndex, cx: &Context<'_>) -> u64 {
        match self.checks.part(&self.film, chunk, offset, cx) {
            Part::Exempt(end) => end,
            Part::Fragment { start, end, .. } if end - start >= LARGE => end,
            Part::Fragment { .. } | Part::Unknown => u64::MAX,
        }
    }

    /// Whether the playhead will soon run into the end of what is buffered.
    pub(crate) fn is_low(&self, cx: &Context<'_>) -> bool {
        let (target, low) = (cx.target, cx.restraint.low(cx.options));
        let is_short = |until: MediaTime| until - target < low;
        self.buffer.ranges().around(target).is_none_or(|(_, end)| is_short(end))
            || self.buffer.is_mixed() && is_short(self.run_until(target))
    }

    /// Where the groups end that are there from `time` on without a break.
    fn run_until(&self, time: MediaTime) -> MediaTime {
        let missing = self.first_missing(time).and_then(|id| self.film.group(id));
        missing.map_or(MediaTime::MAX, |group| group.start.max(time))
    }

    /// Has all removed that is another stream's: after a seek nobody wants to hear it again.
    pub(crate) fn leave_behind(&mut self, cx: &mut Context<'_>) {
        if let Some((start, end)) = self.buffer.forget_others() {
            if self.opened != self.appended || self.source.is_appending() {
                // The beginning of a group that is not whole goes too.
                self.jump(self.opened, cx);
            }
            if MediaTime::ZERO < start {
                self.source.remove_later(MediaTime::ZERO, start);
            }
            self.source.remove_later(end, MediaTime::MAX);
        }
    }

    fn next_removal(&mut self, cx: &mut Context<'_>) -> Option<(MediaTime, MediaTime)> {
        while let Some((from, to)) = self.source.to_remove.pop() {
            // MSE refuses to remove behind the end, which may be that of what is buffered.
            let is_there = self.buffer.ranges().touch(from, MediaTime::MAX);
            if is_there && cx.duration.is_none_or(|duration| from < duration) && from < to {
                return Some((from, to));
            }
        }
        if std::mem::take(&mut self.source.must_evict) || self.source.full_at.is_some() {
            let room = self.evict(cx);
            if room.is_some() {
                self.source.full_at = None;
                return room;
            }
            if self.awaits_room(cx.target) {
                // The playhead waits for these very bytes, so it will never make any.
                self.refused("its buffer is too small for one group of pictures of this film".into(), cx);
            }
            self.source.full_at.get_or_insert(cx.target);
        }
        let (first, edge) = (self.buffer.start()?, cx.target - cx.options.behind);
        if edge - first < STEP {
            return None;
        }
        // The group that holds the time goes on being needed for it.
        let keep = self.removable_until(edge)?;
        if keep - first < STEP {
            return None;
        }
        self.buffer.forget_until(keep);
        Some((MediaTime::ZERO, keep))
    }

    /// Whether a playhead at `time` has come to the end of what is buffered, and that is all of one group.
    fn awaits_room(&self, time: MediaTime) -> bool {
        let soon = time + STANDS;
        let runs_out = self.buffer.ranges().around(time).is_none_or(|(_, end)| end < soon);
        let next = self.opened.group(&self.film);
        let is_next =
            next == Some(self.locate(time)) || self.opened == self.appended && next == Some(self.locate(soon));
        runs_out && is_next
    }

    /// The start of the group that holds `time`, or of the one that is being appended if that is earlier: the rest of it
    /// would have nothing to be decoded from.
    fn removable_until(&self, time: MediaTime) -> Option<MediaTime> {
        let current = self.film.group(self.locate(time))?.start;
        let opened = self.opened.group(&self.film).filter(|_| self.opened != self.appended);
        let opened = opened.and_then(|id| self.film.group(id));
        Some(opened.map_or(current, |group| current.min(group.start)))
    }

    /// Makes room: everything behind the group that is playing, otherwise what lies beyond both the goal and the bytes to
    /// be appended, otherwise none.
    fn evict(&mut self, cx: &Context<'_>) -> Option<(MediaTime, MediaTime)> {
        let current = self.removable_until(cx.target)?;
        if self.buffer.start().is_some_and(|first| first < current) {
            self.buffer.forget_until(current);
            return Some((MediaTime::ZERO, current));
        }
        let (goal, _) = self.source.goals(cx);
        // Only for what is needed sooner. Otherwise the playhead makes room, and nothing has to be fetched again.
        let next = self.opened.group(&self.film)?;
        let near =
            if self.is_low(cx) || self.awaits_room(cx.target) { next } else { self.locate(cx.target + goal).max(next) };
        let far = self.film.group(near)?.end;
        if self.buffer.end()? <= far {
            return None;
        }
        self.buffer.forget_from(far);
        Some((far, MediaTime::MAX))
    }

    pub(crate) fn handle_done(&mut self, buffered: Ranges, cx: &mut Context<'_>) {
        self.buffer.report(buffered);
        match self.source.operation.take() {
            Some(Operation::Init) => self.source.has_init = true,
            Some(Operation::Append { end, left: false }) => {
                self.appended = end;
                cx.statistics.start.appended.get_or_insert(cx.now - cx.loaded_at);
                self.close_groups();
            }
            Some(Operation::Append { .. } | Operation::Remove) | None => {}
        }
        self.notice_loss(cx);
    }

    /// The browser may have thrown out the beginning of the group that is being appended, to make room for the rest of it,
    /// which nothing decodes then: the group is begun again, and the goals are lower from now on.
    fn notice_loss(&mut self, cx: &mut Context<'_>) {
        let open = self.opened.group(&self.film).filter(|_| self.opened != self.appended);
        let start = open.and_then(|id| Some(self.film.group(id)?.start));
        let begun = start.filter(|start| self.buffer.holds_beginning(*start));
        let is_lost = begun.is_none() && start.is_some() && self.source.begun == start;
        self.source.begun = begun;
        if is_lost {
            self.source.halvings += 1;
            self.jump(self.opened, cx);
        }
    }

    /// Notes the groups of which the last byte has been appended.
    fn close_groups(&mut self) {
        while let Some(id) = self.opened.group(&self.film) {
            let group = *self.film.group(id).expect("it was just found");
            let chunk = &self.film.chunks[id.chunk];
            // In a stream without an index the last known group may grow.
            let is_closed = group.end_offset() < chunk.indexed_bytes() || chunk.indexed_bytes() == chunk.bytes;
            let end = Position::new(&self.film, id.chunk, group.end_offset());
            if !is_closed || self.appended < end {
                break;
            }
            self.buffer.insert(id, group);
            self.opened = end;
        }
    }

    pub(crate) fn handle_refusal(&mut self, error: OperationError, buffered: Ranges, cx: &mut Context<'_>) {
        self.buffer.report(buffered);
        let operation = self.source.operation.take();
        match (operation, error) {
            (Some(Operation::Append { left: true, .. }), _) | (None, _) => {}
            (Some(Operation::Append { .. }), OperationError::Quota) => {
                // Goals that are far below what the browser holds are not to blame.
                cx.statistics.quota_errors += 1;
                let (_, goal_bytes) = self.source.goals(cx);
                if goal_bytes > self.buffer.bytes() / 2 {
                    self.source.halvings += 1;
                }
                self.source.must_evict = true;
            }
            (Some(_), OperationError::Quota) => self.refused("QuotaExceededError".into(), cx),
            (Some(_), OperationError::Refused(what)) => self.refused(what, cx),
        }
    }

    fn refused(&self, what: String, cx: &mut Context<'_>) {
        cx.fatal(Error::Decoder { stream: self.id, what });
    }
}
