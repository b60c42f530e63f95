//! Rungs: the pictures of the film at other rates, each in a file of its own.
//!
//! 1. Read the pictures of each file, and place them on the timeline as late as the film's own.
//! 2. Refuse what is another film.
//! 3. Find the times at which all of them have a sync sample. The groups of every rung begin there and nowhere else, so that
//!    a player may take each group from another rung.
//! 4. Put them into one switching set, the highest rate first.

mod borders;
mod no_rung;
mod same_film;

use std::path::Path;

use crate::source::{Input, Source};
use crate::stream::Stream;
use crate::track::{Track, rung};
use crate::{Choice, Error, Options, Progress, Warning, film};

pub use no_rung::NoRung;

/// The number of the switching set of the pictures.
const PICTURES: u32 = 1;

/// The film's pictures at another rate.
pub(crate) struct Rung {
    input: Input,
    track: Track,
}

/// Reads the rungs that the options name, for the film with these tracks.
pub(crate) fn open(
    options: &Options,
    tracks: &[Track],
    progress: &dyn Progress,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Rung>, Error> {
    if options.rungs.is_empty() {
        return Ok(Vec::new());
    }
    let why = match tracks.iter().find(|track| track.is_video) {
        _ if options.muxed => "with --muxed, sound would change with the pictures; leave out one or the other",
        None => "the film has no pictures, or --audio-only leaves them out",
        Some(pictures) => {
            let numbered = (2..).zip(&options.rungs);
            return numbered.map(|(number, path)| read(options, path, pictures, number, progress, warnings)).collect();
        }
    };
    Err(Error::NoLadder { why })
}

/// Reads one rung, which becomes the film's `number`th track of pictures.
fn read(
    options: &Options,
    path: &Path,
    pictures: &Track,
    number: u32,
    progress: &dyn Progress,
    warnings: &mut Vec<Warning>,
) -> Result<Rung, Error> {
    let choice = Choice { no_subtitles: true, ..Choice::default() };
    let alone = Options { film: path.to_owned(), choice, pictures_only: true, ..options.clone() };
    film::check_there(&alone)?;
    let no_rung = |cause| Error::NoRung { path: path.to_owned(), cause };
    let mut source = film::open(&alone, progress).map_err(|error| match error {
        Error::NoStreams { .. } => no_rung(NoRung::NoPictures),
        error => error,
    })?;
    let track = rung(&mut source, pictures.late, number)?.ok_or_else(|| no_rung(NoRung::NoPictures))?;
    let Source { input, warnings: told, .. } = source;
    // Its sound and its texts are left out on purpose.
    warnings.extend(told.into_iter().filter(|warning| !matches!(warning, Warning::LeftOut { .. })));
    same_film::check(pictures, &track).map_err(no_rung)?;
    Ok(Rung { input, track })
}

/// Puts rungs beside the film's own pictures. No group of them is shorter than half a fragment.
pub(crate) fn join<'a>(
    mut streams: Vec<Stream<'a>>,
    rungs: &'a [Rung],
    fragment_seconds: f64,
) -> Result<Vec<Stream<'a>>, Error> {
    if rungs.is_empty() {
        return Ok(streams);
    }
    let (mut pictures, others): (Vec<_>, Vec<_>) = streams.drain(..).partition(|stream| stream.lead().is_video);
    pictures.extend(rungs.iter().map(|rung| Stream::of(&rung.track, &rung.input)));
    let tracks: Vec<_> = pictures.iter().map(Stream::lead).collect();
    let shared = borders::shared(&tracks, fragment_seconds).map_err(|(at, cause)| Error::NoRung {
        path: pictures[at].input.path.clone(),
        cause: cause.with_command(&pictures[0].input.path, tracks[0], tracks[at]),
    })?;
    for (stream, borders) in pictures.iter_mut().zip(shared) {
        (stream.set, stream.borders) = (Some(PICTURES), Some(borders));
    }
    pictures.sort_by_key(|stream| std::cmp::Reverse(rate(stream.lead())));
    for (at, stream) in pictures.iter_mut().enumerate() {
        stream.is_default = at == 0;
    }
    pictures.extend(others);
    Ok(pictures)
}

/// Bytes of media in a thousand seconds.
fn rate(track: &Track) -> u64 {
    let bytes = u128::from(track.table.bytes()) * 1_000 * u128::from(track.timing.timescale);
    u64::try_from(bytes / u128::from(track.table.ticks().max(1))).unwrap_or(u64::MAX)
}
