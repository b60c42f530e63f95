//! What happens by itself, and what the engine is told of it.

use playback::{Answer, Failure, Input};

use super::{Happening, World};
use crate::film::{TABLE_DIGEST, WRONG_DIGEST, digest};

impl World {
    pub(super) fn meet(&mut self, happening: Happening) {
        match happening {
            Happening::Opened(generation) => {
                assert_eq!(generation, self.generation, "two MediaSources are opened at once");
                self.element.is_open = true;
                self.tell(Input::Opened);
            }
            Happening::Head(request) => {
                let Some(exchange) = self.exchanges.get_mut(&request) else { return };
                exchange.has_head = true;
                let head = exchange.answer.head.clone().expect("one was promised");
                let after = self.now - exchange.asked_at;
                self.note_head(head.edge.as_ref(), after);
                self.tell(Input::Answer { request, answer: Answer::Head(head) });
            }
            Happening::Broken(request) => {
                if self.end_exchange(request).is_some() {
                    self.tell(Input::Answer { request, answer: Answer::Failed(Failure::Network) });
                }
            }
            Happening::End(request) => {
                if self.end_exchange(request).is_some() {
                    self.tell(Input::Answer { request, answer: Answer::End });
                }
            }
            Happening::Piece(request, count) => self.take_piece(request, count),
            Happening::Done(generation, buffer) if generation == self.generation => self.finish(buffer),
            Happening::Done(..) => {}
            Happening::Online => self.tell(Input::Online(!self.link.is_offline(self.now))),
            Happening::Hashed(check, is_good) => {
                let (stream, span) = self.checks.remove(&check).expect("it was begun");
                let digest = if is_good { digest(stream, span.chunk, span.start) } else { WRONG_DIGEST };
                self.trace.has_reason |= !is_good;
                self.tell(Input::Hashed { check, digest: Some(digest) });
            }
            Happening::Table(stream, chunk, is_good) => {
                let table = self.truth.streams[stream.0].table(stream, chunk);
                let digest = Some(if is_good { TABLE_DIGEST } else { WRONG_DIGEST });
                self.tell(Input::Table { stream, chunk, digest, table: Ok(table) });
            }
            Happening::Inspected(buffer) => {
                let Some(known) = self.element.buffers.get(&buffer) else { return };
                let buffered = known.ranges.clone();
                self.tell(Input::Buffered { buffer, buffered });
            }
            Happening::Manifest => {
                let film = (self.manifest)(self.now);
                self.tell(Input::Manifest(film.map(Box::new)));
            }
        }
    }
}
