//! Which part of the engine a fact is about.

use super::Player;
use crate::context::Context;
use crate::stream::Stream;
use crate::survey::Survey;
use crate::{Answer, BufferId, Error, Input, Now, RequestId, StreamId};
use manifest::ChunkIndex;

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

    fn buffer(&mut self, id: BufferId) -> Option<&mut Stream> {
        self.streams.iter_mut().find(|stream| stream.lies_in == id)
    }

    fn malformed(&mut self, stream: StreamId, chunk: ChunkIndex, what: String, cx: &mut Context<'_>) {
        let entry = self.stream(stream).and_then(|stream| stream.film.chunk(chunk));
        let url = entry.map_or_else(String::new, |chunk| chunk.url.clone());
        cx.fatal(Error::Malformed { stream, url, what });
    }
}

impl Player {
    /// Hands a fact to the part of the engine that it is about.
    pub(super) fn forward(&mut self, now: Now, input: Input) {
        self.with(now, |parts, cx| match input {
            Input::Answer { request, answer } => match (parts.asker(request), answer) {
                (Asker::Nobody, _) => {}
                (Asker::Stream(stream), Answer::Head(head)) => {
                    cx.statistics.start.head.get_or_insert(cx.now - cx.loaded_at);
                    stream.handle_head(&head, cx);
                }
                (Asker::Stream(stream), Answer::Bytes(count)) => {
                    cx.statistics.start.byte.get_or_insert(cx.now - cx.loaded_at);
                    stream.handle_bytes(count, cx);
                }
                (Asker::Stream(stream), Answer::End) => stream.handle_end(cx),
                (Asker::Stream(stream), Answer::Failed(failure)) => stream.handle_failure(failure, cx),
                (Asker::Table(stream), Answer::Head(head)) => stream.handle_table_head(&head, cx),
                (Asker::Table(stream), Answer::Bytes(count)) => stream.handle_table_bytes(count, cx),
                (Asker::Table(stream), Answer::End) => stream.handle_table_end(None, cx),
                (Asker::Table(stream), Answer::Failed(failure)) => stream.handle_table_end(Some(failure), cx),
                (Asker::Survey(survey, stream), Answer::Head(head)) => survey.handle_head(&head, stream, cx),
                (Asker::Survey(survey, stream), Answer::Bytes(count)) => survey.handle_bytes(count, stream, cx),
                (Asker::Survey(survey, stream), Answer::End) => survey.handle_end(None, stream, cx),
                (Asker::Survey(survey, stream), Answer::Failed(failure)) => {
                    survey.handle_end(Some(failure), stream, cx);
                }
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
            Input::Done { buffer, buffered } => {
                if let Some(stream) = parts.buffer(buffer) {
                    stream.handle_done(buffered, cx);
                }
            }
            Input::Buffered { buffer, buffered } => {
                if let Some(stream) = parts.buffer(buffer) {
                    stream.buffer.report(buffered);
                }
            }
            Input::OperationFailed { buffer, error, buffered } => {
                if let Some(stream) = parts.buffer(buffer) {
                    stream.handle_refusal(error, buffered, cx);
                }
            }
            _ => {}
        });
    }
}
