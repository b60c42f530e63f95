//! The engine played through once, without a browser.
//!
//! Browsers compile a function of WebAssembly when it is first called: the first film would wait for that between its
//! manifest and its first request, and again at its first piece, its first append, its first seek. A rehearsal while
//! nobody waits costs a few milliseconds and leaves all of it compiled.

use std::rc::Rc;

use manifest::{Digest, Film, FragmentRecord, FragmentTable, MediaTime};

use crate::{
    Answer, BufferId, ContentRange, Event, Fetch, Input, Now, Object, Options, Output, Player, Playhead, Ranges,
    ReadyState, RequestId, ResponseHead, SeekOrigin,
};

/// The manifest of the film that is played: four seconds of H.264, in two groups of one fragment each.
pub const REHEARSAL: &str = include_str!("rehearsal.json");

/// Bytes that a read gives.
const PIECE: u64 = 64_000;

/// Steps after which the rehearsal is given up: more than twice as many as it takes.
const STEPS: usize = 400;

/// Plays the film of [`REHEARSAL`] from its first group and, after a seek, from its second to the end of the stream; `false`
/// if it does not get there. The shell has read the film, as it reads every other.
pub fn rehearse(film: Film) -> bool {
    let mut stage = Stage {
        engine: Player::new(Options::default()),
        facts: Vec::new(),
        playhead: Playhead::default(),
        requests: Vec::new(),
        buffered: MediaTime::ZERO,
    };
    let supported = vec![true; film.streams.len()];
    stage.tell(Input::Load { film: Rc::new(film), supported, start: MediaTime::ZERO, can_hash: true });
    for step in 0..STEPS {
        if stage.play(Now::from_millis(step as f64 * 10.0)) {
            return true;
        }
    }
    false
}

/// An engine and answers that are always good.
struct Stage {
    engine: Player,
    /// What is to be told, the last first.
    facts: Vec<Input>,
    playhead: Playhead,
    /// Those under way, and the next and the last byte of each.
    requests: Vec<(RequestId, u64, u64)>,
    /// Up to where.
    buffered: MediaTime,
}

impl Stage {
    fn tell(&mut self, fact: Input) {
        self.facts.insert(0, fact);
    }

    /// One step; whether the stream has been ended.
    fn play(&mut self, now: Now) -> bool {
        let fact = self.facts.pop().unwrap_or_else(|| Input::Playhead(self.playhead.clone()));
        self.engine.handle_input(now, fact);
        loop {
            match self.engine.poll_output() {
                Output::Wait(_) => return false,
                Output::EndOfStream => return true,
                output => self.answer(output),
            }
        }
    }

    fn answer(&mut self, output: Output) {
        match output {
            Output::Open { .. } => {
                self.playhead.ready = ReadyState::Metadata;
                self.tell(Input::Opened);
            }
            Output::Fetch(fetch) => self.fetch(&fetch),
            Output::Read { request, .. } => self.read(request),
            Output::AppendInit { buffer, .. } => self.done(buffer),
            Output::Remove { buffer, .. } => {
                self.buffered = MediaTime::ZERO;
                self.done(buffer);
            }
            Output::Append { buffer, span, .. } => {
                self.buffered = MediaTime::from_millis(if span.end > 200_000 { 4_000 } else { 2_000 });
                self.playhead.ready = ReadyState::EnoughData;
                self.playhead.seeking = false;
                self.done(buffer);
            }
            Output::Hash { check, .. } => self.tell(Input::Hashed { check, digest: Some(Digest([0; 32])) }),
            Output::ReadTable { stream, chunk } => {
                let record = FragmentRecord { bytes: 200_000, ticks: 2_000, sha256: Digest([0; 32]) };
                let table = Ok(FragmentTable { records: vec![record, record] });
                self.tell(Input::Table { stream, chunk, digest: Some(Digest([0; 32])), table });
            }
            Output::SetPlayhead(time) => {
                (self.playhead.time, self.playhead.seeking) = (time, true);
                self.playhead.ready = ReadyState::Metadata;
            }
            Output::Event(Event::FirstFrame { .. }) => {
                self.tell(Input::Seek { to: MediaTime::from_millis(3_000), origin: SeekOrigin::Program });
            }
            _ => {}
        }
    }

    fn done(&mut self, buffer: BufferId) {
        self.tell(Input::Playhead(self.playhead.clone()));
        self.tell(Input::Done { buffer, buffered: Ranges::new([(MediaTime::ZERO, self.buffered)]) });
    }

    fn fetch(&mut self, fetch: &Fetch) {
        let total = if matches!(fetch.object, Object::Table { .. }) { 80 } else { 400_000 };
        let end = fetch.end.unwrap_or(total);
        let range = ContentRange { start: fetch.start, end, total: Some(total) };
        let head = ResponseHead { status: 206, content_range: Some(range), ..ResponseHead::default() };
        self.requests.push((fetch.request, fetch.start, end));
        self.tell(Input::Answer { request: fetch.request, answer: Answer::Head(head) });
    }

    fn read(&mut self, request: RequestId) {
        let Some((_, next, end)) = self.requests.iter_mut().find(|(known, ..)| *known == request) else { return };
        let count = PIECE.min(*end - *next);
        *next += count;
        let answer = if count > 0 { Answer::Bytes(count) } else { Answer::End };
        self.tell(Input::Answer { request, answer });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_rehearsal_gets_to_the_end() {
        assert!(rehearse(Film::parse(REHEARSAL.as_bytes()).expect("a manifest")));
    }
}
