//! The MediaSource: when it is opened, how long it is, when it is ended.

use manifest::MediaTime;

use super::Player;
use crate::Event;
use crate::output::Output;
use crate::stream::Stream;
use crate::survey::{self, Length};

/// An estimated length is corrected when it is off by more than that.
const ESTIMATE_STEP: MediaTime = MediaTime::from_millis(1_000);

/// The MediaSource.
#[derive(Debug, Default)]
pub(super) struct Media {
    pub(super) state: MediaState,
    /// The length of the film.
    pub(super) duration: Option<MediaTime>,
    /// Whether that will not change any more.
    pub(super) is_exact: bool,
    /// What the first init says of it, of the whole film or of a chunk that was made for itself.
    pub(super) by_init: Option<MediaTime>,
    /// The length that the browser has been told.
    pub(super) told: Option<MediaTime>,
    pub(super) is_ended: bool,
    /// Whether the page has been told that everything is buffered.
    pub(super) is_complete: bool,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum MediaState {
    #[default]
    Closed,
    Opening,
    Open,
}

impl Player {
    pub(super) fn open(&mut self) {
        if self.media.state != MediaState::Closed || self.streams.is_empty() || self.fatal {
            return;
        }
        if let Some(mimes) = self.streams.iter().map(|stream| stream.film.mime.clone()).collect() {
            self.media.state = MediaState::Opening;
            self.media.told = self.media.duration;
            self.out.push_back(Output::Open { mimes, duration: self.media.duration });
        }
    }

    /// While a film without an index has not been seen whole, its length is what its bytes so far suggest.
    pub(super) fn estimate_duration(&mut self) {
        if self.media.is_exact {
            return;
        }
        let Some(film) = self.streams.first().map(|stream| &stream.film) else { return };
        // The init of a chunk that was made for itself says how long that one is.
        let first = film.chunks.first().and_then(|chunk| chunk.end.filter(|_| chunk.indexed_bytes() == chunk.bytes));
        let is_whole =
            |said: &MediaTime| film.chunks.len() == 1 || first.is_none_or(|first| first + ESTIMATE_STEP < *said);
        let by_init = self.media.by_init.filter(is_whole).map(|time| Length { time, is_exact: false });
        let estimate = survey::length(film);
        let Some(length) = estimate.filter(|estimate| estimate.is_exact).or(by_init).or(estimate) else { return };
        let buffered = self.streams.iter().flat_map(|stream| stream.buffer.ranges().iter()).map(|(_, end)| end).max();
        // `MediaSource.duration` may not cut off what is buffered.
        let time = length.time.max(buffered.unwrap_or_default());
        let differs = self.media.duration.is_none_or(|known| (known - time).abs() > ESTIMATE_STEP);
        if differs || length.is_exact {
            self.media.duration = Some(time);
        }
        self.media.is_exact = length.is_exact;
    }

    pub(super) fn needs_duration(&self) -> bool {
        self.media.state == MediaState::Open && !self.media.is_ended && self.media.duration != self.media.told
    }

    /// What must not happen while any SourceBuffer is busy: setting the duration, and ending the stream.
    pub(super) fn tend_media(&mut self) {
        let is_busy = self.streams.iter().any(|stream| stream.source.is_busy());
        if is_busy {
            // Every operation opens an ended MediaSource again.
            self.media.is_ended = false;
            return;
        }
        if self.needs_duration() {
            self.media.told = self.media.duration;
            self.out.extend(self.media.duration.map(Output::SetDuration));
        }
        let target = self.target();
        let is_complete = |stream: &Stream| stream.is_complete(target) && stream.held() == 0;
        if self.media.state == MediaState::Open
            && !self.fatal
            && self.streams.iter().all(is_complete)
            && !std::mem::replace(&mut self.media.is_ended, true)
        {
            self.out.push_back(Output::EndOfStream);
            if !std::mem::replace(&mut self.media.is_complete, true) {
                self.emit(Event::Complete);
            }
        }
    }
}
