//! What the engine says is done, if it is allowed.

use std::time::Duration;

use manifest::{Kind, MediaTime};
use playback::{BufferId, Output};

use super::operations::Operation;
use super::payload::Payload;
use super::{Happening, World};
use crate::source_buffer::SourceBuffer;

impl World {
    pub(super) fn perform(&mut self, output: Output) {
        match output {
            Output::Open { mimes, duration } => {
                if !self.element.buffers.is_empty() {
                    assert!(self.element.is_broken, "opened twice");
                    self.empty();
                    self.trace.has_reason = true;
                }
                self.generation += 1;
                let playing: Vec<_> = self.player.playing().collect();
                assert_eq!(playing.len(), mimes.len(), "a SourceBuffer for each stream that plays");
                for (at, stream) in playing.into_iter().enumerate() {
                    let kind = self.truth.streams[stream.0].kind;
                    let quota = if kind == Kind::Audio { self.quotas.2 } else { self.quotas.1 };
                    let buffer = SourceBuffer::new(stream, self.truth.clone(), self.quotas.0, quota);
                    self.element.buffers.insert(BufferId(at), buffer);
                }
                self.element.duration = duration;
                self.happen(self.now + Duration::from_millis(2), Happening::Opened(self.generation));
            }
            Output::Resume { paused, rate } => (self.element.state.paused, self.element.state.rate) = (paused, rate),
            Output::Fetch(fetch) => self.fetch(fetch),
            Output::Read { request, least, .. } => self.read(request, least),
            Output::Abort { request } => {
                assert!(self.end_exchange(request).is_some(), "{request:?} is given up, but it is over");
            }
            Output::Choose(question) => self.choose(&question),
            Output::AppendInit { buffer, stream, init } => self.begin(buffer, Operation::Init(stream, init), 700),
            Output::ChangeType { buffer, mime } => {
                self.trace.changes += 1;
                self.element.buffers.get_mut(&buffer).expect("it is open").change_type(&mime);
            }
            Output::Append { buffer, stream, span } => {
                assert!(span.bytes() > 0, "an empty append");
                let payload = self.payload.get(&stream).expect("something has come");
                assert!(payload.holds(span), "{span:?} is appended, but not here");
                let damage = payload.damage(span);
                self.damage.extend(damage.into_iter().map(|range| (buffer, range)));
                self.begin(buffer, Operation::Append(stream, span), span.bytes());
            }
            Output::Hash { check, stream, span } => {
                let payload = self.payload.get(&stream).expect("something has come");
                assert!(payload.holds(span), "{span:?} is hashed, but not here");
                let is_good = payload.damage(span).is_empty();
                let took = Duration::from_micros(300 + span.bytes() / 1_000);
                self.checks.insert(check, (stream, span));
                self.happen(self.now + took, Happening::Hashed(check, is_good));
            }
            Output::ReadTable { stream, chunk } => {
                let is_good = !self.bad_tables.contains(&(stream, chunk));
                self.bad_tables.retain(|known| *known != (stream, chunk));
                self.happen(self.now + Duration::from_millis(1), Happening::Table(stream, chunk, is_good));
            }
            Output::ReloadManifest => {
                self.trace.manifests += 1;
                self.happen(self.now + self.link.delay + self.manifest_after, Happening::Manifest);
            }
            Output::Discard { stream, from } => self.payload.entry(stream).or_default().discard(from),
            Output::SetTimestampOffset { buffer, offset } => {
                if self.element.buffers.get_mut(&buffer).expect("it is open").set_offset(offset) {
                    // For what is appended next, which may be after a seek back from the film's end.
                    self.element.has_ended_stream = false;
                } else {
                    self.trace.signalled_ends += usize::from(self.element.open_again());
                }
            }
            Output::Release { stream, before } => self.payload.entry(stream).or_default().release(before),
            Output::ReleaseAll { stream } => *self.payload.entry(stream).or_default() = Payload::default(),
            Output::Inspect { buffer } => self.happen(self.now, Happening::Inspected(buffer)),
            Output::ResetParser { buffer } => {
                // The shell opens an ended MediaSource again, for what is appended next.
                self.element.has_ended_stream = false;
                self.element.buffers.get_mut(&buffer).expect("it is open").reset();
            }
            Output::Remove { buffer, from, to } => {
                assert!(self.element.duration.is_some_and(|duration| from < duration), "removed beyond the end");
                assert!(from < to && from >= MediaTime::ZERO, "an empty removal");
                self.begin(buffer, Operation::Remove { from, to }, 0);
            }
            Output::SetDuration(duration) => self.element.set_duration(duration),
            Output::EndOfStream => self.element.end_of_stream(),
            Output::SetPlayhead(time) => self.element.seek(time),
            Output::Event(event) => self.trace.events.push((self.now, event)),
            Output::Wait(_) => {}
        }
    }
}
