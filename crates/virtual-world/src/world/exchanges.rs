//! Requests and their answers.

use manifest::ChunkIndex;
use playback::{Answer, Fetch, FragmentFacts, InitId, Input, Object, RequestId, Span, StreamId};

use super::{Happening, World};
use crate::film::{self, MUXED_MIMES};
use crate::network::{Ask, Ending, Exchange, PIECE};

impl World {
    pub(super) fn fetch(&mut self, fetch: Fetch) {
        let (stream, chunk) = fetch.object.place();
        let entry = &self.truth.film.streams[stream.0].chunks[chunk];
        let is_table = matches!(fetch.object, Object::Table { .. });
        let total = if is_table { entry.fragments.as_ref().expect("it has one").bytes } else { entry.bytes };
        assert!(fetch.start < total && fetch.end.is_none_or(|end| fetch.start < end && end <= total), "{fetch:?}");
        let same = self.exchanges.values().filter(|other| discriminates(&other.fetch.object, &fetch.object));
        assert_eq!(same.count(), 0, "two requests for one stream: {fetch:?}");
        let ask = Ask {
            nth: if is_table { self.trace.tables.len() } else { self.trace.requests.len() },
            at: self.now,
            object: fetch.object,
            start: fetch.start,
            end: fetch.end,
            cache: fetch.cache,
        };
        let answer = if is_table { (self.tables)(&ask, total) } else { (self.origin)(&ask, total) };
        if is_table {
            self.trace.tables.push(ask);
        } else {
            self.trace.requests.push(ask);
        }
        let request = fetch.request;
        let jitter = self.link.jitter.mul_f64(self.dice.f64());
        let at = self.now + self.link.delay + jitter + answer.delay;
        let dark = self.link.is_cut(self.now) || self.link.is_cut(at);
        match answer.ending {
            _ if dark => self.happen(at, Happening::Broken(request)),
            Ending::Silent(_) if answer.head.is_none() => {}
            _ if answer.head.is_none() => self.happen(at, Happening::Broken(request)),
            _ => self.happen(at, Happening::Head(request)),
        }
        let head_length = answer.head.as_ref().and_then(|head| head.content_length);
        let length = head_length.unwrap_or(total.saturating_sub(answer.first));
        if let Object::Chunk { .. } = fetch.object {
            self.note_asked(stream, chunk, fetch.start, fetch.end.unwrap_or(total));
        }
        let asked_at = self.now;
        let exchange = Exchange { fetch, answer, asked_at, given: 0, length, has_head: false, is_reading: false };
        self.exchanges.insert(request, exchange);
    }

    pub(super) fn read(&mut self, request: RequestId, least: u64) {
        let exchange = self.exchanges.get_mut(&request).expect("only a request that is under way is read");
        assert!(exchange.has_head && !exchange.is_reading, "{request:?} is read twice or too early");
        exchange.is_reading = true;
        if let Some(rungs) = self.rungs.as_mut().filter(|_| matches!(exchange.fetch.object, Object::Chunk { .. })) {
            rungs.ladder.begin_read(self.now);
        }
        assert!(least > 0, "nothing is awaited");
        let (given, length) = (exchange.given, exchange.length);
        let (until, last) = match exchange.answer.ending {
            Ending::Whole => (length, Some(Happening::End(request))),
            Ending::Short(at) => (at.min(length), Some(Happening::End(request))),
            Ending::Reset(at) => (at.min(length), Some(Happening::Broken(request))),
            Ending::Silent(at) => (at.min(length), None),
        };
        let left = until.saturating_sub(given);
        let count = self.link.piece(self.now).max(least).min(left);
        // Fewer than are awaited come with the end alone: whatever else befalls the body, the browser drops them.
        let dropped = left < least && !matches!(last, Some(Happening::End(_)));
        if count == 0 {
            if let Some(last) = last {
                self.happen(self.now, last);
            }
            return;
        }
        let filled = exchange.answer.filled_at(given + count);
        match self.link.deliver(self.now, count).map(|at| at.max(filled)) {
            Ok(at) if dropped => last.into_iter().for_each(|last| self.happen(at, last)),
            Ok(at) => self.happen(at, Happening::Piece(request, count)),
            Err(at) => self.happen(at, Happening::Broken(request)),
        }
    }

    pub(super) fn take_piece(&mut self, request: RequestId, count: u64) {
        self.note_read(request, count);
        let Some(exchange) = self.exchanges.get_mut(&request) else { return };
        exchange.is_reading = false;
        let start = exchange.answer.first + exchange.given;
        exchange.given += count;
        let (object, asked) = (exchange.fetch.object, exchange.fetch.start);
        let (stream, chunk) = object.place();
        let damage = exchange.answer.damaged.filter(|(from, to)| *from < start + count && start < *to);
        if damage.is_some() && matches!(object, Object::Table { .. }) {
            self.bad_tables.push((stream, chunk));
        }
        if matches!(object, Object::Table { .. }) {
            return self.tell(Input::Answer { request, answer: Answer::Bytes(count) });
        }
        self.trace.bytes += count;
        self.trace.pieces += 1;
        if matches!(object, Object::Chunk { .. }) {
            let payload = self.payload.entry(stream).or_default();
            // However many come at once, they are let go piece by piece.
            let pieces = (start.max(asked)..start + count).step_by(PIECE as usize);
            payload.0.extend(pieces.map(|from| Span { chunk, start: from, end: (from + PIECE).min(start + count) }));
            payload.1.extend(damage.map(|(from, to)| Span {
                chunk,
                start: from.max(start),
                end: to.min(start + count),
            }));
            if start + count > asked {
                self.trace.fetched(stream, chunk, start.max(asked), start + count);
            }
        }
        for fact in self.facts(stream, chunk, start, start + count) {
            self.tell(fact);
            if !self.exchanges.contains_key(&request) {
                return;
            }
        }
        self.tell(Input::Answer { request, answer: Answer::Bytes(count) });
    }

    /// What the shell reads off the boxes of a stream without an index.
    fn facts(&self, stream: StreamId, at: ChunkIndex, start: u64, end: u64) -> Vec<Input> {
        if self.truth.film.is_indexed() {
            return Vec::new();
        }
        let chunk = &self.truth.streams[stream.0].chunks[at.0];
        let mut facts = Vec::new();
        if start < chunk.init && chunk.init <= end {
            let (kind, init, mime) =
                (self.truth.streams[stream.0].kind, InitId(chunk.variant), MUXED_MIMES[chunk.variant].to_owned());
            facts.push(Input::Init { stream, chunk: at, init, kind, mime, duration: self.truth.said });
        }
        // A `moof` is about 600 bytes; the rest of a fragment tells nothing new.
        let moof_end = |fragment: &film::Fragment| fragment.offset + fragment.bytes.min(600);
        let seen = chunk.fragments.iter().filter(|part| start < moof_end(part) && moof_end(part) <= end);
        facts.extend(seen.map(|part| {
            let end_offset = part.offset + part.bytes;
            let offset = self.truth.streams[stream.0].offset(at);
            let (start, end) = (part.start - offset, part.end - offset);
            let facts = FragmentFacts { chunk: at, end_offset, start, end, sync: part.sync };
            Input::Fragment { stream, facts }
        }));
        facts
    }
}

fn discriminates(one: &Object, other: &Object) -> bool {
    match (one, other) {
        (Object::Chunk { stream: one, .. }, Object::Chunk { stream: other, .. }) => one == other,
        (Object::ChunkHead { .. }, Object::ChunkHead { .. }) => true,
        (Object::Table { stream: one, .. }, Object::Table { stream: other, .. }) => one == other,
        _ => false,
    }
}
