//! Operations of SourceBuffers.

use std::time::Duration;

use manifest::MediaTime;
use playback::{BufferId, InitId, Input, OperationError, Span, StreamId};

use super::{Happening, World};
use crate::source_buffer::SourceBuffer;

#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Init(StreamId, InitId),
    Append(StreamId, Span),
    Remove { from: MediaTime, to: MediaTime },
}

impl World {
    pub(super) fn begin(&mut self, buffer_id: BufferId, operation: Operation, bytes: u64) {
        let playhead = self.time();
        let buffer = self.element.buffers.get_mut(&buffer_id).expect("it is open");
        assert!(self.element.is_open, "an operation before the MediaSource is open");
        assert!(!buffer.updating, "two operations in flight on one SourceBuffer");
        self.trace.operations += 1;
        if self.element.is_broken {
            let buffered = buffer.ranges.clone();
            return self.refuse(buffer_id, OperationError::Refused("the MediaSource has ended".into()), buffered);
        }
        self.element.has_ended_stream = false;
        let end = |buffer: &SourceBuffer| buffer.ranges.iter().last().map(|(_, end)| end);
        let before = end(buffer);
        let is_full = matches!(operation, Operation::Append(..)) && buffer.prepare(bytes, playhead).is_err();
        // Firefox makes room far ahead of the playhead, too, and says nothing.
        self.trace.has_reason |= end(buffer) != before;
        if is_full {
            self.trace.quota_errors += 1;
            let (error, buffered) = (OperationError::Quota, buffer.ranges.clone());
            // Told through the queue, as a shell does that is inside a call.
            self.operations.remove(&buffer_id);
            return self.refuse(buffer_id, error, buffered);
        }
        buffer.updating = true;
        self.operations.insert(buffer_id, operation);
        let took = Duration::from_micros(500 + bytes / 200);
        self.happen(self.now + took, Happening::Done(self.generation, buffer_id));
        self.element.look_again();
    }

    fn refuse(&mut self, buffer_id: BufferId, error: OperationError, buffered: playback::Ranges) {
        self.trace.refusals.push(Input::OperationFailed { buffer: buffer_id, error, buffered });
        self.happen(self.now, Happening::Done(self.generation, buffer_id));
    }

    pub(super) fn finish(&mut self, buffer_id: BufferId) {
        if let Some(at) = self.trace.refusals.iter().position(|input| is_about(input, buffer_id)) {
            let input = self.trace.refusals.remove(at);
            self.sample();
            return self.tell(input);
        }
        let operation = self.operations.remove(&buffer_id).expect("an operation was in flight");
        let buffer = self.element.buffers.get_mut(&buffer_id).expect("it is open");
        buffer.updating = false;
        match operation {
            Operation::Init(stream, init) => {
                self.trace.switches += usize::from(stream != buffer.stream());
                buffer.change_stream(stream);
                // The one init of a stream with an index is of the stream's type.
                let is_indexed = self.truth.film.is_indexed();
                let variant = if is_indexed { self.truth.streams[stream.0].chunks[0].variant } else { init.0 };
                buffer.append_init(variant);
            }
            Operation::Append(stream, span) => {
                assert_eq!(stream, buffer.stream(), "media of another stream than the init's");
                let damage = std::mem::take(&mut self.damage);
                let mine: Vec<_> = damage.iter().filter(|known| known.0 == buffer_id).map(|known| known.1).collect();
                self.damage = damage.into_iter().filter(|known| known.0 != buffer_id).collect();
                self.element.has_met_damage |= !mine.is_empty();
                buffer.append(span, &mine);
            }
            Operation::Remove { from, to } => buffer.remove(from, to),
        }
        let buffered = buffer.ranges.clone();
        let end = self.element.buffers.values().map(SourceBuffer::end).max().unwrap_or_default();
        // MSE: an append beyond the duration moves it.
        self.element.duration = self.element.duration.map(|duration| duration.max(end));
        self.element.look_again();
        self.sample();
        self.tell(Input::Done { buffer: buffer_id, buffered });
    }
}

fn is_about(input: &Input, id: BufferId) -> bool {
    matches!(input, Input::OperationFailed { buffer, .. } if *buffer == id)
}
