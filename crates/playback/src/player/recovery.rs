//! A decoder that fails, or a MediaSource that the page has closed: another takes its place, or the page is told.

use super::Player;
use crate::media::MediaState;
use crate::output::Output;
use crate::{Error, Event, Now, Playhead, ReadyState, StreamId};

impl Player {
    /// Goes on where the film was if a decoder has failed, unless one has just done so there: then the film is to blame.
    pub(super) fn recover(&mut self, now: Now) {
        let Some(error) = self.effects.take_decoder_failure() else { return };
        // Whatever else a broken MediaSource says after a fatal error is no news.
        if self.effects.has_failed() {
            return;
        }
        if self.second_chance.take(self.target()) {
            self.begin_anew(now, error.to_string());
        } else {
            self.is_broken = true;
            self.effects.fail(error);
        }
    }

    /// Somebody tries again: only another MediaSource helps where this one is broken.
    pub(super) fn retry_decoder(&mut self, now: Now) {
        if std::mem::take(&mut self.is_broken) {
            let error = Error::Decoder { stream: StreamId::default(), what: "it failed before".to_owned() };
            self.begin_anew(now, error.to_string());
        }
    }

    /// The page has had the media element load anew, or a SourceBuffer does not take the codec that is to follow. No decoder has
    /// failed: one that does later has its second chance.
    pub(super) fn handle_emptied(&mut self, now: Now) {
        if self.media.state != MediaState::Closed {
            self.begin_anew(now, "it takes another MediaSource".to_owned());
        }
    }

    /// Has another MediaSource opened. What has been learned and chosen stays, and so do the numbers.
    fn begin_anew(&mut self, now: Now, what: String) {
        let at = self.situation(now);
        self.departure = Some(at.target);
        for track in &mut self.tracks {
            track.begin_anew(&at, &mut self.network, &mut self.effects);
        }
        self.media.begin_anew();
        self.is_reopening = true;
        self.effects.tell(Event::Reopening { what });
        self.open();
        let Playhead { paused, rate, hidden, .. } = self.playhead;
        self.effects.push(Output::Resume { paused, rate });
        self.playhead = Playhead { ready: ReadyState::Nothing, paused, rate, hidden, ..Playhead::default() };
    }
}
