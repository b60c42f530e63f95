//! The MediaSource: whether it is open, and how long it has been told the film is.

use manifest::MediaTime;

use crate::Now;

#[derive(Debug, Default)]
pub(crate) struct Media {
    pub(crate) state: MediaState,
    /// The length of the film.
    pub(crate) duration: Option<MediaTime>,
    /// Whether that will not change any more.
    pub(crate) is_exact: bool,
    /// The length that the first init gives, of the whole film or of a chunk that was made for itself.
    pub(crate) by_init: Option<MediaTime>,
    /// The length that the browser has been told.
    pub(crate) told: Option<MediaTime>,
    pub(crate) is_ended: bool,
    /// Whether the page has been told that everything is buffered.
    pub(crate) is_complete: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MediaState {
    #[default]
    Closed,
    Opening,
    Open,
    /// For a moment, so that its decoders hear of it.
    Ended {
        until: Now,
    },
}

impl Media {
    pub(crate) fn is_open(&self) -> bool {
        self.state == MediaState::Open
    }

    pub(crate) fn ended_until(&self) -> Option<Now> {
        if let MediaState::Ended { until } = self.state { Some(until) } else { None }
    }

    /// Another MediaSource is to be opened in place of this one.
    pub(crate) fn begin_anew(&mut self) {
        (self.state, self.told, self.is_ended) = (MediaState::Closed, None, false);
    }

    /// Whether the browser has to be told another length, for which no operation may be in flight.
    pub(crate) fn needs_duration(&self) -> bool {
        self.is_open() && !self.is_ended && self.duration != self.told
    }
}
