//! What the parts of the engine share while one input is handled.

use std::collections::VecDeque;

use manifest::MediaTime;

use crate::output::Output;
use crate::player::Restraint;
use crate::statistics::Statistics;
use crate::throughput::Throughput;
use crate::{Error, Event, Integrity, Now, Options, RequestId};

/// Names requests and checks.
#[derive(Debug, Default)]
pub(crate) struct Requests(u32);

impl Requests {
    pub(crate) fn next(&mut self) -> RequestId {
        self.0 = self.0.wrapping_add(1);
        RequestId(self.0)
    }
}

pub(crate) struct Context<'a> {
    pub(crate) now: Now,
    pub(crate) options: &'a Options,
    pub(crate) out: &'a mut VecDeque<Output>,
    pub(crate) requests: &'a mut Requests,
    pub(crate) jitter: &'a mut fastrand::Rng,
    pub(crate) statistics: &'a mut Statistics,
    pub(crate) throughput: &'a mut Throughput,
    /// When the manifest was asked for that has not come.
    pub(crate) manifest_asked: &'a mut Option<Now>,
    /// Where the playhead is, or will be once it can be moved.
    pub(crate) target: MediaTime,
    /// Length of the film, as far as it is known.
    pub(crate) duration: Option<MediaTime>,
    pub(crate) loaded_at: Now,
    /// Whether the SourceBuffers exist.
    pub(crate) opened: bool,
    /// Whether no operation may start, because the MediaSource itself has something to do.
    pub(crate) quiet: bool,
    /// Whether a fatal error has been told.
    pub(crate) halted: bool,
    /// `navigator.onLine`.
    pub(crate) online: bool,
    /// Whether the browser wants data.
    pub(crate) streaming: bool,
    /// Whether there has been a first frame.
    pub(crate) has_shown: bool,
    /// Whether the picture at the target is on the screen.
    pub(crate) shows: bool,
    /// What the streams do not do though they could.
    pub(crate) restraint: Restraint,
    /// Whether the shell can hash.
    pub(crate) can_hash: bool,
}

impl Context<'_> {
    /// Stops everything that costs anything, and says why, once.
    pub(crate) fn fatal(&mut self, error: Error) {
        if !std::mem::replace(&mut self.halted, true) {
            self.out.push_back(Output::Event(Event::Fatal(error)));
        }
    }

    /// Whether fragments are checked.
    pub(crate) fn checks(&self) -> bool {
        self.can_hash && self.options.integrity != Integrity::Off
    }

    /// Whether a new request has a chance.
    pub(crate) fn may_ask(&self) -> bool {
        self.online && !self.halted
    }

    /// Asks for the manifest, if that is not under way.
    pub(crate) fn reload_manifest(&mut self) {
        if self.manifest_asked.is_none() {
            *self.manifest_asked = Some(self.now);
            self.out.push_back(Output::ReloadManifest);
        }
    }
}
