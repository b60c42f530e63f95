//! One stream: what to fetch next, and what to make of the answers. What happens at its SourceBuffer is in
//! [`crate::append`].

use std::collections::BTreeMap;

use manifest::MediaTime;

use crate::append::Source;
use crate::buffer::Buffer;
use crate::download::Download;
use crate::output::{CacheMode, Fetch, Object, Output};
use crate::player::Context;
use crate::position::Position;
use crate::retry::Retry;
use crate::{Error, Event, Failure, FragmentFacts, Now, ResponseHead, StreamId};

/// A seek that far ahead of what has been received reads on instead of asking anew: a round trip costs more.
const NEAR: u64 = 256 << 10;

/// The length of a request where there is no index to say how far the goal is.
const UNINDEXED: u64 = 8 << 20;

#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: StreamId,
    pub(crate) film: manifest::Stream,
    pub(crate) buffer: Buffer,
    pub(crate) source: Source,
    /// The next byte to receive.
    pub(crate) fetched: Position,
    /// The next byte to append.
    pub(crate) appended: Position,
    /// The beginning of the group that the next byte to append belongs to.
    pub(crate) opened: Position,
    pub(crate) received: u64,
    download: Option<Download>,
    retry: Retry,
    /// What each chunk's first bytes came with.
    etags: BTreeMap<usize, String>,
    cache: CacheMode,
}

impl Stream {
    pub(crate) fn new(id: StreamId, film: manifest::Stream) -> Self {
        Self {
            id,
            film,
            buffer: Buffer::default(),
            source: Source::default(),
            fetched: Position::default(),
            appended: Position::default(),
            opened: Position::default(),
            received: 0,
            download: None,
            retry: Retry::default(),
            etags: BTreeMap::new(),
            cache: CacheMode::Default,
        }
    }

    /// Where the first byte lies that playing from `time` on needs and the SourceBuffer has not got.
    pub(crate) fn wanted(&self, time: MediaTime) -> Position {
        let mut id = self.film.locate(time);
        while self.buffer.contains(id) {
            let Some(next) = self.film.following(id) else {
                let known = self.film.chunks[id.chunk].indexed_bytes();
                return Position::new(&self.film, id.chunk, known);
            };
            id = next;
        }
        let offset = self.film.group(id).map_or(0, |group| group.offset);
        Position { chunk: id.chunk, offset }
    }

    /// Whether everything from `time` to the end of the stream is in the SourceBuffer.
    pub(crate) fn is_complete(&self, time: MediaTime) -> bool {
        self.wanted(time).is_end(&self.film)
    }

    /// The time up to which bytes have been received, if the run of received bytes reaches back to the playhead.
    pub(crate) fn received_until(&self) -> MediaTime {
        let Some(id) = self.film.group_at(self.fetched.chunk, self.fetched.offset) else {
            let before = self.film.chunks[..self.fetched.chunk.min(self.film.chunks.len())].last();
            let here = self.film.chunks.get(self.fetched.chunk).and_then(|chunk| chunk.groups.last());
            let known = here.map(|group| group.end).or(before.and_then(|chunk| chunk.end));
            return known.unwrap_or(MediaTime::ZERO);
        };
        let group = self.film.group(id).expect("it was just found");
        let length = (group.end - group.start).as_micros();
        let part = i128::from(length) * i128::from(self.fetched.offset - group.offset) / i128::from(group.bytes.max(1));
        group.start + MediaTime::from_micros(i64::try_from(part).unwrap_or(length))
    }

    /// Where about in the film's bytes `time` lies, as if each group were of one rate.
    fn byte_at(&self, time: MediaTime) -> Position {
        let id = self.film.locate(time);
        let Some(group) = self.film.group(id) else { return Position { chunk: id.chunk, offset: 0 } };
        let (passed, length) = ((time - group.start).or_zero().as_micros(), (group.end - group.start).as_micros());
        let part = u128::from(group.bytes) * u128::from(passed.min(length).unsigned_abs())
            / u128::from(length.max(1).unsigned_abs());
        let part = u64::try_from(part).unwrap_or(group.bytes);
        Position::new(&self.film, id.chunk, group.offset + part)
    }

    /// Received and not yet appended.
    pub(crate) fn held(&self) -> u64 {
        self.appended.bytes_until(self.fetched, &self.film)
    }

    /// 1. Go where the playhead needs it. 2. Append, remove. 3. Read on, or ask.
    pub(crate) fn advance(&mut self, cx: &mut Context<'_>) {
        self.follow(cx);
        self.next_operation(cx);
        self.next_request(cx);
    }

    fn follow(&mut self, cx: &mut Context<'_>) {
        let wanted = self.wanted(cx.target);
        let flows = self.download.is_some() && self.retry.is_due(cx.now);
        let soon = self.opened < wanted
            && (wanted < self.fetched || flows && self.fetched.bytes_until(wanted, &self.film) < NEAR);
        if self.opened != wanted && !soon && !self.awaits_index(cx.target) {
            self.jump(wanted, cx);
        }
    }

    /// Leaves everything under way and goes on from `position`, the beginning of a group.
    fn jump(&mut self, position: Position, cx: &mut Context<'_>) {
        self.abort(cx);
        if self.appended != self.fetched || self.source.is_appending() {
            cx.out.push_back(Output::ReleaseAll { stream: self.id });
        }
        self.source.leave(self.appended != self.opened);
        (self.fetched, self.appended, self.opened) = (position, position, position);
        self.retry.hurry();
    }

    /// Whether `time` lies in chunks of which nobody has said yet where they start.
    pub(crate) fn awaits_index(&self, time: MediaTime) -> bool {
        let id = self.film.locate(time);
        let unknown = self.film.chunks.get(id.chunk + 1).is_some_and(|next| next.start.is_none());
        let chunk = &self.film.chunks[id.chunk];
        unknown && chunk.groups.last().is_some_and(|last| last.end <= time)
    }

    fn next_request(&mut self, cx: &mut Context<'_>) {
        if self.download.as_ref().is_some_and(|download| download.is_silent(cx.now, cx.options)) {
            self.abort(cx);
            self.fail(Failure::Silence, cx);
        }
        let (ahead, room) = self.room(cx);
        let Some(download) = &mut self.download else {
            if room && self.may_open(ahead, cx) {
                self.open(ahead, cx);
            }
            return;
        };
        if download.is_idle() && (room || download.is_done()) {
            download.read(cx.now);
            cx.out.push_back(Output::Read { request: download.request });
        } else if download.idle_since().is_some_and(|since| since + cx.options.idle <= cx.now) {
            self.abort(cx);
        }
    }

    /// How far ahead of the playhead the received bytes reach, and whether more may come.
    fn room(&self, cx: &Context<'_>) -> (MediaTime, bool) {
        let ahead = self.received_until() - cx.target;
        let bytes = self.byte_at(cx.target).bytes_until(self.fetched, &self.film);
        let (goal, goal_bytes) = self.source.goals(cx.options);
        (ahead, ahead < goal && bytes < goal_bytes && self.held() < cx.options.held_bytes)
    }

    fn may_open(&self, ahead: MediaTime, cx: &Context<'_>) -> bool {
        let (goal, _) = self.source.goals(cx.options);
        let margin = cx.options.reopen.min(MediaTime::from_micros(goal.as_micros() / 3));
        !cx.halted
            && !self.fetched.is_end(&self.film)
            && self.retry.is_due(cx.now)
            && ahead <= goal - margin
            && !self.awaits_index(cx.target)
    }

    fn open(&mut self, ahead: MediaTime, cx: &mut Context<'_>) {
        let Position { chunk, offset: start } = self.fetched;
        let (object, total) = (Object::Chunk { stream: self.id, chunk }, self.film.chunks[chunk].bytes);
        let end = self.goal_end(cx);
        let request = cx.requests.next();
        self.download = Some(Download::new(cx.now, request, start..end, total));
        let (urgent, end) = (ahead < cx.options.low, (end < total).then_some(end));
        cx.out.push_back(Output::Fetch(Fetch { request, object, start, end, cache: self.cache, urgent }));
    }

    /// Where in the chunk to end the next request: behind the group that reaches the goal.
    ///
    /// A request without an end would be read on by the browser far beyond what is read from it (Chromium: 62 MiB), and
    /// would have to be cut, connection and all, by every seek.
    fn goal_end(&self, cx: &Context<'_>) -> u64 {
        let Position { chunk, offset } = self.fetched;
        let entry = &self.film.chunks[chunk];
        let (goal, goal_bytes) = self.source.goals(cx.options);
        let from = self.film.group_at(chunk, offset).map_or(entry.groups.len(), |id| id.group);
        let groups = entry.groups[from..].iter();
        let indexed = groups.take_while(|group| group.start - cx.target < goal).last().map(manifest::Group::end_offset);
        // What has no index yet is asked for in pieces of the size that a second of a large film has.
        let end = indexed.filter(|end| *end > offset).unwrap_or(offset.saturating_add(UNINDEXED));
        end.min(offset.saturating_add(goal_bytes)).min(entry.bytes)
    }

    /// The download, if that is its request.
    pub(crate) fn owns(&self, request: crate::RequestId) -> bool {
        self.download.as_ref().is_some_and(|download| download.request == request)
    }

    pub(crate) fn handle_head(&mut self, head: &ResponseHead, cx: &mut Context<'_>) {
        let Some(download) = &mut self.download else { return };
        let chunk = self.fetched.chunk;
        match download.head(cx.now, head, self.etags.get(&chunk).map(String::as_str)) {
            Ok(()) => {
                self.cache = CacheMode::Default;
                if let Some(etag) = &head.etag {
                    self.etags.entry(chunk).or_insert_with(|| etag.clone());
                }
            }
            Err(failure) => {
                self.abort(cx);
                self.fail(failure, cx);
            }
        }
    }

    pub(crate) fn handle_bytes(&mut self, count: u64, cx: &mut Context<'_>) {
        let Some(download) = &mut self.download else { return };
        match download.bytes(cx.now, count) {
            Ok(piece) => {
                let chunk = self.fetched.chunk;
                self.received += count;
                self.fetched = Position::new(&self.film, chunk, piece.reached);
                if self.fetched.chunk > chunk {
                    self.film.chunks[chunk].learn_complete();
                }
                if piece.useful == 0 {
                    let Position { chunk, offset } = self.appended;
                    cx.out.push_back(Output::Release { stream: self.id, chunk, offset });
                }
                self.retry.progress(piece.useful);
            }
            Err(failure) => {
                self.abort(cx);
                self.fail(failure, cx);
            }
        }
    }

    pub(crate) fn handle_end(&mut self, cx: &mut Context<'_>) {
        let Some(download) = self.download.take() else { return };
        if let Err(failure) = download.end() {
            self.fail(failure, cx);
        }
    }

    pub(crate) fn handle_failure(&mut self, failure: Failure, cx: &mut Context<'_>) {
        self.download = None;
        self.fail(failure, cx);
    }

    /// Takes note of a fragment in a stream without an index.
    pub(crate) fn handle_fragment(&mut self, facts: FragmentFacts) -> Result<(), manifest::Error> {
        self.film.learn_fragment(facts.chunk, facts.end_offset, (facts.start, facts.end), facts.sync)
    }

    fn fail(&mut self, failure: Failure, cx: &mut Context<'_>) {
        let Position { chunk, offset } = self.fetched;
        let url = self.film.chunks.get(chunk).map_or_else(String::new, |chunk| chunk.url.clone());
        if matches!(failure, Failure::WrongRange | Failure::WrongTotal { .. } | Failure::Changed) {
            self.cache = CacheMode::Reload;
        }
        if failure == Failure::Changed {
            self.etags.remove(&chunk);
            self.jump(self.opened, cx);
        }
        if !may_retry(&failure) {
            return cx.fatal(Error::Refused { stream: self.id, url, failure });
        }
        match self.retry.failed(cx.now, cx.options, cx.jitter, offset, failure.clone()) {
            Ok(after) => {
                let history = Vec::new();
                let error = Error::Network { stream: self.id, url, failure, history };
                cx.out.push_back(Output::Event(Event::Retrying { error, after }));
            }
            Err(history) => cx.fatal(Error::Network { stream: self.id, url, failure, history }),
        }
    }

    fn abort(&mut self, cx: &mut Context<'_>) {
        if let Some(download) = self.download.take() {
            cx.out.push_back(Output::Abort { request: download.request });
        }
    }

    /// Tries again at once: after a fatal error with a `new_budget`, or because the network is back.
    pub(crate) fn retry(&mut self, new_budget: bool) {
        if new_budget {
            self.retry.reset();
        } else {
            self.retry.hurry();
        }
    }

    /// When to look again though nothing has happened.
    pub(crate) fn deadline(&self, cx: &Context<'_>) -> Option<Now> {
        let waiting = self.download.is_none() && !cx.halted && !self.fetched.is_end(&self.film);
        let retry = self.retry.not_before().filter(|at| waiting && *at > cx.now);
        let silence = self.download.as_ref().and_then(|download| download.deadline(cx.options.silence));
        let idle = self.download.as_ref().and_then(Download::idle_since).map(|since| since + cx.options.idle);
        [retry, silence, idle].into_iter().flatten().min()
    }
}

/// Whether the same request may fare better in a moment (RFC 9110 section 15, RFC 6585).
fn may_retry(failure: &Failure) -> bool {
    match failure {
        Failure::Status { status, .. } => matches!(status, 408 | 416 | 425 | 429 | 500..),
        _ => true,
    }
}
