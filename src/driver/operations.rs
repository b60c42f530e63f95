//! Operations on SourceBuffers, and what comes of them.

use js_sys::Uint8Array;
use playback::{BufferId, Input, OperationError};

use super::Driver;
use crate::js_error;

impl Driver {
    pub(super) fn append(&self, buffer: BufferId, bytes: Option<Uint8Array>) {
        let refused = match bytes {
            Some(bytes) => self.media.append(buffer, &bytes).err().map(|thrown| js_error::operation(&thrown)),
            None => Some(OperationError::Refused("the bytes to append are not there".into())),
        };
        if let Some(error) = refused {
            self.fail(self.refusal(buffer, error));
        }
    }

    pub(super) fn done(&self, buffer: BufferId) -> Input {
        Input::Done { buffer, buffered: self.media.buffered(buffer) }
    }

    pub(super) fn refusal(&self, buffer: BufferId, error: OperationError) -> Input {
        Input::OperationFailed { buffer, error, buffered: self.media.buffered(buffer) }
    }

    pub(super) fn decode_error(&self) -> OperationError {
        OperationError::Refused(self.video.error().unwrap_or_else(|| "the bytes could not be parsed".into()))
    }
}
