//! What the engine does: its outputs in order, and what it counts of them.

use std::collections::VecDeque;

use crate::output::Output;
use crate::statistics::Statistics;
use crate::{CheckId, Error, Event, Now, RequestId, StreamId};

/// Where every part of the engine puts what is to be done.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    outputs: VecDeque<Output>,
    /// How many requests and checks have been named.
    names: u32,
    /// A fatal error has been told, and nobody has tried again.
    has_failed: bool,
    /// Why a SourceBuffer or its decoder gave up, until the player has decided what follows.
    decoder_failure: Option<Error>,
    /// When the manifest was asked for that has not come.
    manifest_asked: Option<Now>,
    pub(crate) statistics: Statistics,
}

impl Effects {
    pub(crate) fn push(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(crate) fn tell(&mut self, event: Event) {
        self.push(Output::Event(event));
    }

    /// The next output, in the order in which they were put in.
    pub(crate) fn pop(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Stops everything that costs anything, and says why, once.
    pub(crate) fn fail(&mut self, error: Error) {
        if !std::mem::replace(&mut self.has_failed, true) {
            self.tell(Event::Fatal(error));
        }
    }

    /// A SourceBuffer or its decoder has given up: another may take its place, see `player/recovery.rs`.
    pub(crate) fn fail_decoder(&mut self, stream: StreamId, what: String) {
        self.decoder_failure.get_or_insert(Error::Decoder { stream, what });
    }

    /// Why a SourceBuffer or its decoder has given up since this was asked last.
    pub(crate) fn take_decoder_failure(&mut self) -> Option<Error> {
        self.decoder_failure.take()
    }

    /// Whether a fatal error has been told that nobody has tried again after.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Somebody tries again.
    pub(crate) fn try_again(&mut self) {
        self.has_failed = false;
    }

    pub(crate) fn next_request(&mut self) -> RequestId {
        RequestId(self.next_name())
    }

    pub(crate) fn next_check(&mut self) -> CheckId {
        CheckId(self.next_name())
    }

    fn next_name(&mut self) -> u32 {
        self.names = self.names.wrapping_add(1);
        self.names
    }

    /// Asks for the manifest, if that is not under way.
    pub(crate) fn ask_for_manifest(&mut self, now: Now) {
        if self.manifest_asked.is_none() {
            self.manifest_asked = Some(now);
            self.push(Output::ReloadManifest);
        }
    }

    /// When the manifest was asked for that has not come.
    pub(crate) fn manifest_asked(&self) -> Option<Now> {
        self.manifest_asked
    }

    /// The manifest has come, or is awaited no longer.
    pub(crate) fn end_waiting_for_manifest(&mut self) {
        self.manifest_asked = None;
    }
}
