//! Who says which rung the next group comes from, and what is told of the link.

use std::time::Duration;

use adaptation::{Choice, Entry, Ladder, Place, Rung, RungId, Source};
use manifest::{ChunkIndex, MediaTime};
use playback::{EdgeStatus, Input, Now, Object, Question, RequestId, StreamId};

use super::World;
use crate::film::Truth;
use crate::network::Exchange;
use crate::setup::Chooses;

/// The rungs of a film, and who chooses among them.
#[derive(Debug)]
pub(super) struct Rungs {
    /// From the lowest to the highest.
    streams: Vec<StreamId>,
    pub(super) ladder: Ladder,
    chooses: Chooses,
    dice: fastrand::Rng,
}

impl Rungs {
    /// `None` for a film without rungs.
    pub(super) fn of(truth: &Truth, chooses: Chooses, seed: u64) -> Option<Self> {
        let streams = truth.film.streams.iter().enumerate().rev();
        let streams: Vec<_> = streams.filter(|(_, stream)| stream.set.is_some()).collect();
        let groups = |stream: &'_ manifest::Stream| -> Vec<manifest::Group> {
            stream.chunks.iter().flat_map(|chunk| chunk.groups.clone()).collect()
        };
        let all: Vec<_> = streams.iter().map(|(_, stream)| groups(stream)).collect();
        let entry = |(at, group): (usize, &manifest::Group)| Entry {
            start: film(group.start),
            length: film(group.end - group.start),
            bytes: all.iter().map(|groups| groups[at].bytes).collect(),
        };
        let groups = all.first()?.iter().enumerate().map(entry).collect();
        let rungs = streams.iter().map(|(_, stream)| Rung {
            bits_per_second: stream.bandwidth.unwrap_or_default(),
            height: 0,
            is_smooth: true,
        });
        let is_sound = |stream: &&manifest::Stream| stream.kind == Some(manifest::Kind::Audio);
        let sound = truth.film.streams.iter().find(is_sound).and_then(|stream| stream.bandwidth);
        let default = streams.iter().position(|(_, stream)| stream.default).unwrap_or(0);
        Some(Self {
            ladder: Ladder::new(rungs.collect(), groups, sound.unwrap_or_default(), RungId(default)),
            streams: streams.into_iter().map(|(id, _)| StreamId(id)).collect(),
            chooses,
            dice: fastrand::Rng::with_seed(seed),
        })
    }

    fn choose(&mut self, now: Duration, rate: f64, question: &Question) -> Option<StreamId> {
        let Question { stream, start, target, goal, goal_bytes, left } = *question;
        let rung = self.streams.iter().position(|known| *known == stream).expect("it is a rung");
        let chosen = match (self.chooses, left) {
            (Chooses::Nobody, None) => rung,
            (Chooses::Nobody, Some(_)) => return None,
            (Chooses::Dice, None) if self.dice.u8(..3) > 0 => rung,
            (Chooses::Dice, None) => self.dice.usize(..self.streams.len()),
            (Chooses::Dice, Some(_)) if rung == 0 || self.dice.u8(..12) > 0 => return None,
            (Chooses::Dice, Some(_)) => self.dice.usize(..rung),
            (Chooses::Ladder, _) => {
                let (rung, start, playhead, goal) = (RungId(rung), film(start), film(target), film(goal));
                let place = Place { rung, start, playhead, goal, goal_bytes, rate };
                let choice: Choice = match left {
                    Some(left) => self.ladder.doubt(now, &place, left)?,
                    None => self.ladder.choose(&place),
                };
                choice.rung.0
            }
        };
        Some(self.streams[chosen])
    }
}

/// Time of a film, or of sound that begins before it.
fn film(time: MediaTime) -> Duration {
    Duration::from_micros(time.or_zero().as_micros().unsigned_abs())
}

impl World {
    /// Answers before anything else happens, as a shell does.
    pub(super) fn choose(&mut self, question: &Question) {
        self.trace.questions += 1;
        let rungs = self.rungs.as_mut().expect("only a film with rungs asks for one");
        if let Some(rung) = rungs.choose(self.now, self.element.state.rate, question) {
            let instead_of = question.stream;
            self.player.handle_input(Now::since_zero(self.now), Input::Chosen { instead_of, rung });
        }
    }

    /// Something of an exchange has been read: `bytes`, or its end.
    pub(super) fn note_read(&mut self, request: RequestId, bytes: u64) {
        let Some(exchange) = self.exchanges.get(&request) else { return };
        let is_media = matches!(exchange.fetch.object, Object::Chunk { .. });
        if let Some(rungs) = self.rungs.as_mut().filter(|_| is_media) {
            if exchange.is_reading {
                rungs.ladder.end_read(self.now, Source::Unknown, bytes);
            }
            if bytes == 0 {
                rungs.ladder.completed();
            }
        }
    }

    /// An exchange is over, however it ended.
    pub(super) fn end_exchange(&mut self, request: RequestId) -> Option<Exchange> {
        self.note_read(request, 0);
        self.exchanges.remove(&request)
    }

    /// An answer has begun.
    pub(super) fn note_head(&mut self, edge: Option<&EdgeStatus>, after: Duration) {
        let source = match edge {
            Some(EdgeStatus::Hit) => Source::Hit,
            Some(_) => Source::Miss,
            None => Source::Unknown,
        };
        if let Some(rungs) = &mut self.rungs {
            rungs.ladder.answered(source, after);
        }
    }

    /// Counts bytes that are asked for of groups that the SourceBuffer has from any rung, where nothing is a reason for that.
    pub(super) fn note_asked(&mut self, stream: StreamId, chunk: ChunkIndex, start: u64, end: u64) {
        let entry = &self.truth.film.streams[stream.0];
        let buffer = self.player.buffer_of(stream).and_then(|id| self.element.buffers.get(&id));
        let Some(buffer) = buffer.filter(|_| entry.set.is_some() && !self.trace.has_reason) else { return };
        for group in &entry.chunks[chunk].groups {
            let is_whole = start <= group.offset && group.offset + group.bytes <= end;
            let is_there = buffer.ranges.around(group.start).is_some_and(|(_, end)| group.end <= end);
            if is_whole && is_there {
                self.trace.overwritten += group.bytes;
            }
        }
    }
}
