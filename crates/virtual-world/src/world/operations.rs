//! Operations of SourceBuffers.

use std::time::Duration;

use manifest::MediaTime;
use playback::{Input, OperationError, StreamId};

use super::{Happening, World};
use crate::source_buffer::SourceBuffer;

#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Init(usize),
    Append { chunk: usize, start: u64, end: u64 },
    Remove { from: MediaTime, to: MediaTime },
}

impl World {
    pub(super) fn begin(&mut self, stream: StreamId, operation: Operation, bytes: u64) {
        let playhead = self.time();
        let buffer = self.element.buffers.get_mut(&stream).expect("it is open");
        assert!(self.element.is_open, "an operation before the MediaSource is open");
        assert!(!buffer.updating, "two operations in flight on one SourceBuffer");
        self.trace.operations += 1;
        self.element.has_ended_stream = false;
        if matches!(operation, Operation::Append { .. }) && buffer.prepare(bytes, playhead).is_err() {
            self.trace.quota_errors += 1;
            let (error, buffered) = (OperationError::Quota, buffer.ranges.clone());
            // Told through the queue, as a shell does that is inside a call.
            self.operations.remove(&stream);
            return self.refuse(stream, error, buffered);
        }
        buffer.updating = true;
        self.operations.insert(stream, operation);
        let took = Duration::from_micros(500 + bytes / 200);
        self.happen(self.now + took, Happening::Done(stream));
        self.element.look_again();
    }

    fn refuse(&mut self, stream: StreamId, error: OperationError, buffered: playback::Ranges) {
        self.trace.refusals.push(Input::OperationFailed { stream, error, buffered });
        self.happen(self.now, Happening::Done(stream));
    }

    pub(super) fn finish(&mut self, stream: StreamId) {
        if let Some(at) = self.trace.refusals.iter().position(|input| is_about(input, stream)) {
            let input = self.trace.refusals.remove(at);
            self.sample();
            return self.tell(input);
        }
        let operation = self.operations.remove(&stream).expect("an operation was in flight");
        let buffer = self.element.buffers.get_mut(&stream).expect("it is open");
        buffer.updating = false;
        match operation {
            Operation::Init(init) => buffer.append_init(init),
            Operation::Append { chunk, start, end } => {
                let damage = std::mem::take(&mut self.damage);
                let mine: Vec<_> = damage.iter().filter(|known| known.0 == stream).map(|known| known.1).collect();
                self.damage = damage.into_iter().filter(|known| known.0 != stream).collect();
                self.element.has_met_damage |= !mine.is_empty();
                buffer.append(chunk, start, end, &mine);
            }
            Operation::Remove { from, to } => buffer.remove(from, to),
        }
        let buffered = buffer.ranges.clone();
        let end = self.element.buffers.values().map(SourceBuffer::end).max().unwrap_or_default();
        // MSE: an append beyond the duration moves it.
        self.element.duration = self.element.duration.map(|duration| duration.max(end));
        self.element.look_again();
        self.sample();
        self.tell(Input::Done { stream, buffered });
    }
}

fn is_about(input: &Input, id: StreamId) -> bool {
    matches!(input, Input::OperationFailed { stream, .. } if *stream == id)
}
