//! One stream: where it stands, and what to make of the answers to its requests. What to ask for is in [`asking`], what
//! happens at its SourceBuffer in [`crate::append`].

mod asking;
mod checking;
mod failing;

use std::cell::Cell;

use manifest::{ChunkIndex, GroupId, MediaTime};

use crate::Error;
use crate::append::Source;
use crate::buffer::Buffer;
use crate::context::Context;
use crate::download::Download;
use crate::inits::Inits;
use crate::integrity::Checks;
use crate::output::{CacheMode, Output};
use crate::position::Position;
use crate::retry::Retry;
use crate::timeline::{self, Timeline};
use crate::{BufferId, Failure, FragmentFacts, Now, ResponseHead, Sorted, StreamId};
use failing::Missing;

/// A seek that far ahead of what has been received reads on instead of asking anew: a round trip costs more.
const NEAR: u64 = 256 << 10;

#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) id: StreamId,
    /// The SourceBuffer that it is appended to.
    pub(crate) lies_in: BufferId,
    pub(crate) film: manifest::Stream,
    /// All of it taken together; infinite where its length or its size has to be found out.
    pub(crate) bits_per_second: f64,
    pub(crate) buffer: Buffer,
    pub(crate) source: Source,
    pub(crate) checks: Checks,
    pub(crate) timeline: Timeline,
    pub(crate) inits: Inits,
    /// The next byte to receive.
    pub(crate) fetched: Position,
    /// The next byte to append.
    pub(crate) appended: Position,
    /// The next byte to check.
    pub(crate) checked: Position,
    /// The beginning of the group that the next byte to append belongs to.
    pub(crate) opened: Position,
    /// The first byte that the shell keeps.
    released: Position,
    pub(crate) received: u64,
    download: Option<Download>,
    retry: Retry,
    /// What each chunk's first bytes came with.
    etags: Sorted<ChunkIndex, String>,
    cache: CacheMode,
    /// The chunk of which an answer was given up before its end, and when.
    given_up: Option<(ChunkIndex, Now)>,
    missing: Missing,
    /// What was located last: most questions are about one time.
    near: Cell<GroupId>,
}

/// Groups without a break.
enum Run {
    /// That one is missing.
    UpTo(GroupId),
    /// That is the last one that is known.
    AllKnown(GroupId),
}

impl Stream {
    pub(crate) fn new(id: StreamId, film: manifest::Stream, lies_in: BufferId) -> Self {
        Self {
            id,
            lies_in,
            bits_per_second: bits_per_second(&film.chunks),
            film,
            buffer: Buffer::default(),
            source: Source::default(),
            checks: Checks::default(),
            timeline: Timeline::default(),
            inits: Inits::default(),
            fetched: Position::default(),
            appended: Position::default(),
            checked: Position::default(),
            opened: Position::default(),
            released: Position::default(),
            received: 0,
            download: None,
            retry: Retry::default(),
            etags: Sorted::default(),
            cache: CacheMode::Default,
            given_up: None,
            missing: Missing::None,
            near: Cell::new(GroupId { chunk: ChunkIndex(0), group: 0 }),
        }
    }

    /// The group to decode from so that `time` can be shown.
    #[inline(never)]
    pub(crate) fn locate(&self, time: MediaTime) -> GroupId {
        let found = self.film.locate_near(self.near.get(), time);
        self.near.set(found);
        found
    }

    /// Where the first byte lies that playing from `time` on needs and the SourceBuffer has not got.
    pub(crate) fn wanted(&self, time: MediaTime) -> Position {
        match self.run(time) {
            Run::UpTo(id) => Position { chunk: id.chunk, offset: self.film.group(id).map_or(0, |group| group.offset) },
            Run::AllKnown(last) => {
                let known = self.film.chunks[last.chunk].indexed_bytes();
                Position::new(&self.film, last.chunk, known)
            }
        }
    }

    /// The first group from `time` on that the SourceBuffer has not got, as far as groups are known.
    pub(crate) fn first_missing(&self, time: MediaTime) -> Option<GroupId> {
        match self.run(time) {
            Run::UpTo(id) => Some(id),
            Run::AllKnown(_) => None,
        }
    }

    /// How far the groups go from `time` on that the SourceBuffer has got without a break.
    fn run(&self, time: MediaTime) -> Run {
        let mut id = self.locate(time);
        for held in self.buffer.groups_from(id) {
            if held != id {
                break;
            }
            match self.film.following(id) {
                Some(next) => id = next,
                None => return Run::AllKnown(id),
            }
        }
        Run::UpTo(id)
    }

    /// How many bytes of that group have not been received.
    pub(crate) fn missing_bytes(&self, id: GroupId) -> u64 {
        let Some(group) = self.film.group(id) else { return 0 };
        let begin = Position { chunk: id.chunk, offset: group.offset };
        let end = Position::new(&self.film, id.chunk, group.end_offset());
        if self.opened <= begin { begin.max(self.fetched).bytes_until(end, &self.film) } else { group.bytes }
    }

    /// Whether everything from `time` to the end of the stream is in the SourceBuffer.
    pub(crate) fn is_complete(&self, time: MediaTime) -> bool {
        self.has_received_all() && self.wanted(time).is_end(&self.film)
    }

    /// Whether its last byte has come.
    pub(crate) fn has_received_all(&self) -> bool {
        self.fetched.is_end(&self.film)
    }

    /// The time up to which bytes have been received, if the run of received bytes reaches back to the playhead.
    pub(crate) fn received_until(&self) -> MediaTime {
        let Some(id) = self.fetched.group(&self.film) else {
            let before = self.film.chunks[..self.fetched.chunk.0.min(self.film.chunks.len())].last();
            let here = self.film.chunk(self.fetched.chunk).and_then(|chunk| chunk.groups.last());
            let known = here.map(|group| group.end).or(before.and_then(|chunk| chunk.end));
            return known.unwrap_or(MediaTime::ZERO);
        };
        let group = self.film.group(id).expect("it was just found");
        group.start + (group.end - group.start).share(self.fetched.offset - group.offset, group.bytes)
    }

    /// Whether more may come without another request.
    pub(crate) fn is_receiving(&self) -> bool {
        self.download.is_some()
    }

    /// Where about in the film's bytes `time` lies, as if each group were of one rate.
    pub(crate) fn byte_at(&self, time: MediaTime) -> Position {
        let id = self.locate(time);
        let Some(group) = self.film.group(id) else { return Position { chunk: id.chunk, offset: 0 } };
        let micros = |time: MediaTime| time.or_zero().as_micros().unsigned_abs();
        let (passed, length) = (micros(time - group.start), micros(group.end - group.start));
        let part = manifest::proportion(group.bytes, passed.min(length), length);
        Position::new(&self.film, id.chunk, group.offset + part)
    }

    /// The first byte that is still needed: to be appended, or to be checked.
    fn needed(&self) -> Position {
        self.appended.min(self.checked)
    }

    /// Received and not yet both appended and checked.
    pub(crate) fn held(&self) -> u64 {
        self.needed().bytes_until(self.fetched, &self.film)
    }

    /// 1. Go where the playhead needs it. 2. Check. 3. Append, remove. 4. Read on, or ask.
    pub(crate) fn advance(&mut self, cx: &mut Context<'_>) {
        let stays = self.follow(cx);
        self.next_check(cx);
        if !stays {
            self.next_operation(cx);
        }
        self.release(cx);
        self.next_request(stays, cx);
        self.next_table(cx);
    }

    /// Lets the shell forget what is not needed any more.
    fn release(&mut self, cx: &mut Context<'_>) {
        let needed = self.needed();
        if needed > self.released {
            self.released = needed;
            cx.out.push_back(Output::Release { stream: self.id, before: needed });
        }
    }

    /// Goes where the playhead needs it; or stays for a moment, and asks and appends nothing more here, until what will be
    /// left has been checked.
    fn follow(&mut self, cx: &mut Context<'_>) -> bool {
        let wanted = self.wanted(cx.target);
        let flows = self.download.is_some() && self.retry.is_due(cx.now);
        let soon = self.opened < wanted
            && (wanted < self.fetched || flows && self.fetched.bytes_until(wanted, &self.film) < NEAR);
        if self.opened == wanted || soon || self.awaits_index(cx.target) {
            return false;
        }
        let stays = self.awaits_check(wanted, cx);
        if !stays {
            self.jump(wanted, cx);
        }
        stays
    }

    /// Leaves everything under way and goes on from `position`, the beginning of a group.
    pub(crate) fn jump(&mut self, position: Position, cx: &mut Context<'_>) {
        // Of what a download has brought the shell may have told the boxes and not yet the bytes.
        let is_kept = self.released != self.fetched || self.source.is_appending() || self.is_receiving();
        self.abort(cx);
        if is_kept {
            cx.out.push_back(Output::ReleaseAll { stream: self.id });
        }
        cx.statistics.dropped_bytes += self.appended.bytes_until(self.fetched, &self.film);
        self.disown(cx);
        self.source.leave(self.appended != self.opened);
        self.checks.give_up();
        (self.fetched, self.appended, self.opened) = (position, position, position);
        (self.checked, self.released) = (position, position);
        self.retry.hurry();
    }

    /// Ends everything under way: another stream takes the SourceBuffer over.
    pub(crate) fn leave(&mut self, cx: &mut Context<'_>) {
        self.jump(self.opened, cx);
        self.checks.abort(cx);
    }

    /// Whether `time` lies in chunks of which nobody has said yet where they start.
    pub(crate) fn awaits_index(&self, time: MediaTime) -> bool {
        let id = self.locate(time);
        let unknown = self.film.chunk(id.chunk.next()).is_some_and(|next| next.start.is_none());
        let chunk = &self.film.chunks[id.chunk];
        unknown && chunk.groups.last().is_some_and(|last| last.end <= time)
    }

    /// The download, if that is its request.
    pub(crate) fn owns(&self, request: crate::RequestId) -> bool {
        self.download.as_ref().is_some_and(|download| download.request == request)
    }

    pub(crate) fn handle_head(&mut self, head: &ResponseHead, cx: &mut Context<'_>) {
        let Some(download) = &mut self.download else { return };
        let chunk = self.fetched.chunk;
        cx.throughput.answered(cx.now - download.begun());
        if let Some(edge) = head.edge {
            cx.statistics.edge.insert((self.id, chunk), edge);
        }
        match download.head(cx.now, head, self.etags.get(chunk).map(String::as_str)) {
            Ok(()) => {
                self.cache = CacheMode::Default;
                self.missing = Missing::None;
                if let Some(etag) = &head.etag {
                    self.etags.or_insert(chunk, etag.clone());
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
        if download.is_reading() {
            cx.throughput.end(cx.now, count);
        }
        cx.statistics.media_bytes += count;
        match download.bytes(cx.now, count) {
            Ok(piece) => {
                let chunk = self.fetched.chunk;
                self.received += count;
                self.fetched = Position::new(&self.film, chunk, piece.reached);
                if self.fetched.chunk > chunk {
                    self.finish_chunk(chunk, cx);
                }
                cx.statistics.passed_bytes += count - piece.useful;
                self.retry.progress(piece.useful);
            }
            Err(failure) => {
                self.abort(cx);
                self.fail(failure, cx);
            }
        }
    }

    /// All of `chunk` has come.
    fn finish_chunk(&mut self, chunk: ChunkIndex, cx: &mut Context<'_>) {
        self.film.chunks[chunk].learn_complete();
        self.settle(chunk);
        if self.film.init.is_none() && self.film.chunks[chunk].groups.is_empty() {
            let what = "it holds no fragment; join it with the chunk that follows".to_owned();
            cx.fatal(Error::Malformed { stream: self.id, url: self.url(chunk), what });
        }
    }

    fn settle(&mut self, chunk: ChunkIndex) {
        let Some(from) = self.timeline.settle(chunk, &mut self.film) else { return };
        // A part of a group is misplaced too, and is none of the groups.
        let next = self.film.chunk(chunk.next()).and_then(|next| next.start).unwrap_or(MediaTime::MAX);
        let has_parts = self.buffer.ranges().touch(next + timeline::SEAMLESS, MediaTime::MAX);
        if self.buffer.forget_chunks(chunk.next()) || has_parts {
            self.source.remove_later(from, MediaTime::MAX);
        }
    }

    pub(crate) fn handle_end(&mut self, cx: &mut Context<'_>) {
        let Some(download) = self.close_download(cx) else { return };
        if let Err(failure) = download.end() {
            self.fail(failure, cx);
        }
    }

    pub(crate) fn handle_failure(&mut self, failure: Failure, cx: &mut Context<'_>) {
        // What breaks behind its last byte has done its work.
        if self.close_download(cx).is_some_and(|download| !download.is_done()) {
            self.fail(failure, cx);
        }
    }

    /// Takes note of a fragment in a stream without an index.
    pub(crate) fn handle_fragment(&mut self, facts: FragmentFacts) -> Result<(), manifest::Error> {
        let offset = self.timeline.place(&facts, &mut self.film);
        let times = (facts.start + offset, facts.end + offset);
        self.film.learn_fragment(facts.chunk, facts.end_offset, times, facts.sync)?;
        self.settle(facts.chunk);
        Ok(())
    }

    fn url(&self, chunk: ChunkIndex) -> String {
        self.film.chunk(chunk).map_or_else(String::new, |chunk| chunk.url.clone())
    }

    fn abort(&mut self, cx: &mut Context<'_>) {
        if let Some(download) = self.close_download(cx) {
            self.given_up = Some((self.fetched.chunk, cx.now));
            cx.out.push_back(Output::Abort { request: download.request });
        }
    }

    fn close_download(&mut self, cx: &mut Context<'_>) -> Option<Download> {
        let download = self.download.take()?;
        if download.is_reading() {
            cx.throughput.end(cx.now, 0);
        }
        Some(download)
    }

    /// Tries again at once: after a fatal error with a `new_budget`, or because the network is back.
    pub(crate) fn retry(&mut self, new_budget: bool) {
        if new_budget {
            self.retry.reset();
            self.checks.retry();
            self.missing = Missing::None;
        } else {
            self.retry.hurry();
        }
    }

    /// When to look again though nothing has happened.
    pub(crate) fn deadline(&self, cx: &Context<'_>) -> Option<Now> {
        let waiting = self.download.is_none() && !cx.halted && !self.has_received_all();
        let retry = self.retry.not_before().filter(|at| waiting && *at > cx.now);
        let silence = self.download.as_ref().and_then(|download| download.deadline(cx.options.silence));
        let idle = self.download.as_ref().and_then(Download::idle_since).map(|since| since + cx.options.idle);
        [retry, silence, idle, self.checks.deadline(cx)].into_iter().flatten().min()
    }
}

fn bits_per_second(chunks: &[manifest::Chunk]) -> f64 {
    let bytes: u64 = chunks.iter().map(|chunk| chunk.bytes).sum();
    let start = chunks.first().and_then(|chunk| chunk.start);
    let length = chunks.last().and_then(|chunk| chunk.end).zip(start).map(|(end, start)| end - start);
    length.map_or(f64::INFINITY, |length| bytes as f64 * 8.0 / length.as_seconds())
}
