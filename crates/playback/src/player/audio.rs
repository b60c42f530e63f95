//! Which audio stream plays.

use manifest::Kind;

use super::Player;
use crate::feed::Feed;
use crate::{Event, Now, StreamId};

impl Player {
    /// Takes note of which sound is selected. Before the film is loaded that decides what it begins with.
    pub(super) fn select_audio(&mut self, selected: StreamId) {
        let Some(film) = &self.film else {
            self.selected_audio = Some(selected);
            return;
        };
        let is_audio = film.streams.get(selected.0).is_some_and(|stream| stream.kind == Some(Kind::Audio));
        let is_supported = self.supported.get(selected.0).copied().unwrap_or(true);
        if is_audio && is_supported {
            self.selected_audio = Some(selected);
        }
    }

    /// Lets the sound that is selected take over, as soon as no operation is in flight.
    pub(super) fn switch_audio(&mut self, now: Now) {
        let Some(selected) = self.selected_audio else { return };
        let at = self.situation(now);
        let stream = self.film.as_ref().and_then(|film| film.streams.get(selected.0));
        let track = self.tracks.iter_mut().find(|track| track.feed.stream.kind == Some(Kind::Audio));
        let Some((track, stream)) = track.zip(stream) else { return };
        if track.feed.id == selected {
            self.selected_audio = None;
        } else if self.media.is_open() && track.may_switch() {
            self.selected_audio = None;
            let feed = Feed::new(selected, stream.clone());
            track.switch_to(&at, feed, &mut self.network, &mut self.effects);
            self.effects.tell(Event::AudioSelected { stream: selected });
        }
    }
}
