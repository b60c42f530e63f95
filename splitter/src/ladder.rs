//! Rungs: the pictures of the film, or a sound of it, at other rates, each in a file of its own.
//!
//! 1. Have ffmpeg make those that are asked for of the film's own pictures, where it has not done so before.
//! 2. Read the pictures of each file, and place them on the timeline as late as the film's own.
//! 3. Refuse what is another film.
//! 4. Find the times at which all of them have a sync sample. The groups of every rung begin there and nowhere else, so that
//!    a player may take each group from another rung.
//! 5. Put them into one switching set, the highest rate first.

mod borders;
mod encode;
mod no_rung;
mod same_film;
mod snap;
mod sound;
mod wanted;

use std::path::Path;

use crate::film::{check_there, open as open_film};
use crate::source::{Input, Source};
use crate::stream::Stream;
use crate::track::{Track, lacking, rung};
use crate::{Choice, Error, Options, Progress, Warning};

use encode::Job;
pub(crate) use encode::KEPT;
pub use no_rung::NoRung;
pub(crate) use snap::snap;
pub(crate) use sound::trim;
use wanted::Pictures;
pub use wanted::{LadderChoice, NoLadderChoice, NoSoundRate, SoundRate, WantedRung};

/// Bytes of the rung above, as a multiple of its own, below which one is left out that nobody has asked for.
const LEAST_STEP: f64 = 1.4;

/// A track of the film at another rate.
pub(crate) struct Rung {
    /// The name of the film's own.
    of: String,
    input: Input,
    track: Track,
}

/// Reads the rungs that the options name, or makes those that they ask for, of the film with these tracks. Where they are not to be
/// `made`, only those that were made before are read.
pub(crate) fn open(
    options: &Options,
    (input, tracks): (&Input, &[Track]),
    made: bool,
    progress: &dyn Progress,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Rung>, Error> {
    let pictures = pictures(options, tracks)?;
    let mut rungs = match pictures {
        Some(pictures) => of_pictures(options, (input, pictures), made, progress, warnings)?,
        None => Vec::new(),
    };
    rungs.extend(sound::open(options, (input, tracks), made, progress, warnings)?);
    Ok(rungs)
}

fn of_pictures(
    options: &Options,
    (input, pictures): (&Input, &Track),
    made: bool,
    progress: &dyn Progress,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Rung>, Error> {
    let late = pictures.late;
    let mut rungs = Vec::new();
    for (number, path) in (2..).zip(&options.rungs) {
        rungs.push(read(options, path, (pictures, late), number, progress, warnings)?);
    }
    let (wanted, is_auto) = (wanted_of(options, pictures)?, options.ladder == Some(LadderChoice::Auto));
    if is_auto && wanted.is_empty() {
        warnings.push(Warning::NoLadder);
    }
    let mut above = rate(pictures);
    for rung in &wanted {
        let words = rung.words(&options.ladder_preset, pictures);
        let job = Job { options, input, track: pictures, name: &rung.name, words };
        let place = if made { job.run(progress)? } else { job.place() };
        if !place.exists() {
            continue;
        }
        let number = u32::try_from(rungs.len()).unwrap_or(u32::MAX).saturating_add(2);
        // It was made of pictures that stand in their places already.
        let read = read(options, &place, (pictures, (0, 1)), number, progress, warnings)?;
        let own = rate(&read.track);
        if is_auto && above as f64 / (own.max(1) as f64) < LEAST_STEP {
            warnings.push(Warning::RungLeftOut { rung: rung.name.clone() });
            continue;
        }
        above = own;
        rungs.push(read);
    }
    Ok(rungs)
}

/// The rungs that would be made.
pub(crate) fn wanted(options: &Options, tracks: &[Track]) -> Result<Vec<WantedRung>, Error> {
    let of_pictures = pictures(options, tracks)?.map_or(Ok(Vec::new()), |pictures| wanted_of(options, pictures))?;
    let of_sound = tracks.iter().filter(|track| !track.is_video).flat_map(|sound| sound::wanted(options, sound));
    Ok(of_pictures.into_iter().chain(of_sound).collect())
}

fn wanted_of(options: &Options, pictures: &Track) -> Result<Vec<WantedRung>, Error> {
    let Some(choice) = &options.ladder else { return Ok(Vec::new()) };
    let seconds = pictures.timing.seconds(pictures.end()).max(f64::MIN_POSITIVE);
    let film = Pictures {
        size: pictures.track.shown_size(),
        rate: f64::from(pictures.table.count()) / seconds,
        bits_per_second: (pictures.table.bytes() as f64 * 8.0 / seconds) as u64,
    };
    let too_high = |(asked, film)| Error::NoLadder {
        why: format!("{asked}p is more than the film's {film}p, and larger pictures would show no more; ask for less"),
    };
    wanted::wanted(choice, film).map_err(too_high)
}

/// The pictures that are to have rungs; `None` where no rungs are asked for.
fn pictures<'a>(options: &Options, tracks: &'a [Track]) -> Result<Option<&'a Track>, Error> {
    let has_pictures = !options.rungs.is_empty() || options.ladder.is_some();
    let is_wanted = has_pictures || !options.audio_ladder.is_empty();
    let why = match tracks.iter().find(|track| track.is_video) {
        _ if options.muxed && is_wanted => {
            "with --muxed, sound would change with the pictures; leave out one or the other"
        }
        _ if !has_pictures => return Ok(None),
        _ if !options.rungs.is_empty() && options.ladder.is_some() => {
            "--ladder makes them of one file, and several are given"
        }
        None => "the film has no pictures, or --audio-only leaves them out",
        Some(pictures) => return Ok(Some(pictures)),
    };
    Err(Error::NoLadder { why: why.to_owned() })
}

/// Reads one rung of a track that is so `late`, which becomes the film's `number`th of its kind.
fn read(
    options: &Options,
    path: &Path,
    (film, late): (&Track, (i64, u32)),
    number: u32,
    progress: &dyn Progress,
    warnings: &mut Vec<Warning>,
) -> Result<Rung, Error> {
    let choice = Choice { no_subtitles: true, ..Choice::default() };
    let (pictures_only, audio_only) = (film.is_video, !film.is_video);
    let alone = Options { film: path.to_owned(), choice, pictures_only, audio_only, ..options.clone() };
    check_there(&alone)?;
    let no_rung = |cause| Error::NoRung { path: path.to_owned(), cause };
    let mut source = open_film(&alone, progress).map_err(|error| match error {
        Error::NoStreams { .. } => no_rung(NoRung::NoPictures),
        error => error,
    })?;
    let track = rung(&mut source, film, late, number)?.ok_or_else(|| no_rung(NoRung::NoPictures))?;
    let Source { input, warnings: told, .. } = source;
    // Its sound and its texts are left out on purpose.
    warnings.extend(told.into_iter().filter(|warning| !matches!(warning, Warning::LeftOut { .. })));
    same_film::check(film, &track).map_err(no_rung)?;
    Ok(Rung { of: film.name.clone(), input, track })
}

/// Puts rungs beside the streams of the film that they are rungs of. No group of them is shorter than half a fragment.
pub(crate) fn join<'a>(
    streams: Vec<Stream<'a>>,
    rungs: &'a [Rung],
    fragment_seconds: f64,
) -> Result<Vec<Stream<'a>>, Error> {
    let mut joined = Vec::new();
    let mut sets = 0;
    for stream in streams {
        let name = &stream.lead().name;
        let mut set = vec![stream];
        set.extend(rungs.iter().filter(|rung| rung.of == *name).map(|rung| Stream::of(&rung.track, &rung.input)));
        if set.len() > 1 {
            sets += 1;
            align(&mut set, sets, fragment_seconds)?;
        }
        joined.extend(set);
    }
    Ok(joined)
}

/// Makes streams of one film the switching set of this number, the highest rate first, with groups that begin together. The first is
/// the film's own.
fn align(streams: &mut [Stream<'_>], number: u32, fragment_seconds: f64) -> Result<(), Error> {
    let tracks: Vec<_> = streams.iter().map(Stream::lead).collect();
    let shared = borders::shared(&tracks, fragment_seconds).map_err(|(at, cause)| Error::NoRung {
        path: streams[at].input.path.clone(),
        cause: cause.with_command(&streams[0].input.path, tracks[0], tracks[at]),
    })?;
    for (stream, borders) in streams.iter_mut().zip(shared) {
        (stream.set, stream.borders) = (Some(number), Some(borders));
    }
    let is_default = streams[0].is_default;
    streams.sort_by_key(|stream| std::cmp::Reverse(rate(stream.lead())));
    for (at, stream) in streams.iter_mut().enumerate() {
        stream.is_default = is_default && at == 0;
    }
    Ok(())
}

/// Takes back what was said of a codec that few browsers have, where a rung of the same set plays in all of them.
pub(crate) fn settle(streams: &[Stream<'_>], warnings: &mut Vec<Warning>) {
    let plays = |stream: &Stream<'_>| lacking(stream.lead().track.entry()).is_none_or(|lacking| !lacking.is_grave);
    let has_other = |name: &str| {
        let set = streams.iter().find(|stream| stream.name == name).and_then(|stream| stream.set);
        set.is_some() && streams.iter().any(|stream| stream.set == set && plays(stream))
    };
    warnings.retain(|warning| !matches!(warning, Warning::Codec { stream, .. } if has_other(stream)));
}

/// Bytes of media in a thousand seconds.
fn rate(track: &Track) -> u64 {
    let bytes = u128::from(track.table.bytes()) * 1_000 * u128::from(track.timing.timescale);
    u64::try_from(bytes / u128::from(track.table.ticks().max(1))).unwrap_or(u64::MAX)
}
