//! What comes of what a feed has asked for.

use manifest::ChunkIndex;

use super::{Feed, Missing};
use crate::effects::Effects;
use crate::network::Network;
use crate::output::CacheMode;
use crate::position::Position;
use crate::situation::Situation;
use crate::transfer::Step;
use crate::{Answer, Error, FragmentFacts, ResponseHead};

/// What the owner of a feed has to do after an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Fine,
    /// All of that chunk has come.
    EndOfChunk(ChunkIndex),
    /// From there on the bytes are another object's than the first: the group is to be begun again, and the failure judged
    /// after that.
    Changed {
        at: Position,
    },
}

impl Feed {
    pub(crate) fn handle_answer(
        &mut self,
        at: &Situation,
        answer: &Answer,
        network: &mut Network,
        effects: &mut Effects,
    ) -> Outcome {
        let Some(exchange) = self.transfer.exchange() else { return Outcome::Fine };
        let count = if let Answer::Bytes(count) = answer { *count } else { 0 };
        match answer {
            Answer::Head(head) => {
                network.throughput.answered(at.now - exchange.begun());
                self.note_head(at, head, effects);
            }
            Answer::Bytes(_) => {
                effects.statistics.start.byte.get_or_insert(at.now - at.loaded_at);
                effects.statistics.media_bytes += count;
            }
            Answer::End | Answer::Failed(_) => {}
        }
        network.end_read(at.now, exchange, count);
        let was_spent = self.transfer.retry.is_spent();
        let etag = self.etags.get(self.fetched.chunk).map(String::as_str);
        match self.transfer.handle(at.now, answer, etag, effects) {
            Some(Step::Head) => {
                self.cache = CacheMode::Default;
                self.missing = Missing::None;
                if let Answer::Head(ResponseHead { etag: Some(etag), .. }) = answer {
                    self.etags.or_insert(self.fetched.chunk, etag.clone());
                }
            }
            Some(Step::Bytes(piece)) => {
                let chunk = self.fetched.chunk;
                self.has_begun = true;
                self.fetched = Position::new(&self.stream, chunk, piece.reached);
                effects.statistics.passed_bytes += count - piece.useful;
                self.transfer.retry.progress(piece.useful);
                if piece.useful > 0 {
                    self.reconsider();
                }
                if chunk < self.fetched.chunk {
                    if was_spent {
                        self.transfer.retry.complete();
                        effects.note_recovery();
                    }
                    return Outcome::EndOfChunk(chunk);
                }
            }
            Some(Step::Broken(failure)) => {
                if matches!(answer, Answer::Head(_) | Answer::Bytes(_)) {
                    self.given_up = Some((self.fetched.chunk, at.now));
                }
                effects.statistics.dropped_bytes += count;
                return self.fail(at, failure, network, effects);
            }
            Some(Step::End) => self.transfer.retry.complete(),
            None => {}
        }
        if was_spent && !self.transfer.retry.is_spent() {
            effects.note_recovery();
        }
        Outcome::Fine
    }

    fn note_head(&self, at: &Situation, head: &ResponseHead, effects: &mut Effects) {
        effects.statistics.start.head.get_or_insert(at.now - at.loaded_at);
        if let Some(edge) = head.edge {
            effects.statistics.edge.insert((self.id, self.fetched.chunk), edge);
        }
    }

    /// All of `chunk` has come.
    pub(crate) fn finish_chunk(&mut self, chunk: ChunkIndex, effects: &mut Effects) {
        self.stream.chunks[chunk].learn_complete();
        if !self.is_indexed() && self.stream.chunks[chunk].groups.is_empty() {
            let what = "it holds no fragment; join it with the chunk that follows".to_owned();
            effects.fail(Error::Malformed { stream: self.id, url: self.url(chunk), what });
        }
    }

    /// Takes note of a fragment in a stream without an index.
    pub(crate) fn learn_fragment(&mut self, facts: &FragmentFacts) -> Result<(), manifest::Error> {
        let offset = self.timeline.place(facts, &mut self.stream);
        let times = (facts.start + offset, facts.end + offset);
        self.stream.learn_fragment(facts.chunk, facts.end_offset, times, facts.sync)
    }
}
