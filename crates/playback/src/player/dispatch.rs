//! Which part of the engine a fact is about.

use super::Player;
use crate::context::Context;
use crate::output::RequestId;
use crate::stream::Stream;
use crate::survey::Survey;
use crate::{Error, Input, Now, StreamId};

/// What handles inputs, taken apart from what it shares.
pub(super) struct Parts<'a> {
    pub(super) streams: &'a mut [Stream],
    pub(super) survey: &'a mut Survey,
}

/// Who sent a request.
enum Asker<'a> {
    Stream(&'a mut Stream),
    Survey(&'a mut Survey, &'a Stream),
    /// For a fragment table.
    Table(&'a mut Stream),
    /// It has been given up.
    Nobody,
}

impl Parts<'_> {
    fn asker(&mut self, request: RequestId) -> Asker<'_> {
        if self.survey.owns(request) {
            let surveyed = self.streams.iter().find(|stream| stream.film.init.is_none());
            return surveyed.map_or(Asker::Nobody, |stream| Asker::Survey(self.survey, stream));
        }
        let asks = |stream: &&mut Stream| stream.owns(request) || stream.checks.owns(request);
        match self.streams.iter_mut().find(asks) {
            Some(stream) if stream.owns(request) => Asker::Stream(stream),
            Some(stream) => Asker::Table(stream),
            None => Asker::Nobody,
        }
    }

    fn stream(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.streams.iter_mut().find(|stream| stream.id == id)
    }

    fn malformed(&mut self, stream: StreamId, chunk: usize, what: String, cx: &mut Context<'_>) {
        let entry = self.stream(stream).and_then(|stream| stream.film.chunks.get(chunk));
        let url = entry.map_or_else(String::new, |chunk| chunk.url.clone());
        cx.fatal(Error::Malformed { stream, url, what });
    }
}

impl Player {
    /// Hands a fact to the part of the engine that it is about.
    pub(super) fn forward(&mut self, now: Now, input: Input) {
        self.with(now, |parts, cx| match input {
            Input::Head { request, head } => match parts.asker(request) {
                Asker::Stream(stream) => {
                    cx.statistics.start.head.get_or_insert(cx.now - cx.loaded_at);
                    stream.handle_head(&head, cx);
                }
                Asker::Table(stream) => stream.handle_table_head(&head, cx),
                Asker::Survey(survey, stream) => survey.handle_head(&head, stream, cx),
                Asker::Nobody => {}
            },
            Input::Bytes { request, count } => match parts.asker(request) {
                Asker::Stream(stream) => {
                    cx.statistics.start.byte.get_or_insert(cx.now - cx.loaded_at);
                    stream.handle_bytes(count, cx);
                }
                Asker::Table(stream) => stream.handle_table_bytes(count, cx),
                Asker::Survey(survey, stream) => survey.handle_bytes(count, stream, cx),
                Asker::Nobody => {}
            },
            Input::End { request } => match parts.asker(request) {
                Asker::Stream(stream) => stream.handle_end(cx),
                Asker::Table(stream) => stream.handle_table_end(None, cx),
                Asker::Survey(survey, stream) => survey.handle_end(None, stream, cx),
                Asker::Nobody => {}
            },
            Input::Failed { request, failure } => match parts.asker(request) {
                Asker::Stream(stream) => stream.handle_failure(failure, cx),
                Asker::Table(stream) => stream.handle_table_end(Some(failure), cx),
                Asker::Survey(survey, stream) => survey.handle_end(Some(failure), stream, cx),
                Asker::Nobody => {}
            },
            Input::Fragment { stream, facts } => {
                let learned = parts.stream(stream).map_or(Ok(()), |stream| stream.handle_fragment(facts));
                if let Err(error) = learned {
                    parts.malformed(stream, facts.chunk, error.to_string(), cx);
                }
            }
            Input::Hashed { check, digest } => {
                parts.streams.iter_mut().for_each(|stream| stream.handle_hashed(check, digest, cx));
            }
            Input::Table { stream, chunk, digest, table } => {
                if let Some(stream) = parts.stream(stream) {
                    stream.handle_table(chunk, digest, table, cx);
                }
            }
            Input::Malformed { stream, chunk, what } => parts.malformed(stream, chunk, what, cx),
            Input::Done { stream, buffered } => {
                if let Some(stream) = parts.stream(stream) {
                    stream.handle_done(buffered, cx);
                }
            }
            Input::Buffered { stream, buffered } => {
                if let Some(stream) = parts.stream(stream) {
                    stream.buffer.report(buffered);
                }
            }
            Input::OperationFailed { stream, error, buffered } => {
                if let Some(stream) = parts.stream(stream) {
                    stream.handle_refusal(error, buffered, cx);
                }
            }
            _ => {}
        });
    }
}
