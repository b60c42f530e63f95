//! What goes with the streams of a film.

use crate::FilmTrack;
use crate::chapters::Chapter;
use crate::subtitles::Subtitles;

/// What a film has besides its streams.
pub(crate) struct Beside {
    pub(crate) subtitles: Vec<Subtitles>,
    pub(crate) chapters: Vec<Chapter>,
    /// All tracks that could be chosen.
    pub(crate) film_tracks: Vec<FilmTrack>,
}
