//! What a film without an index does not say: when each chunk starts, and how long the film is.

use manifest::{ChunkIndex, MediaTime};

use crate::effects::Effects;
use crate::feed::Feed;
use crate::output::{CacheMode, Object};
use crate::situation::Situation;
use crate::transfer::{Ask, Step, Transfer, Verdict};
use crate::{Answer, Error, Failure, Now, RequestId};

/// Bytes of a chunk that hold its first `moof`: an init has a few kB, a `moof` 16 bytes a sample.
const HEAD_BYTES: u64 = 512 << 10;

/// Asks for the beginnings of chunks, one at a time, until every chunk's start is known.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    transfer: Transfer,
    /// Whose beginning is asked for.
    chunk: ChunkIndex,
}

impl Survey {
    /// Goes on with `feed`, of which nothing is asked before its init is known, nor before the first frame unless the
    /// playhead waits for it.
    pub(crate) fn advance(&mut self, at: &Situation, feed: &Feed, jitter: &mut fastrand::Rng, effects: &mut Effects) {
        let is_known = |chunk: ChunkIndex| feed.stream.chunks[chunk].start.is_some();
        if self.transfer.is_open() && is_known(self.chunk) {
            self.transfer.abort(effects);
            self.transfer.retry.reset();
        } else if let Some(failure) = self.transfer.give_up_if_silent(at, effects) {
            self.fail(at, failure, feed, jitter, effects);
        } else {
            self.transfer.read_on(at.now, effects);
        }
        let is_wanted = feed.stream.mime.is_some() && (at.has_shown || feed.awaits_index(at.target));
        if !is_wanted || !self.transfer.may_open(at, effects) {
            return;
        }
        let mut chunks = (0..feed.stream.chunks.len()).map(ChunkIndex);
        if let Some(chunk) = chunks.find(|chunk| !is_known(*chunk)) {
            let total = feed.stream.chunks[chunk].bytes;
            let (object, cache) = (Object::ChunkHead { stream: feed.id, chunk }, CacheMode::Default);
            let (span, urgent) = (0..total.min(HEAD_BYTES), feed.awaits_index(at.target));
            self.chunk = chunk;
            self.transfer.open(at.now, Ask { object, span, total, cache, urgent }, effects);
        }
    }

    pub(crate) fn owns(&self, request: RequestId) -> bool {
        self.transfer.owns(request)
    }

    pub(crate) fn handle_answer(
        &mut self,
        at: &Situation,
        answer: &Answer,
        feed: &Feed,
        jitter: &mut fastrand::Rng,
        effects: &mut Effects,
    ) {
        if let Answer::Bytes(count) = answer {
            effects.statistics.survey_bytes += count;
        }
        let failure = match self.transfer.handle(at.now, answer, None, effects) {
            Some(Step::End) => Failure::Headless { searched: HEAD_BYTES },
            Some(Step::Broken(failure)) => failure,
            Some(Step::Head | Step::Bytes(_)) | None => return,
        };
        if self.transfer.retry.is_spent() && matches!(answer, Answer::End) {
            self.transfer.retry.complete();
            effects.note_recovery();
        }
        // Once the chunk's start is known, nothing more was wanted.
        let is_over = matches!(answer, Answer::End | Answer::Failed(_));
        if !is_over || feed.stream.chunks[self.chunk].start.is_none() {
            self.fail(at, failure, feed, jitter, effects);
        }
    }

    fn fail(
        &mut self,
        at: &Situation,
        failure: Failure,
        feed: &Feed,
        jitter: &mut fastrand::Rng,
        effects: &mut Effects,
    ) {
        let (stream, url) = (feed.id, feed.url(self.chunk));
        match self.transfer.fail(at, 0, &failure, jitter, effects) {
            Verdict::Again { .. } | Verdict::Offline => {}
            Verdict::Spent { history } => effects.fail(Error::Network { stream, url, failure, history }),
            Verdict::Refused => effects.fail(Error::refused(stream, url, failure)),
        }
    }

    /// Tries again at once, with a new budget.
    pub(crate) fn retry(&mut self) {
        self.transfer.retry.reset();
    }

    /// Tries again at once, with what is left of the budget.
    pub(crate) fn hurry(&mut self) {
        self.transfer.retry.hurry();
    }

    /// When the next request may be sent, if it has to wait.
    pub(crate) fn retry_at(&self, now: Now) -> Option<Now> {
        self.transfer.retry_at(now)
    }

    /// When the request under way has been silent for too long.
    pub(crate) fn silent_at(&self, at: &Situation) -> Option<Now> {
        self.transfer.silent_at(at)
    }
}

/// How long a film is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    pub(crate) time: MediaTime,
    /// Whether every fragment up to the end has been seen.
    pub(crate) is_exact: bool,
}

/// How long the film of `stream` is: known once its last chunk is, until then what the bytes seen so far suggest.
pub(crate) fn length(stream: &manifest::Stream) -> Option<Length> {
    let (at, last) = stream.chunks.iter().enumerate().rev().find(|(_, chunk)| !chunk.groups.is_empty())?;
    let known_end = last.groups.last()?.end;
    let unseen =
        last.bytes - last.indexed_bytes() + stream.chunks[at + 1..].iter().map(|chunk| chunk.bytes).sum::<u64>();
    if unseen == 0 {
        return Some(Length { time: known_end, is_exact: true });
    }
    // What lies before the last known chunk is known by its start, seen or not.
    let first = stream.chunks[0].start?;
    let seen: u64 = stream.chunks[..at].iter().map(|chunk| chunk.bytes).sum::<u64>() + last.indexed_bytes();
    Some(Length { time: known_end + (known_end - first).share(unseen, seen), is_exact: false })
}
