//! Streams that end before the film does.
//!
//! A browser plays on beyond the end of a stream only once it knows that nothing more will come of it, and MSE has no word for
//! that but `endOfStream`, which is said of all streams at once. So it is said in passing: the decoder of the stream that is
//! over has come to its end and hears it, the others are far from theirs, and the MediaSource is open again at once.
//! Chromium and Firefox keep to that until the next seek. Elsewhere the playhead stands still there, all that is left is
//! fetched as far as the goal in bytes allows ([`crate::pacing::Pacing::has_to_leap`]), and then all streams end.
//!
//! Pictures and sound that share a SourceBuffer end in it unseen: its `buffered` stops where the first of them does. There the
//! playhead waits, though the engine knows that more has been appended; then the MediaSource is ended for as long as Firefox takes
//! to hear of it. It is opened again by an operation: what opens it at once (`timestampOffset`) must not be set in a fragment.

use std::time::Duration;

use manifest::{Kind, MediaTime};

use super::Player;
use crate::media::MediaState;
use crate::output::Output;
use crate::stall::STANDS;
use crate::track::Track;
use crate::{Now, ReadyState};

/// Film ahead of a moving playhead up to which decoders have come.
const DECODED: MediaTime = MediaTime::from_millis(1_000);

/// Film that the other streams must have ahead so that they do not take the signal for their own end.
const APART: MediaTime = MediaTime::from_millis(3_000);

/// Time between the ends of two streams up to which they end together: a browser plays the rest (MSE, duration change).
const EVEN: MediaTime = MediaTime::from_millis(100);

/// Time between two such signals: a decoder that was not at its end yet does not hear the first.
const AGAIN: Duration = Duration::from_millis(200);

impl Player {
    /// Has the browser know which streams are over. Only while no operation is in flight.
    pub(super) fn signal_early_end(&mut self, now: Now) {
        let is_due = self.end_signalled.is_none_or(|last| last + AGAIN <= now);
        if !self.media.is_open() || self.effects.has_failed() || self.playhead.ended || !is_due {
            return;
        }
        let (target, Some(duration)) = (self.target(), self.media.duration) else { return };
        let waits = self.playhead.seeking || self.playhead.ready < ReadyState::FutureData;
        // Where one of two that lie in one SourceBuffer is over, the browser reports nothing more of either.
        let is_half_over = |track: &Track| {
            let ranges = track.sink.held.ranges();
            waits
                && track.feed.stream.kind == Some(Kind::Muxed)
                && !ranges.touch(target + STANDS, MediaTime::MAX)
                && track.sink.held.end().is_some_and(|end| end - target >= APART)
        };
        if self.tracks.iter().any(is_half_over) {
            self.end_signalled = Some(now);
            self.effects.push(Output::EndOfStream);
            self.media.state = MediaState::Ended { until: now + AGAIN };
            return;
        }
        let is_over = |track: &Track| {
            let end = early_end(track, target).filter(|end| *end + EVEN < duration)?;
            // What plays on beyond it has heard.
            let is_near = if end <= target { waits } else { end - target <= DECODED && !self.playhead.rests() };
            is_near.then_some((track.sink.id, track.sink.timestamp_offset()))
        };
        let goes_on = |track: &Track| {
            let ranges = track.sink.held.ranges();
            track.is_complete(target) || ranges.around(target).is_some_and(|(_, end)| end - target >= APART)
        };
        let over = self.tracks.iter().find_map(is_over);
        if let Some((buffer, offset)) = over.filter(|_| self.tracks.iter().all(goes_on)) {
            self.end_signalled = Some(now);
            self.effects.push(Output::EndOfStream);
            // Whatever is set, an ended MediaSource is open again (MSE, timestampOffset).
            self.effects.push(Output::SetTimestampOffset { buffer, offset });
            self.effects.push(Output::SetDuration(duration));
        }
    }

    /// Opens a MediaSource that was ended for a moment, by an operation that may come in the middle of a fragment.
    pub(super) fn end_no_more(&mut self, now: Now) {
        if self.media.ended_until().is_some_and(|until| until <= now) {
            // The length is told after it.
            (self.media.state, self.media.is_ended, self.media.told) = (MediaState::Open, true, None);
            self.tracks.iter_mut().for_each(|track| track.sink.remove_nothing(&mut self.effects));
        }
    }

    /// Whether the playhead nears the end of a stream that is over, or waits there.
    pub(super) fn nears_early_end(&self) -> bool {
        let target = self.target();
        let soon = target + DECODED + DECODED;
        self.tracks.iter().any(|track| early_end(track, target).is_some_and(|end| target <= end && end <= soon))
    }
}

/// Where a stream ends of which nothing more will come.
fn early_end(track: &Track, target: MediaTime) -> Option<MediaTime> {
    let end = track.feed.stream.chunks.last()?.end?;
    (track.is_complete(target) && track.pending_bytes() == 0).then_some(end)
}
