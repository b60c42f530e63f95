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
    failure: Option<Failed>,
    /// Why a SourceBuffer or its decoder gave up, until the player has decided what follows.
    decoder_failure: Option<Error>,
    /// When the manifest was asked for that has not come.
    manifest_asked: Option<Now>,
    pub(crate) statistics: Statistics,
}

/// A fatal error that has been told, after which nobody has tried again.
#[derive(Clone, Copy, Debug)]
struct Failed {
    /// Whether it may pass by itself: the network was to blame.
    may_pass: bool,
    /// Whether that is being tried.
    is_probing: bool,
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
        let may_pass = matches!(error, Error::Network { .. });
        match &mut self.failure {
            None => {
                self.failure = Some(Failed { may_pass, is_probing: false });
                self.tell(Event::Fatal(error));
            }
            // The server is there again, and refuses: that is another error.
            Some(failed) if failed.is_probing && !may_pass => {
                *failed = Failed { may_pass, is_probing: false };
                self.tell(Event::Fatal(error));
            }
            Some(failed) => failed.is_probing = false,
        }
    }

    /// Whether what was fatal may pass by itself, and nothing is being done about it.
    pub(crate) fn may_probe(&self) -> bool {
        self.failure.is_some_and(|failed| failed.may_pass && !failed.is_probing)
    }

    /// Requests may be sent again, to see whether the network is back.
    pub(crate) fn probe(&mut self) {
        if let Some(failed) = &mut self.failure {
            failed.is_probing = true;
        }
    }

    /// Whether requests may be sent.
    pub(crate) fn may_ask(&self) -> bool {
        self.failure.is_none_or(|failed| failed.is_probing)
    }

    /// What had failed has come at last.
    pub(crate) fn note_recovery(&mut self) {
        if self.failure.take_if(|failed| failed.may_pass).is_some() {
            self.tell(Event::Reconnected);
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
        self.failure.is_some()
    }

    /// Somebody tries again.
    pub(crate) fn try_again(&mut self) {
        self.failure = None;
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
