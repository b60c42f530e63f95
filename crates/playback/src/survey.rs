//! What a film without an index does not say: when each chunk starts, and how long the film is.

use manifest::{ChunkIndex, MediaTime};

use crate::context::Context;
use crate::download::Download;
use crate::output::{CacheMode, Fetch, Object, Output};
use crate::retry::{Retry, may_retry};
use crate::stream::Stream;
use crate::{Error, Failure, Now, RequestId, ResponseHead};

/// The first `moof` lies in that many bytes of a chunk: an init has a few kB, a `moof` 16 bytes a sample.
const HEAD_BYTES: u64 = 512 << 10;

/// Asks for the beginnings of chunks, one at a time, until every chunk's start is known.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    download: Option<Download>,
    chunk: ChunkIndex,
    retry: Retry,
}

impl Survey {
    /// Goes on with `stream`, of which nothing is asked before its init is known, nor before the first frame unless the
    /// playhead waits for it.
    pub(crate) fn advance(&mut self, stream: &Stream, cx: &mut Context<'_>) {
        let is_known = |chunk: ChunkIndex| stream.film.chunks[chunk].start.is_some();
        if let Some(download) = &mut self.download {
            if is_known(self.chunk) {
                self.abort(cx);
                self.retry.reset();
            } else if download.is_silent(cx.now, cx.options) {
                self.abort(cx);
                self.fail(Failure::Silence, stream, cx);
            } else if download.is_idle() {
                download.read(cx.now);
                cx.out.push_back(Output::Read { request: download.request, until: None, least: 1 });
            }
        }
        let wanted = stream.film.mime.is_some() && (cx.has_shown || stream.awaits_index(cx.target));
        let may_open = self.download.is_none() && wanted && cx.may_ask() && self.retry.is_due(cx.now);
        let mut chunks = (0..stream.film.chunks.len()).map(ChunkIndex);
        let unknown = chunks.find(|chunk| !is_known(*chunk));
        if let Some(chunk) = unknown.filter(|_| may_open) {
            self.open(chunk, stream, cx);
        }
    }

    fn open(&mut self, chunk: ChunkIndex, stream: &Stream, cx: &mut Context<'_>) {
        let total = stream.film.chunks[chunk].bytes;
        let object = Object::ChunkHead { stream: stream.id, chunk };
        let request = cx.requests.next();
        cx.statistics.requests += 1;
        self.chunk = chunk;
        let end = total.min(HEAD_BYTES);
        self.download = Some(Download::new(cx.now, request, 0..end, total));
        let (end, cache) = (Some(end), CacheMode::Default);
        let urgent = stream.awaits_index(cx.target);
        cx.out.push_back(Output::Fetch(Fetch { request, object, start: 0, end, cache, urgent }));
    }

    pub(crate) fn owns(&self, request: RequestId) -> bool {
        self.download.as_ref().is_some_and(|download| download.request == request)
    }

    pub(crate) fn handle_head(&mut self, head: &ResponseHead, stream: &Stream, cx: &mut Context<'_>) {
        let Some(download) = &mut self.download else { return };
        if let Err(failure) = download.head(cx.now, head, None) {
            self.abort(cx);
            self.fail(failure, stream, cx);
        }
    }

    pub(crate) fn handle_bytes(&mut self, count: u64, stream: &Stream, cx: &mut Context<'_>) {
        let Some(download) = &mut self.download else { return };
        cx.statistics.survey_bytes += count;
        if let Err(failure) = download.bytes(cx.now, count) {
            self.abort(cx);
            self.fail(failure, stream, cx);
        }
    }

    /// The body is over, or broke. If the chunk's start is still not known, that is a failure either way.
    pub(crate) fn handle_end(&mut self, failure: Option<Failure>, stream: &Stream, cx: &mut Context<'_>) {
        let Some(download) = self.download.take() else { return };
        if stream.film.chunks[self.chunk].start.is_none() {
            let ended = || download.end().err().unwrap_or(Failure::Headless { searched: HEAD_BYTES });
            self.fail(failure.unwrap_or_else(ended), stream, cx);
        }
    }

    fn fail(&mut self, failure: Failure, stream: &Stream, cx: &mut Context<'_>) {
        let url = stream.film.chunks[self.chunk].url.clone();
        if !may_retry(&failure) {
            return cx.fatal(Error::Refused { stream: stream.id, url, failure });
        }
        cx.statistics.retries += 1;
        if !cx.online {
            return;
        }
        let spent = self.retry.failed(cx.now, cx.options, cx.jitter, 0, failure.clone());
        if let Err(history) = spent {
            cx.fatal(Error::Network { stream: stream.id, url, failure, history });
        }
    }

    fn abort(&mut self, cx: &mut Context<'_>) {
        if let Some(download) = self.download.take() {
            cx.out.push_back(Output::Abort { request: download.request });
        }
    }

    /// Tries again at once, with a new budget.
    pub(crate) fn retry(&mut self) {
        self.retry.reset();
    }

    pub(crate) fn deadline(&self, cx: &Context<'_>) -> Option<Now> {
        let waiting = self.download.is_none() && !cx.halted;
        let retry = self.retry.not_before().filter(|at| waiting && *at > cx.now);
        let silence = self.download.as_ref().and_then(|download| download.deadline(cx.options.silence));
        [retry, silence].into_iter().flatten().min()
    }
}

/// How long a film is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    pub(crate) time: MediaTime,
    /// Whether every fragment up to the end has been seen.
    pub(crate) is_exact: bool,
}

/// How long `film` is: known once its last chunk is, until then what the bytes seen so far suggest.
pub(crate) fn length(film: &manifest::Stream) -> Option<Length> {
    let (at, last) = film.chunks.iter().enumerate().rev().find(|(_, chunk)| !chunk.groups.is_empty())?;
    let known_end = last.groups.last()?.end;
    let unseen = last.bytes - last.indexed_bytes() + film.chunks[at + 1..].iter().map(|chunk| chunk.bytes).sum::<u64>();
    if unseen == 0 {
        return Some(Length { time: known_end, is_exact: true });
    }
    // What lies before the last known chunk is known by its start, seen or not.
    let first = film.chunks[0].start?;
    let seen: u64 = film.chunks[..at].iter().map(|chunk| chunk.bytes).sum::<u64>() + last.indexed_bytes();
    Some(Length { time: known_end + (known_end - first).share(unseen, seen), is_exact: false })
}
