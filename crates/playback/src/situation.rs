//! What is true for every part of the engine while one input is handled. Nothing here can be changed by a part.

use std::rc::Rc;

use manifest::MediaTime;

use crate::pacing::Pacing;
use crate::{Integrity, Now, Options};

#[derive(Clone, Debug)]
pub(crate) struct Situation {
    pub(crate) now: Now,
    pub(crate) options: Rc<Options>,
    /// When the film was loaded.
    pub(crate) loaded_at: Now,
    /// Where the playhead is, or will be once it can be moved.
    pub(crate) target: MediaTime,
    /// Length of the film, as far as it is known.
    pub(crate) duration: Option<MediaTime>,
    /// `navigator.onLine`.
    pub(crate) online: bool,
    /// Whether nothing is fetched yet.
    pub(crate) on_hold: bool,
    /// Whether the browser wants data: a ManagedMediaSource may not.
    pub(crate) wants_data: bool,
    /// Whether it says so.
    pub(crate) is_managed: bool,
    /// Whether operations may begin on SourceBuffers: they exist, and the MediaSource itself has nothing to do first.
    pub(crate) takes_operations: bool,
    /// Whether there has been a first frame.
    pub(crate) has_shown: bool,
    /// Whether the picture at the target is on the screen.
    pub(crate) shows_target: bool,
    /// How far ahead to fetch, and what is put off though there is room.
    pub(crate) pacing: Pacing,
    /// Whether the shell can hash.
    pub(crate) can_hash: bool,
    /// Whether a decoder has failed.
    pub(crate) is_careful: bool,
}

impl Situation {
    /// Whether fragments are checked.
    pub(crate) fn checks(&self) -> bool {
        self.can_hash && self.options.integrity != Integrity::Off
    }

    /// Whether nothing may be appended that has not been checked.
    pub(crate) fn requires_checks(&self) -> bool {
        self.options.integrity == Integrity::Required
    }

    /// Whether bytes wait for their check though little is buffered. Damaged ones may be what a decoder has failed at: the next one is
    /// given what has been checked, where that can be.
    pub(crate) fn checks_first(&self) -> bool {
        self.requires_checks() || self.is_careful
    }
}
