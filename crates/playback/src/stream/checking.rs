//! What becomes of a stream's bytes when they are checked.

use manifest::{ChunkIndex, Digest, FragmentTable, MediaTime};

use super::Stream;
use crate::context::Context;
use crate::integrity::{Check, Part, Reading};
use crate::output::Output;
use crate::position::Position;
use crate::{CheckId, Error, Event, Failure, Integrity, ResponseHead, Span, StreamId};

/// What is removed of a group with a damaged fragment begins that much before it: reordered frames belong to it.
const REORDER: MediaTime = MediaTime::from_millis(250);

/// A table up to that length does not wait until much is buffered.
const SMALL_TABLE: u64 = 64 << 10;

impl Stream {
    /// Passes over what nothing checks, and has the next fragment hashed once it is whole.
    pub(super) fn next_check(&mut self, cx: &mut Context<'_>) {
        while self.checked < self.fetched {
            let Position { chunk, offset } = self.checked;
            match self.checks.part(&self.film, chunk, offset, cx) {
                Part::Exempt(end) => self.exempt(Position::new(&self.film, chunk, end).min(self.fetched), cx),
                // A late table must not hold the film up.
                Part::Unknown if self.checked < self.appended && self.is_full(cx) && self.is_low(cx) => {
                    self.exempt(self.appended, cx);
                }
                Part::Fragment { start, end, digest }
                    if !self.checks.is_checking() && self.has_received(chunk, end) =>
                {
                    return self.checks.begin(self.id, Span { chunk, start, end }, digest, cx);
                }
                Part::Unknown | Part::Fragment { .. } => return,
            }
        }
    }

    /// Whether to wait until all has been hashed that plays between the target and `wanted`. Whoever leaves it sooner has to
    /// fetch it again, and would leave it again. Where little is buffered and the table is late, it stays unchecked.
    pub(super) fn awaits_check(&mut self, wanted: Position, cx: &mut Context<'_>) -> bool {
        let appended = self.appended.max(self.source.appending_until());
        if appended <= self.byte_at(cx.target) || appended.min(wanted) <= self.checked {
            return false;
        }
        match self.checks.part(&self.film, self.checked.chunk, self.checked.offset, cx) {
            Part::Fragment { end, .. } => self.has_received(self.checked.chunk, end),
            Part::Unknown if self.is_low(cx) => {
                self.exempt(appended, cx);
                false
            }
            Part::Exempt(_) | Part::Unknown => false,
        }
    }

    fn exempt(&mut self, until: Position, cx: &mut Context<'_>) {
        cx.statistics.unchecked_bytes += self.checked.bytes_until(until, &self.film);
        self.checked = until;
    }

    fn is_full(&self, cx: &Context<'_>) -> bool {
        self.held() >= cx.options.held_bytes
    }

    fn has_received(&self, chunk: ChunkIndex, end: u64) -> bool {
        Position::new(&self.film, chunk, end) <= self.fetched
    }

    pub(crate) fn handle_hashed(&mut self, check: CheckId, digest: Option<Digest>, cx: &mut Context<'_>) {
        let Some(check) = self.checks.finish(check) else { return };
        let Span { chunk, end, .. } = check.span;
        let end = Position::new(&self.film, chunk, end);
        match digest {
            // Nothing else fails at hashing but a browser that is out of memory.
            None if cx.options.integrity == Integrity::Required => {
                let what = "the browser could not hash it".to_owned();
                cx.fatal(Error::Uncheckable { url: self.url(chunk), what });
            }
            None => self.exempt(end, cx),
            Some(digest) if check.is_passed_by(digest) => {
                cx.statistics.checked_fragments += 1;
                cx.statistics.checked_bytes += check.span.bytes();
                *cx.statistics.verified.or_insert((self.id, chunk), 0) += check.span.bytes();
                self.checks.acquit(&check);
                self.checked = end;
            }
            Some(_) => self.handle_damage(&check, cx),
        }
    }

    /// A fragment is not what was cut: it is not appended, or removed with what depends on it, and fetched again.
    fn handle_damage(&mut self, check: &Check, cx: &mut Context<'_>) {
        let Span { chunk, start, end } = check.span;
        let begin = Position { chunk, offset: start };
        let group = self.film.group_at(chunk, start).and_then(|id| Some((id, *self.film.group(id)?)));
        let shown = group.filter(|_| self.appended.max(self.source.appending_until()) > begin);
        let from = shown.map_or(start, |(_, group)| group.offset);
        cx.statistics.damaged_fragments += 1;
        let url = self.url(chunk);
        cx.out.push_back(Output::Event(Event::Damaged { stream: self.id, url: url.clone(), start, end }));
        if let Some((id, group)) = shown {
            self.buffer.forget(id);
            let (passed, all) = self.checks.share(chunk, (group.offset, group.end_offset()), start);
            let shown_from = group.start + (group.end - group.start).share(passed, all);
            self.source.remove_later((shown_from - REORDER).max(group.start).or_zero(), group.end);
            self.jump(Position { chunk, offset: group.offset }, cx);
        } else {
            self.abort(cx);
            cx.statistics.dropped_bytes += begin.bytes_until(self.fetched, &self.film);
            self.fetched = begin;
            cx.out.push_back(Output::Discard { stream: self.id, from: begin });
        }
        if let Err(history) = self.checks.suspect(check, from, cx.now) {
            cx.fatal(Error::Integrity { stream: self.id, url, start, history });
        }
    }

    /// Has removed what was appended and will not be checked any more.
    pub(super) fn disown(&mut self, cx: &Context<'_>) {
        let appended = self.appended.max(self.source.appending_until());
        if self.checked >= appended || !cx.checks() {
            return;
        }
        let mut next = self.checked.group(&self.film);
        while let Some((id, group)) = next.and_then(|id| Some((id, *self.film.group(id)?))) {
            if (Position { chunk: id.chunk, offset: group.offset }) >= appended {
                break;
            }
            self.buffer.forget(id);
            self.source.remove_later(group.start.or_zero(), group.end);
            next = self.film.following(id);
        }
    }

    pub(super) fn next_table(&mut self, cx: &mut Context<'_>) {
        // Never ahead of the first bytes of the media.
        let has_begun = self.download.is_some() || self.received > 0;
        let is_shown = cx.has_shown && self.buffer.ranges().around(cx.target).is_some();
        // Before there is a picture a table would only take the link from it, unless there is none without, or much waits.
        let is_required = cx.options.integrity == Integrity::Required;
        let longest = match () {
            () if is_required || !self.is_low(cx) || self.has_received_all() => u64::MAX,
            // Sooner than anything has to go unchecked.
            () if self.held() > cx.options.held_bytes / 2 => u64::MAX,
            () if is_shown || self.held() > cx.options.held_bytes / 16 => SMALL_TABLE,
            () => 0,
        };
        let at = reading(self.id, &self.film, self.checked, self.fetched);
        if has_begun || self.checks.is_asking() {
            self.checks.advance(&at, longest, cx);
        }
    }

    pub(crate) fn handle_table_head(&mut self, head: &ResponseHead, cx: &mut Context<'_>) {
        self.checks.handle_head(head, &reading(self.id, &self.film, self.checked, self.fetched), cx);
    }

    pub(crate) fn handle_table_bytes(&mut self, count: u64, cx: &mut Context<'_>) {
        self.checks.handle_bytes(count, &reading(self.id, &self.film, self.checked, self.fetched), cx);
    }

    pub(crate) fn handle_table_end(&mut self, failure: Option<Failure>, cx: &mut Context<'_>) {
        self.checks.handle_end(failure, &reading(self.id, &self.film, self.checked, self.fetched), cx);
    }

    pub(crate) fn handle_table(
        &mut self,
        chunk: ChunkIndex,
        digest: Option<Digest>,
        table: Result<FragmentTable, manifest::Error>,
        cx: &mut Context<'_>,
    ) {
        let at = reading(self.id, &self.film, self.checked, self.fetched);
        self.checks.handle_table(chunk, digest, table, &at, cx);
    }
}

fn reading(id: StreamId, film: &manifest::Stream, checked: Position, fetched: Position) -> Reading<'_> {
    Reading { id, film, chunks: [checked.chunk, fetched.chunk] }
}
