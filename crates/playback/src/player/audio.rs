//! Which audio stream plays.

use manifest::Kind;

use super::{MediaState, Player};
use crate::{Now, StreamId, tracks};

impl Player {
    /// Takes note of which sound is wanted. Before the film is loaded that decides what it begins with.
    pub(super) fn select_audio(&mut self, wished: StreamId) {
        let Some(film) = &self.film else {
            self.wished = Some(wished);
            return;
        };
        let is_audio = film.streams.get(wished.0).is_some_and(|stream| stream.kind == Some(Kind::Audio));
        let is_supported = self.supported.get(wished.0).copied().unwrap_or(true);
        if is_audio && is_supported {
            self.wished = Some(wished);
        }
    }

    /// Lets the sound that is wanted take over, as soon as no operation is in flight.
    pub(super) fn switch_audio(&mut self, now: Now) {
        let Some(wished) = self.wished else { return };
        let playing = self.streams.iter().position(|stream| stream.film.kind == Some(Kind::Audio));
        let film = self.film.as_ref().and_then(|film| film.streams.get(wished.0));
        let (Some(at), Some(film)) = (playing, film) else { return };
        if self.streams[at].id == wished {
            self.wished = None;
        } else if self.media.state == MediaState::Open && !self.streams[at].source.is_busy() {
            self.wished = None;
            let film = film.clone();
            self.with(now, |parts, cx| tracks::switch(&mut parts.streams[at], wished, film, cx));
        }
    }
}
