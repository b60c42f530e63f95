//! One rung: read from its file, or made first.

use std::path::Path;

use super::encode::Job;
use super::no_rung::NoRung;
use super::same_film;
use super::snap::snap;
use super::trim::trim;
use crate::film::{check_there, open as open_film};
use crate::source::{Input, Source};
use crate::track::{Track, rung};
use crate::{Choice, Error, Options, Progress, Warning};

/// Bytes of the rung above, as a multiple of its own, below which one is left out that nobody has asked for.
pub(super) const LEAST_STEP: f64 = 1.4;

/// A track of the film at another rate.
pub(crate) struct Rung {
    /// The name of the film's own.
    pub(super) of: String,
    pub(super) input: Input,
    pub(super) track: Track,
}

/// Reads the rungs of one film.
pub(crate) struct Reader<'a> {
    pub(crate) options: &'a Options,
    /// The film.
    pub(crate) input: &'a Input,
    /// Whether rungs that are not there are made. Otherwise they are passed over.
    pub(crate) makes: bool,
    pub(crate) progress: &'a dyn Progress,
    /// Those that are found on the way are added.
    pub(crate) warnings: &'a mut Vec<Warning>,
}

impl Reader<'_> {
    /// The rung of that name of one of the film's tracks. ffmpeg makes it, told these `words`, where it has not done so before. `late`
    /// is that of what ffmpeg makes, as [`Track::late`]. It becomes the film's `number`th of its kind. `None` where it is not there
    /// and not to be made.
    pub(super) fn make(
        &mut self,
        (track, late): (&Track, (i64, u32)),
        name: &str,
        words: Vec<String>,
        number: u32,
    ) -> Result<Option<Rung>, Error> {
        let job = Job { options: self.options, input: self.input, track, name, words };
        let place = if self.makes { job.run(self.progress)? } else { job.place() };
        if !place.exists() {
            return Ok(None);
        }
        self.read(&place, (track, late), number).map(Some)
    }

    /// The rung of one of the film's tracks that a file has, so `late` (as [`Track::late`]); the film's `number`th of its kind.
    pub(super) fn read(&mut self, path: &Path, (film, late): (&Track, (i64, u32)), number: u32) -> Result<Rung, Error> {
        let choice = Choice { no_subtitles: true, ..Choice::default() };
        let (pictures_only, audio_only) = (film.is_video, !film.is_video);
        let alone = Options { film: path.to_owned(), choice, pictures_only, audio_only, ..self.options.clone() };
        check_there(&alone)?;
        let no_rung = |cause| Error::NoRung { path: path.to_owned(), cause };
        let mut source = open_film(&alone, self.progress).map_err(|error| match error {
            Error::NoStreams { .. } => no_rung(NoRung::NoPictures),
            error => error,
        })?;
        let fit = if film.is_video { snap } else { trim };
        let track = rung(&mut source, (film, fit), late, number)?.ok_or_else(|| no_rung(NoRung::NoPictures))?;
        let Source { input, warnings, .. } = source;
        // Its sound and its texts are left out on purpose.
        self.warnings.extend(warnings.into_iter().filter(|warning| !matches!(warning, Warning::LeftOut { .. })));
        same_film::check(film, &track).map_err(no_rung)?;
        Ok(Rung { of: film.name.clone(), input, track })
    }
}

/// Bytes of media in a thousand seconds.
pub(super) fn rate(track: &Track) -> u64 {
    let bytes = u128::from(track.table.bytes()) * 1_000 * u128::from(track.timing.timescale);
    u64::try_from(bytes / u128::from(track.table.ticks().max(1))).unwrap_or(u64::MAX)
}
