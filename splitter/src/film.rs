//! How the film comes: as a file that is read where it lies, through standard input, or by way of ffmpeg.

use std::io;
use std::path::Path;

use isobmff::TrackKind;

use crate::ffmpeg::{Anew, Probe, Recipe, convert, find_loss, is_installed, joined};
use crate::source::{Input, Source};
use crate::spool::spool;
use crate::stream::lacking;
use crate::{Error, Options, Progress, Warning};

/// The film's name where it comes through standard input.
const STANDARD_INPUT: &str = "-";

/// Refuses a film that cannot be opened. What comes through standard input shows that later.
pub(crate) fn check_there(options: &Options) -> Result<(), Error> {
    if options.film == Path::new(STANDARD_INPUT) { Ok(()) } else { Input::open(options.film.clone()).map(drop) }
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
    if options.film == Path::new(STANDARD_INPUT) {
        let input = spool(io::stdin(), "standard input".into(), &options.out, &options.stop)?;
        return Source::read(input, options);
    }
    match Source::read(Input::open(options.film.clone())?, options) {
        Ok(source) if !(options.transcode && needs_transcoding(&source)) => Ok(source),
        Ok(_) => by_ffmpeg(options, Anew::WhatFewPlay, progress),
        Err(Error::NotMp4 { .. }) if is_installed() => by_ffmpeg(options, anew(options), progress),
        Err(Error::Codec { .. }) if options.transcode => by_ffmpeg(options, Anew::WhatFewPlay, progress),
        Err(Error::Edits { .. }) if options.transcode => by_ffmpeg(options, Anew::Everything, progress),
        Err(error) => Err(error),
    }
}

/// Whether there is anything that not every browser plays.
fn needs_transcoding(source: &Source) -> bool {
    source.tracks.iter().any(|track| lacking(track.track.entry()).is_some_and(|lacking| lacking.is_grave))
}

fn anew(options: &Options) -> Anew {
    if options.transcode { Anew::WhatFewPlay } else { Anew::Nothing }
}

fn by_ffmpeg(options: &Options, anew: Anew, progress: &dyn Progress) -> Result<Source, Error> {
    let film = Input::open(options.film.clone())?;
    let probe = Probe::of(&options.film)?;
    let recipe = Recipe::new(options, &probe, anew)?;
    let converted = convert(options, &probe, &recipe, film.stamp(), progress)?;
    film.check_unchanged()?;
    let mut source = Source::read(converted.input, options)?;
    match find_loss(&film, &probe, &recipe, &converted.read, &source.tracks) {
        Some(loss) if options.keep_going => source.warnings.push(Warning::Incomplete { loss }),
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
    source.subtitles = converted.subtitles;
    source.chapters = probe.chapters();
    let left_out = probe.streams.iter().filter(|stream| stream.is_pictures_of_text());
    let left_out = left_out.map(|s| Warning::LeftOut { track: s.index, codec: s.codec_name.clone() });
    source.warnings.extend(left_out);
    Ok(source)
}
