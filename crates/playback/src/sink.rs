//! One SourceBuffer: the operation in flight, what it holds, and where the stream stands that is appended to it.
//!
//! It reads the feed and never writes it. What to append next is in [`appending`], what to remove in [`removing`].

mod appending;
mod removing;

use manifest::{GroupId, MediaTime};

use crate::effects::Effects;
use crate::feed::{Demand, Feed};
use crate::held::{Held, Run};
use crate::output::Output;
use crate::position::Position;
use crate::situation::Situation;
use crate::{BufferId, InitId, OperationError, Ranges, StreamId};

/// The least goal ahead, in time, however small the browser's quota is: with less, playback would halt at each append.
const LEAST_AHEAD: MediaTime = MediaTime::from_millis(2_000);

/// The least goal ahead in bytes, for the same reason.
const LEAST_AHEAD_BYTES: u64 = 256 << 10;

#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) id: BufferId,
    pub(crate) held: Held,
    operation: Option<Operation>,
    /// The type that it takes, once it is being made.
    mime: Option<String>,
    /// The init that it was given last: of which stream, and its number there.
    init: Option<(StreamId, InitId)>,
    /// Media of another place or stream come next; the parser may stand in the middle of a fragment that will not be finished.
    needs_reset: bool,
    /// `timestampOffset`.
    timestamp_offset: MediaTime,
    /// How often the goals were halved because the browser's quota is smaller.
    halvings: u32,
    /// Where the playhead was when nothing more could be evicted.
    full_at: Option<MediaTime>,
    /// The last append found no room: evict before the next.
    must_evict: bool,
    /// Removed before anything else happens.
    to_remove: Vec<(MediaTime, MediaTime)>,
    /// The next byte to append.
    appended: Position,
    /// The beginning of the group that the next byte to append belongs to.
    opened: Position,
    /// Whether anything of that group has been shown.
    opened_is_shown: bool,
    /// When that group starts, once the browser has shown that it holds its beginning.
    begun: Option<MediaTime>,
}

#[derive(Debug)]
enum Operation {
    Init,
    /// Bytes up to `end`; `is_abandoned` when the stream has gone elsewhere meanwhile.
    Append {
        end: Position,
        is_abandoned: bool,
    },
    Remove,
}

impl Sink {
    pub(crate) fn new(id: BufferId) -> Self {
        Self {
            id,
            held: Held::default(),
            operation: None,
            mime: None,
            init: None,
            needs_reset: false,
            timestamp_offset: MediaTime::ZERO,
            halvings: 0,
            full_at: None,
            must_evict: false,
            to_remove: Vec::new(),
            appended: Position::default(),
            opened: Position::default(),
            opened_is_shown: false,
            begun: None,
        }
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.operation.is_some()
    }

    pub(crate) fn is_appending(&self) -> bool {
        matches!(self.operation, Some(Operation::Append { .. }))
    }

    /// The next byte to append.
    pub(crate) fn appended(&self) -> Position {
        self.appended
    }

    /// The next byte to append once the append is done that is under way.
    pub(crate) fn appending(&self) -> Position {
        match self.operation {
            Some(Operation::Append { end, is_abandoned: false }) => self.appended.max(end),
            _ => self.appended,
        }
    }

    /// `timestampOffset`.
    pub(crate) fn timestamp_offset(&self) -> MediaTime {
        self.timestamp_offset
    }

    /// The beginning of the group that the next byte to append belongs to.
    pub(crate) fn opened(&self) -> Position {
        self.opened
    }

    /// Bytes of the group that has been appended in part.
    pub(crate) fn part_bytes(&self, feed: &Feed) -> u64 {
        self.opened.bytes_until(self.appended, &feed.stream)
    }

    /// The goal ahead of the playhead, as far as the browser's quota allows.
    fn goal(&self, at: &Situation) -> MediaTime {
        MediaTime::from_micros(at.pacing.goal(&at.options).as_micros() >> self.halvings.min(62)).max(LEAST_AHEAD)
    }

    /// The same in bytes.
    fn goal_bytes(&self, at: &Situation) -> u64 {
        (at.options.ahead_bytes >> self.halvings.min(63)).max(LEAST_AHEAD_BYTES)
    }

    /// What it wants of its feed.
    pub(crate) fn demand(&self, at: &Situation, feed: &Feed) -> Demand {
        Demand {
            goal: self.goal(at),
            goal_bytes: self.goal_bytes(at),
            is_low: self.is_low(at, feed),
            is_buffered: self.held.ranges().around(at.target).is_some(),
            appended: self.appended,
            appending: self.appending(),
            held_from: None,
        }
    }

    /// Whether the playhead will soon run into the end of what is buffered.
    pub(crate) fn is_low(&self, at: &Situation, feed: &Feed) -> bool {
        let low = at.pacing.low(&at.options);
        let is_short = |until: MediaTime| until - at.target < low;
        self.held.ranges().around(at.target).is_none_or(|(_, end)| is_short(end))
            || self.held.is_mixed() && is_short(self.run_until(feed, at.target))
    }

    /// Where the groups end that are there from `time` on without a break.
    fn run_until(&self, feed: &Feed, time: MediaTime) -> MediaTime {
        let missing = self.first_missing(feed, time).and_then(|id| feed.stream.group(id));
        missing.map_or(MediaTime::MAX, |group| group.start.max(time))
    }

    /// Where the first byte lies that playing from `time` on needs and the SourceBuffer has not got.
    pub(crate) fn wanted(&self, feed: &Feed, time: MediaTime) -> Position {
        match self.run(feed, time) {
            Run::UpTo(id) => {
                Position { chunk: id.chunk, offset: feed.stream.group(id).map_or(0, |group| group.offset) }
            }
            Run::AllKnown(last) => {
                let known = feed.stream.chunks[last.chunk].indexed_bytes();
                Position::new(&feed.stream, last.chunk, known)
            }
        }
    }

    /// The first group from `time` on that the SourceBuffer has not got, as far as groups are known.
    pub(crate) fn first_missing(&self, feed: &Feed, time: MediaTime) -> Option<GroupId> {
        match self.run(feed, time) {
            Run::UpTo(id) => Some(id),
            Run::AllKnown(_) => None,
        }
    }

    /// Where the next group begins, from the feed's next byte on, that the SourceBuffer has got already.
    pub(crate) fn held_from(&self, feed: &Feed) -> Option<Position> {
        let begin = |id: GroupId| Some(Position { chunk: id.chunk, offset: feed.stream.group(id)?.offset });
        // Nearly always nothing is held from there on.
        self.held.last(feed.id).and_then(begin).filter(|last| feed.fetched() <= *last)?;
        let id = feed.fetched().group(&feed.stream)?;
        self.held.groups_from(feed.id, id).filter_map(begin).find(|begin| feed.fetched() <= *begin)
    }

    /// How far the groups go from `time` on that the SourceBuffer has got without a break.
    fn run(&self, feed: &Feed, time: MediaTime) -> Run {
        self.held.run(feed.id, feed.locate(time), |id| feed.stream.following(id))
    }

    /// `from..to` goes before anything is appended.
    pub(crate) fn remove_later(&mut self, from: MediaTime, to: MediaTime) {
        self.to_remove.push((from, to));
    }

    /// What lies between two times has been shown.
    pub(crate) fn note_shown(&mut self, feed: &Feed, from: MediaTime, to: MediaTime) {
        self.held.note_shown((feed.id, feed.locate(from)), from, to);
        let group = self.opened.group(&feed.stream).and_then(|id| feed.stream.group(id));
        let touches = group.is_some_and(|group| group.start < to && from < group.end);
        self.opened_is_shown |= touches && self.opened != self.appended;
    }

    /// Goes on with the bytes from `position` on, the beginning of a group.
    pub(crate) fn go_to(&mut self, position: Position, feed: &Feed, effects: &mut Effects) {
        let reached = self.appending();
        effects.statistics.dropped_bytes += feed.received_from(reached);
        self.held.fates_mut().note(self.opened.bytes_until(reached, &feed.stream), self.opened_is_shown);
        self.leave_parser();
        if let Some(Operation::Append { is_abandoned, .. }) = &mut self.operation {
            *is_abandoned = true;
        }
        self.full_at = None;
        (self.appended, self.opened, self.opened_is_shown) = (position, position, false);
    }

    /// The media of another stream come next, of which nothing has been appended from `fetched` on.
    pub(crate) fn change_stream(&mut self, fetched: Position) {
        self.held.mix();
        (self.needs_reset, self.begun) = (true, None);
        (self.appended, self.opened) = (fetched, fetched);
    }

    /// The type that it is made for.
    pub(crate) fn set_mime(&mut self, mime: String) {
        self.mime = Some(mime);
    }

    /// Another SourceBuffer takes this one's place: it holds nothing, and has been given nothing.
    pub(crate) fn begin_anew(&mut self) {
        self.held.clear();
        *self = Self {
            held: std::mem::take(&mut self.held),
            // As much as this one was found to hold the next one holds.
            halvings: self.halvings,
            appended: self.appended,
            opened: self.opened,
            ..Self::new(self.id)
        };
    }

    /// Starts the next operation, if none is in flight and there is one to do.
    pub(crate) fn next_operation(&mut self, at: &Situation, feed: &Feed, demand: &Demand, effects: &mut Effects) {
        if self.is_busy() || !at.takes_operations || effects.has_failed() {
            return;
        }
        if feed.is_indexed() && self.init != Some((feed.id, InitId(0))) {
            return self.give_init(feed, InitId(0), effects);
        }
        if let Some((from, to)) = self.next_removal(at, feed, effects) {
            self.operation = Some(Operation::Remove);
            return effects.push(Output::Remove { buffer: self.id, from, to });
        }
        let Some(span) = self.next_append(at, feed, demand.is_low) else { return };
        let offset = feed.timeline.offset(span.chunk);
        if std::mem::replace(&mut self.timestamp_offset, offset) != offset {
            self.leave_parser();
            self.reset_parser(effects);
            effects.push(Output::SetTimestampOffset { buffer: self.id, offset });
        }
        if let Some(init) = self.missing_init(feed, span) {
            return self.give_init(feed, init, effects);
        }
        self.reset_parser(effects);
        self.replace(feed, span);
        let end = Position::new(&feed.stream, span.chunk, span.end);
        self.operation = Some(Operation::Append { end, is_abandoned: false });
        effects.push(Output::Append { buffer: self.id, stream: feed.id, span });
    }

    /// An operation that changes nothing, and so opens an ended MediaSource again.
    pub(crate) fn remove_nothing(&mut self, effects: &mut Effects) {
        self.operation = Some(Operation::Remove);
        effects.push(Output::Remove { buffer: self.id, from: MediaTime::MAX, to: MediaTime::MAX });
    }

    /// Until its parser is reset WebKitGTK drops sound of earlier times than what came first, and after that it has no init.
    fn leave_parser(&mut self) {
        (self.needs_reset, self.init) = (true, None);
    }

    /// Only before another operation: it opens an ended MediaSource again.
    fn reset_parser(&mut self, effects: &mut Effects) {
        if std::mem::take(&mut self.needs_reset) {
            effects.push(Output::ResetParser { buffer: self.id });
        }
    }

    fn give_init(&mut self, feed: &Feed, init: InitId, effects: &mut Effects) {
        self.reset_parser(effects);
        let mime = feed.inits.mime(init).or(feed.stream.mime.as_ref());
        if let Some(mime) = mime.filter(|mime| self.mime.as_ref() != Some(mime)).cloned() {
            self.mime = Some(mime.clone());
            effects.push(Output::ChangeType { buffer: self.id, mime });
        }
        self.init = Some((feed.id, init));
        self.operation = Some(Operation::Init);
        effects.push(Output::AppendInit { buffer: self.id, stream: feed.id, init });
    }

    /// The operation in flight is done. Whether the beginning of the group that is being appended has got lost: then it has
    /// to be begun again.
    pub(crate) fn handle_done(&mut self, at: &Situation, feed: &Feed, buffered: Ranges, effects: &mut Effects) -> bool {
        self.held.report(buffered);
        if let Some(Operation::Append { end, is_abandoned: false }) = self.operation.take() {
            self.appended = end;
            effects.statistics.start.appended.get_or_insert(at.now - at.loaded_at);
            // The append that completes a group may cost it its beginning.
            if self.has_lost_beginning(feed) {
                return true;
            }
            self.close_groups(feed);
        }
        self.has_lost_beginning(feed)
    }

    pub(crate) fn handle_refusal(
        &mut self,
        at: &Situation,
        feed: &Feed,
        error: OperationError,
        buffered: Ranges,
        effects: &mut Effects,
    ) {
        self.held.report(buffered);
        let operation = self.operation.take();
        if matches!(operation, Some(Operation::Init)) {
            self.init = None;
        }
        match (operation, error) {
            (Some(Operation::Append { is_abandoned: true, .. }) | None, _) => {}
            (Some(Operation::Append { .. }), OperationError::Quota) => {
                // Goals that are far below what the browser holds are not to blame.
                effects.statistics.quota_errors += 1;
                if self.goal_bytes(at) > self.held.bytes() / 2 {
                    self.halvings += 1;
                }
                self.must_evict = true;
            }
            (Some(_), OperationError::Quota) => self.fail(feed, "QuotaExceededError".into(), effects),
            (Some(_), OperationError::Refused(what)) => self.fail(feed, what, effects),
        }
    }

    fn fail(&self, feed: &Feed, what: String, effects: &mut Effects) {
        effects.fail_decoder(feed.id, what);
    }
}
