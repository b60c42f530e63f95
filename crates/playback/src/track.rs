//! What plays through one SourceBuffer: the [`Sink`], and the [`Feed`] that fetches for it.
//!
//! After every input a track does the same things ([`Track::advance`]), whatever the input was: start, seek, eviction by the
//! browser, recovery and a change of the feed have no path of their own.

mod damage;
mod rungs;
mod switching;

use manifest::{ChunkIndex, GroupId, MediaTime};

use crate::effects::Effects;
use crate::feed::{Demand, Feed, Outcome};
use crate::network::Network;
use crate::position::Position;
use crate::sink::Sink;
use crate::situation::Situation;
use crate::timeline::SEAMLESS;
use crate::{Answer, BufferId, Failure, FragmentFacts, OperationError, Ranges, StreamId};

/// Bytes ahead of what has been received up to which a seek reads on instead of asking anew: a round trip costs more.
const NEAR: u64 = 256 << 10;

#[derive(Debug)]
pub(crate) struct Track {
    pub(crate) feed: Feed,
    pub(crate) sink: Sink,
    /// The other rungs of its switching set, which fetch nothing.
    rungs: Vec<Feed>,
    /// The rung that takes over as soon as it can.
    next_rung: Option<StreamId>,
}

impl Track {
    pub(crate) fn new(id: StreamId, stream: manifest::Stream, buffer: BufferId) -> Self {
        Self { sink: Sink::new(buffer), feed: Feed::new(id, stream), rungs: Vec::new(), next_rung: None }
    }

    /// The SourceBuffer is about to be made: gives back its type, once that is known.
    pub(crate) fn open(&mut self) -> Option<String> {
        let mime = self.feed.stream.mime.clone()?;
        self.sink.set_mime(mime.clone());
        Some(mime)
    }

    /// 1. Change the rung. 2. Go where the playhead needs it. 3. Check. 4. Append, remove. 5. Read on, or ask.
    pub(crate) fn advance(&mut self, at: &Situation, network: &mut Network, effects: &mut Effects) {
        self.change_rung(at, network, effects);
        let demand = self.demand(at);
        let (stays, demand) = self.follow(at, demand, network, effects);
        self.feed.next_check(at, &demand, effects);
        if !stays {
            self.sink.next_operation(at, &self.feed, &demand, effects);
        }
        self.feed.release(self.sink.appended(), effects);
        let held_from = (!self.feed.is_receiving()).then(|| self.sink.held_from(&self.feed)).flatten();
        let demand = Demand { held_from, ..demand };
        self.feed.next_request(at, &demand, stays, network, effects);
        self.feed.next_table(at, &demand, network, effects);
        let fates = self.sink.held.take_fates();
        effects.statistics.shown_bytes += fates.shown;
        effects.statistics.unseen_bytes += fates.unseen;
    }

    fn demand(&self, at: &Situation) -> Demand {
        self.sink.demand(at, &self.feed)
    }

    /// Goes where the playhead needs it; or stays for a moment, and asks and appends nothing more here, until what will be
    /// left has been checked. Gives back whether it stays, and what is wanted now.
    fn follow(
        &mut self,
        at: &Situation,
        demand: Demand,
        network: &mut Network,
        effects: &mut Effects,
    ) -> (bool, Demand) {
        let wanted = self.wanted(at.target);
        let opened = self.sink.opened();
        let soon = opened < wanted
            && (wanted < self.feed.fetched() || self.feed.flows(at.now) && self.bytes_to_come(wanted) < NEAR);
        if opened == wanted || soon || self.feed.awaits_index(at.target) {
            return (false, demand);
        }
        if self.feed.awaits_check(at, wanted, &demand, effects) {
            return (true, demand);
        }
        self.jump(at, wanted, network, effects);
        (false, self.demand(at))
    }

    fn bytes_to_come(&self, position: Position) -> u64 {
        self.feed.fetched().bytes_until(position, &self.feed.stream)
    }

    /// Leaves everything under way and goes on from `position`, the beginning of a group.
    fn jump(&mut self, at: &Situation, position: Position, network: &mut Network, effects: &mut Effects) {
        self.next_rung = None;
        self.disown(at);
        let is_appending = self.sink.is_appending();
        self.sink.go_to(position, &self.feed, effects);
        self.feed.go_to(at, position, is_appending, network, effects);
    }

    /// Where the first byte lies that playing from `time` on needs and the SourceBuffer has not got.
    pub(crate) fn wanted(&self, time: MediaTime) -> Position {
        self.sink.wanted(&self.feed, time)
    }

    /// The first group from `time` on that the SourceBuffer has not got, as far as groups are known.
    pub(crate) fn first_missing(&self, time: MediaTime) -> Option<GroupId> {
        self.sink.first_missing(&self.feed, time)
    }

    /// How many bytes of that group have not been received.
    pub(crate) fn missing_bytes(&self, id: GroupId) -> u64 {
        let stream = &self.feed.stream;
        let Some(group) = stream.group(id) else { return 0 };
        let begin = Position { chunk: id.chunk, offset: group.offset };
        let end = Position::new(stream, id.chunk, group.end_offset());
        if self.sink.opened() <= begin { begin.max(self.feed.fetched()).bytes_until(end, stream) } else { group.bytes }
    }

    /// Whether everything from `time` to the end of the stream is in the SourceBuffer.
    pub(crate) fn is_complete(&self, time: MediaTime) -> bool {
        self.feed.has_received_all() && self.wanted(time).is_end(&self.feed.stream)
    }

    /// Bytes received and not yet both appended and checked, see [`Feed::pending`].
    pub(crate) fn pending_bytes(&self) -> u64 {
        self.feed.pending(self.sink.appended())
    }

    /// Bytes received of which nothing has been shown, and that may still be.
    pub(crate) fn waiting_bytes(&self) -> u64 {
        let received = self.feed.received_from(self.sink.appended());
        received + self.sink.part_bytes(&self.feed) + self.sink.held.waiting_bytes()
    }

    /// What lies between two times has been shown.
    pub(crate) fn note_shown(&mut self, from: MediaTime, to: MediaTime) {
        self.sink.note_shown(&self.feed, from, to);
    }

    pub(crate) fn handle_answer(
        &mut self,
        at: &Situation,
        answer: &Answer,
        network: &mut Network,
        effects: &mut Effects,
    ) {
        match self.feed.handle_answer(at, answer, network, effects) {
            Outcome::Fine => self.doubt(at, effects),
            Outcome::EndOfChunk(chunk) => {
                self.feed.finish_chunk(chunk, effects);
                self.settle(chunk);
            }
            Outcome::Changed { at: place } => {
                self.jump(at, self.sink.opened(), network, effects);
                self.feed.judge(at, place, Failure::Changed, network, effects);
            }
        }
    }

    /// Takes note of a fragment in a stream without an index.
    pub(crate) fn handle_fragment(&mut self, facts: &FragmentFacts) -> Result<(), manifest::Error> {
        self.feed.learn_fragment(facts)?;
        self.settle(facts.chunk);
        Ok(())
    }

    /// More of `chunk` is known: what follows it may have been put in the wrong place.
    fn settle(&mut self, chunk: ChunkIndex) {
        let Some(from) = self.feed.timeline.settle(chunk, &mut self.feed.stream) else { return };
        // A part of a group is misplaced too, and is none of the groups.
        let (stream, moved) = (self.feed.id, chunk.next());
        let next = self.feed.stream.chunk(moved).and_then(|next| next.start).unwrap_or(MediaTime::MAX);
        let has_parts = self.sink.held.ranges().touch(next + SEAMLESS, MediaTime::MAX);
        if self.sink.held.forget(|known, id, _| known == stream && moved <= id.chunk) || has_parts {
            self.sink.remove_later(from, MediaTime::MAX);
        }
    }

    pub(crate) fn handle_done(
        &mut self,
        at: &Situation,
        buffered: Ranges,
        network: &mut Network,
        effects: &mut Effects,
    ) {
        if self.sink.handle_done(at, &self.feed, buffered, effects) {
            self.jump(at, self.sink.opened(), network, effects);
        }
    }

    pub(crate) fn handle_refusal(
        &mut self,
        at: &Situation,
        error: OperationError,
        buffered: Ranges,
        effects: &mut Effects,
    ) {
        self.sink.handle_refusal(at, &self.feed, error, buffered, effects);
    }
}
