//! How the film comes: as a file that is read where it lies, through standard input, or by way of ffmpeg.

use std::io;
use std::mem::discriminant;
use std::path::Path;

use isobmff::TrackKind;

use crate::ffmpeg::{
    Anew, Probe, Recipe, STANDARD_INPUT, before_keyframes, changes, convert, cuts_last_picture, find_loss,
    is_damaged_within, is_installed, joined,
};
use crate::source::{Input, Keyframes, Source, SourceTrack};
use crate::spool::spool;
use crate::track::lacking;
use crate::track_type::TrackType;
use crate::{Choice, Error, Options, Progress, Warning};

/// Whether a film comes through standard input. A file there is read like any other pipe.
fn is_standard_input(film: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|name| film == Path::new(name))
}

/// Refuses a film that cannot be opened. What comes through standard input shows that later.
pub(crate) fn check_there(options: &Options) -> Result<(), Error> {
    if is_standard_input(&options.film) {
        return Ok(());
    }
    let name = options.film.to_string_lossy();
    // RFC 3986 section 3.1.
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|c| c.is_ascii_alphanumeric() || b"+-.".contains(&c))
    };
    let address = name.split_once("://").filter(|(scheme, _)| is_scheme(scheme) && !options.film.exists());
    match address {
        Some((scheme, place)) if scheme.eq_ignore_ascii_case("file") => {
            return Err(Error::FileAddress { path: options.film.clone(), place: place.into() });
        }
        Some(_) => return Err(Error::Address { path: options.film.clone() }),
        None => {}
    }
    Input::open(options.film.clone()).map(drop)
}

/// Opens the film that the options name.
pub(crate) fn open(options: &Options, progress: &dyn Progress) -> Result<Source, Error> {
    let mut source = read(options, progress)?;
    if options.keep_going {
        source.leave_out_undecodable(&options.stop)?;
    }
    Ok(source)
}

fn read(options: &Options, progress: &dyn Progress) -> Result<Source, Error> {
    if !is_standard_input(&options.film) {
        return read_from(Input::open(options.film.clone())?, options, &options.film, progress);
    }
    let input = spool(io::stdin(), STANDARD_INPUT.into(), &options.out, &options.stop)?;
    // The file has no name, but for the system's own.
    let kept = input.another()?;
    let named = Options { film: STANDARD_INPUT.into(), ..options.clone() };
    match kept.system_name() {
        Some(place) => read_from(input, &named, &place, progress),
        None => Source::read(input, options),
    }
}

/// Reads a film from `input`, or has ffmpeg read it in its place where that helps.
fn read_from(input: Input, options: &Options, place: &Path, progress: &dyn Progress) -> Result<Source, Error> {
    let error = match Source::read(input, options) {
        Ok(source) => match needs(&source, options)? {
            None => return Ok(source),
            Some(anew) => {
                let known: Vec<_> = source.warnings.into_iter().filter(Warning::is_loss).collect();
                let mut source = by_ffmpeg(options, place, anew, progress)?;
                let is_told =
                    |loss: &Warning| source.warnings.iter().any(|told| discriminant(told) == discriminant(loss));
                let untold: Vec<_> = known.into_iter().filter(|loss| !is_told(loss)).collect();
                source.warnings.extend(untold);
                return Ok(source);
            }
        },
        Err(error) => error,
    };
    match error {
        Error::NotMp4 { .. } | Error::CompressedHeaders { .. } if is_installed() => {
            let anew = if options.transcode { Anew::WhatFewPlay } else { Anew::Nothing };
            by_ffmpeg(options, place, anew, progress)
        }
        error => match cure(&error).filter(|_| options.transcode) {
            Some(anew) => by_ffmpeg(options, place, anew, progress),
            None => Err(error),
        },
    }
}

/// What has to be coded anew where a film cannot be cut for that reason.
fn cure(error: &Error) -> Option<Anew> {
    match *error {
        Error::Codec { .. } => Some(Anew::WhatFewPlay),
        // What ffmpeg makes of the tables is what players show.
        Error::Edits { .. }
        | Error::Box { .. }
        | Error::Overlapping { .. }
        | Error::Overlap { .. }
        | Error::Backwards { .. }
        | Error::NoKeyframe { .. }
        | Error::Clock { .. } => Some(Anew::Everything),
        Error::Durations { rate, .. } => Some(Anew::Evenly(rate)),
        _ => None,
    }
}

/// What has to be re-encoded for every browser to play the film and to seek in it; `None` where nothing has, or may be.
fn needs(source: &Source, options: &Options) -> Result<Option<Anew>, Error> {
    if !options.transcode {
        return Ok(None);
    }
    // With --keep-going they are left out.
    if !options.keep_going && source.has_undecodable(&options.stop)? {
        return Ok(Some(Anew::Everything));
    }
    let lacks_keyframes = |track: &SourceTrack| {
        let is_h264 = track.track.entry().codec.starts_with("avc");
        let Keyframes { passed_over, open_gop } = track.keyframes;
        passed_over > 0 || (open_gop && is_h264) || track.table.longest_group() > options.chunk_size.0
    };
    if source.tracks.iter().any(|track| track.track.kind == TrackKind::Video && lacks_keyframes(track)) {
        return Ok(Some(Anew::Pictures));
    }
    let plays_everywhere = |track: &SourceTrack| !lacking(track.track.entry()).is_some_and(|lacking| lacking.is_grave);
    let is_left_out = source.film_tracks.iter().any(|track| !track.plays && track.kind == TrackType::Audio);
    let is_complete = source.tracks.iter().all(plays_everywhere) && !(is_left_out && options.choice.audio.is_empty());
    Ok((!is_complete).then_some(Anew::WhatFewPlay))
}

fn by_ffmpeg(options: &Options, place: &Path, anew: Anew, progress: &dyn Progress) -> Result<Source, Error> {
    let mut film = Input::open(place.to_owned())?;
    film.path.clone_from(&options.film);
    let probe = Probe::of(place, &options.film);
    // Ctrl-C ends ffprobe, too.
    options.stop.check()?;
    let probe = probe?;
    let (recipe, anew) = recipe(options, &film, &probe, anew)?;
    let again = |anew| by_ffmpeg(options, place, anew, progress);
    // What cannot be copied may be decoded all the same.
    let is_last = !options.transcode || anew.is_everything();
    let converted = match convert(options, &film, place, &probe, &recipe, progress) {
        Err(Error::Ffmpeg { .. }) if !is_last => return again(Anew::Everything),
        converted => converted?,
    };
    film.check_unchanged()?;
    // Of the result everything is wanted.
    let everything = Options { choice: Choice::default(), ..options.clone() };
    let mut source = match Source::read(converted.input, &everything) {
        Err(error) if !is_last && cure(&error).is_some() => return again(Anew::Everything),
        source => source?,
    };
    let has_new_pictures = anew.has_pictures();
    // Its spool goes before the next is filled.
    match if is_last { None } else { needs(&source, &everything)? } {
        Some(anew @ Anew::Everything) => {
            drop(source);
            return again(anew);
        }
        Some(anew @ Anew::Pictures) if !has_new_pictures => {
            drop(source);
            return again(anew);
        }
        _ => {}
    }
    match find_loss(&film, &probe, &recipe, &converted.read, &source.tracks) {
        Some(loss) if options.keep_going => {
            if !has_new_pictures && cuts_last_picture(&film, probe.format()) {
                source.leave_out_last_picture();
            }
            source.warnings.push(Warning::Incomplete { loss });
            if !has_new_pictures && is_damaged_within(&probe, &converted.read) {
                source.leave_out_behind_gaps();
            }
        }
        Some(loss) => return Err(Error::Incomplete { path: options.film.clone(), loss }),
        None => {
            let said = joined(converted.read.said.iter().filter(|said| said.is_error()));
            source.warnings.extend((!said.is_empty()).then_some(Warning::Ffmpeg { said }));
        }
    }
    let video = recipe.tracks().iter().find(|(stream, _)| stream.is_video());
    let has_pictures = source.tracks.iter().any(|track| track.track.kind == TrackKind::Video);
    if let Some((stream, _)) = video.filter(|_| !has_pictures) {
        let (path, track) = (options.film.clone(), stream.index);
        return Err(Error::NoPictures { path, track, why: "nothing of it can be decoded".to_owned() });
    }
    source.warnings.extend(before_keyframes(&recipe, &converted.read));
    source.subtitles = converted.subtitles;
    source.chapters = probe.chapters();
    source.warnings.extend(recipe.warnings);
    source.film_tracks = recipe.film_tracks;
    let left_out = probe.streams.iter().filter(|stream| stream.is_pictures_of_text());
    let left_out = left_out.map(|s| Warning::LeftOut { track: s.index, codec: s.codec_name.clone() });
    source.warnings.extend(left_out);
    Ok(source)
}

/// What is to become of each stream. Everything is re-encoded where the decoder configuration of a stream changes on the way that
/// would be copied: a copy keeps the first one.
fn recipe<'a>(options: &Options, film: &Input, probe: &'a Probe, anew: Anew) -> Result<(Recipe<'a>, Anew), Error> {
    let recipe = Recipe::new(options, probe, anew)?;
    match changes(film, probe, &recipe)? {
        None => Ok((recipe, anew)),
        Some(_) if options.transcode => Ok((Recipe::new(options, probe, Anew::Everything)?, Anew::Everything)),
        Some((stream, seconds)) => {
            let (path, track) = (options.film.clone(), stream.index);
            Err(Error::Changes { path, track, seconds })
        }
    }
}
