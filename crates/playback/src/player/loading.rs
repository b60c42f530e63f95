//! A film to be played, and what is learned of one that has no index.

use std::rc::Rc;

use manifest::{ChunkIndex, Film, Kind, MediaTime};

use super::Player;
use crate::hopeless::Hopeless;
use crate::{Error, Event, InitId, Integrity, Now, StreamId, Unchecked, tracks};

impl Player {
    pub(super) fn load(&mut self, now: Now, film: Rc<Film>, supported: Vec<bool>, start: MediaTime, can_hash: bool) {
        self.loaded_at = now;
        self.updates.looked = now;
        self.media.duration = film.duration;
        self.media.is_exact = film.duration.is_some();
        // Who has sought before knows better, as far as the film goes.
        let inside = |time: MediaTime| time.or_zero().min(film.duration.unwrap_or(MediaTime::MAX));
        self.departure = Some(inside(self.departure.unwrap_or(start)));
        self.seek = self.seek.map(|(to, origin)| (inside(to), origin));
        self.can_hash = can_hash;
        match tracks::choose(&film.streams, &supported, self.selected_audio.take()) {
            Ok(tracks) => self.tracks = tracks,
            Err(mime) => self.give_up(Hopeless::Unsupported { mime }),
        }
        let mut chunks = film.streams.iter().flat_map(|stream| &stream.chunks);
        let has_digests = chunks.clone().any(|chunk| chunk.fragments.is_some());
        match self.options.integrity {
            Integrity::Required if !can_hash || !chunks.all(|chunk| chunk.fragments.is_some()) => {
                let what =
                    if can_hash { "not all of it has digests" } else { "the browser hashes only in secure contexts" };
                self.give_up(Hopeless::Uncheckable { what });
            }
            Integrity::Preferred if has_digests && !can_hash => {
                self.effects.tell(Event::Unchecked(Unchecked::Hashing));
            }
            Integrity::Off | Integrity::Preferred | Integrity::Required => {}
        }
        (self.film, self.supported) = (Some(film), supported);
    }

    /// Fails for a reason that trying again does not change.
    pub(super) fn give_up(&mut self, reason: Hopeless) {
        self.effects.fail(reason.error());
        self.hopeless = Some(reason);
    }

    pub(super) fn learn_init(
        &mut self,
        stream: StreamId,
        (chunk, init): (ChunkIndex, InitId),
        kind: Kind,
        mime: String,
        duration: Option<MediaTime>,
    ) {
        if let Some(track) = self.tracks.iter_mut().find(|track| track.feed.id == stream) {
            track.feed.stream.kind.get_or_insert(kind);
            track.feed.stream.mime.get_or_insert_with(|| mime.clone());
            track.feed.inits.learn(chunk, init, mime);
        }
        self.media.by_init = self.media.by_init.or(duration);
    }

    pub(super) fn malformed(&mut self, stream: StreamId, chunk: ChunkIndex, what: String) {
        let url = self.tracks.iter().find(|track| track.feed.id == stream).map(|track| track.feed.url(chunk));
        self.effects.fail(Error::Malformed { stream, url: url.unwrap_or_default(), what });
    }
}
