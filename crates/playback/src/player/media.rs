//! When the MediaSource is opened, how long it is, when it is ended.

use manifest::MediaTime;

use super::Player;
use crate::media::MediaState;
use crate::output::Output;
use crate::survey::{self, Length};
use crate::track::Track;
use crate::{Event, Now};

/// Error of an estimated length above which it is corrected: each correction is an event for the page.
const ESTIMATE_STEP: MediaTime = MediaTime::from_millis(1_000);

impl Player {
    pub(super) fn open(&mut self) {
        if self.media.state != MediaState::Closed || self.tracks.is_empty() || self.effects.has_failed() {
            return;
        }
        if let Some(mimes) = self.tracks.iter_mut().map(Track::open).collect() {
            self.media.state = MediaState::Opening;
            self.media.told = self.media.duration;
            self.effects.push(Output::Open { mimes, duration: self.media.duration });
        }
    }

    /// While a film without an index has not been seen whole, its length is what its bytes so far suggest.
    pub(super) fn estimate_duration(&mut self) {
        if self.media.is_exact {
            return;
        }
        let Some(stream) = self.tracks.first().map(|track| &track.feed.stream) else { return };
        // The init of a chunk that was made for itself says how long that one is.
        let first = stream.chunks.first().and_then(|chunk| chunk.end.filter(|_| chunk.indexed_bytes() == chunk.bytes));
        let is_whole =
            |said: &MediaTime| stream.chunks.len() == 1 || first.is_none_or(|first| first + ESTIMATE_STEP < *said);
        let by_init = self.media.by_init.filter(is_whole).map(|time| Length { time, is_exact: false });
        let estimate = survey::length(stream);
        let Some(length) = estimate.filter(|estimate| estimate.is_exact).or(by_init).or(estimate) else { return };
        let ranges = self.tracks.iter().flat_map(|track| track.sink.held.ranges().iter());
        let buffered = ranges.map(|(_, end)| end).max();
        // `MediaSource.duration` may not cut off what is buffered.
        let time = length.time.max(buffered.unwrap_or_default());
        let differs = self.media.duration.is_none_or(|known| (known - time).abs() > ESTIMATE_STEP);
        if differs || length.is_exact {
            self.media.duration = Some(time);
        }
        self.media.is_exact = length.is_exact;
    }

    /// What must not happen while any SourceBuffer is busy: setting the duration, and ending the stream.
    pub(super) fn tend_media(&mut self, now: Now) {
        self.end_no_more(now);
        if self.tracks.iter().any(|track| track.sink.is_busy()) {
            // Every operation opens an ended MediaSource again.
            self.media.is_ended = false;
            return;
        }
        if self.media.needs_duration() {
            self.media.told = self.media.duration;
            self.media.duration.map(Output::SetDuration).into_iter().for_each(|output| self.effects.push(output));
        }
        let target = self.target();
        let is_complete = self.tracks.iter().all(|track| track.is_complete(target) && track.pending_bytes() == 0);
        if !is_complete {
            return self.signal_early_end(now);
        }
        if self.media.is_open() && !self.effects.has_failed() && !std::mem::replace(&mut self.media.is_ended, true) {
            self.effects.push(Output::EndOfStream);
            if !std::mem::replace(&mut self.media.is_complete, true) {
                self.effects.tell(Event::Complete);
            }
        }
    }
}
