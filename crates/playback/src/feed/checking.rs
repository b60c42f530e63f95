//! What of a feed's bytes is checked, and when its digests are asked for.

use manifest::{ChunkIndex, Digest, FragmentTable};

use super::{Demand, Feed};
use crate::checks::{Check, Part, Reading};
use crate::effects::Effects;
use crate::network::Network;
use crate::position::Position;
use crate::situation::Situation;
use crate::{Answer, CheckId, Error, RequestId, Span, StreamId};

/// Bytes up to which a fragment table does not wait until much is buffered.
const SMALL_TABLE: u64 = 64 << 10;

impl Feed {
    /// Passes over what nothing checks, and has the next fragment hashed once it is whole.
    pub(crate) fn next_check(&mut self, at: &Situation, demand: &Demand, effects: &mut Effects) {
        while self.checked < self.fetched {
            match self.checks.part(at, &self.stream, self.checked) {
                Part::Exempt(end) => {
                    let end = Position::new(&self.stream, self.checked.chunk, end);
                    self.exempt(end.min(self.fetched), effects);
                }
                // A late table must not hold the film up.
                Part::Unknown if self.checked < demand.appended && self.is_full(at, demand) && demand.is_low => {
                    self.exempt(demand.appended, effects);
                }
                Part::Fragment { start, end, digest }
                    if !self.checks.is_checking() && self.has_received(self.checked.chunk, end) =>
                {
                    let span = Span { chunk: self.checked.chunk, start, end };
                    return self.checks.begin(self.id, span, digest, effects);
                }
                Part::Unknown | Part::Fragment { .. } => return,
            }
        }
    }

    /// Whether to wait until all has been hashed that plays between the target and `wanted`. Whoever leaves it sooner has to
    /// fetch it again, and would leave it again. Where little is buffered and the table is late, it stays unchecked.
    pub(crate) fn awaits_check(
        &mut self,
        at: &Situation,
        wanted: Position,
        demand: &Demand,
        effects: &mut Effects,
    ) -> bool {
        let appended = demand.appending;
        if appended <= self.byte_at(at.target) || appended.min(wanted) <= self.checked {
            return false;
        }
        match self.checks.part(at, &self.stream, self.checked) {
            Part::Fragment { end, .. } => self.has_received(self.checked.chunk, end),
            Part::Unknown if demand.is_low => {
                self.exempt(appended, effects);
                false
            }
            Part::Exempt(_) | Part::Unknown => false,
        }
    }

    fn exempt(&mut self, until: Position, effects: &mut Effects) {
        effects.statistics.unchecked_bytes += self.checked.bytes_until(until, &self.stream);
        self.checked = until;
    }

    /// Whether all up to `place` has been checked, or will not be: where little is buffered and the table is late, it stays unchecked.
    pub(crate) fn is_settled(
        &mut self,
        at: &Situation,
        place: Position,
        demand: &Demand,
        effects: &mut Effects,
    ) -> bool {
        let is_late = demand.is_low && matches!(self.checks.part(at, &self.stream, self.checked), Part::Unknown);
        if self.checked < place && is_late {
            self.exempt(place, effects);
        }
        place <= self.checked
    }

    fn is_full(&self, at: &Situation, demand: &Demand) -> bool {
        self.pending(demand.appended) >= at.options.pending_bytes
    }

    fn has_received(&self, chunk: ChunkIndex, end: u64) -> bool {
        Position::new(&self.stream, chunk, end) <= self.fetched
    }

    /// A hash has come. Gives the check back if the fragment is damaged.
    pub(crate) fn handle_hashed(
        &mut self,
        at: &Situation,
        check: CheckId,
        digest: Option<Digest>,
        effects: &mut Effects,
    ) -> Option<Check> {
        let check = self.checks.finish(check)?;
        let Span { chunk, end, .. } = check.span;
        let end = Position::new(&self.stream, chunk, end);
        match digest {
            // Nothing else fails at hashing but a browser that is out of memory.
            None if at.requires_checks() => {
                let what = "the browser could not hash it".to_owned();
                effects.fail(Error::Uncheckable { url: self.url(chunk), what });
            }
            None => self.exempt(end, effects),
            Some(digest) if check.is_passed_by(digest) => {
                effects.statistics.checked_fragments += 1;
                effects.statistics.checked_bytes += check.span.bytes();
                *effects.statistics.verified.or_insert((self.id, chunk), 0) += check.span.bytes();
                self.checks.acquit(&check);
                self.checked = end;
            }
            Some(_) => return Some(check),
        }
        None
    }

    /// Asks for the next fragment table, or reads on in the one that is under way.
    pub(crate) fn next_table(&mut self, at: &Situation, demand: &Demand, network: &mut Network, effects: &mut Effects) {
        // Never ahead of the first bytes of the media.
        let has_begun = self.transfer.is_open() || self.has_begun;
        if !has_begun && !self.checks.tables.is_asking() {
            return;
        }
        let is_shown = at.has_shown && demand.is_buffered;
        let pending = self.pending(demand.appended);
        // Before there is a picture a table would only take the link from it, unless there is none without, or much waits.
        let longest = if at.checks_first() || !demand.is_low || self.has_received_all() {
            u64::MAX
        } else if pending > at.options.pending_bytes / 2 {
            // Sooner than anything has to go unchecked.
            u64::MAX
        } else if is_shown || pending > at.options.pending_bytes / 16 {
            SMALL_TABLE
        } else {
            0
        };
        let reading = reading(self.id, &self.stream, self.checked, self.fetched);
        self.checks.tables.advance(at, &reading, longest, &mut network.jitter, effects);
    }

    /// Whether its request for a fragment table it is.
    pub(crate) fn owns_table(&self, request: RequestId) -> bool {
        self.checks.tables.owns(request)
    }

    pub(crate) fn handle_table_answer(
        &mut self,
        at: &Situation,
        answer: &Answer,
        network: &mut Network,
        effects: &mut Effects,
    ) {
        let reading = reading(self.id, &self.stream, self.checked, self.fetched);
        self.checks.tables.handle_answer(at, answer, &reading, &mut network.jitter, effects);
    }

    pub(crate) fn handle_table(
        &mut self,
        at: &Situation,
        chunk: ChunkIndex,
        digest: Option<Digest>,
        table: Result<FragmentTable, manifest::Error>,
        effects: &mut Effects,
    ) {
        let reading = reading(self.id, &self.stream, self.checked, self.fetched);
        self.checks.tables.handle_table(at, chunk, digest, table, &reading, effects);
    }
}

fn reading(id: StreamId, stream: &manifest::Stream, checked: Position, fetched: Position) -> Reading<'_> {
    Reading { id, stream, chunks: [checked.chunk, fetched.chunk] }
}
