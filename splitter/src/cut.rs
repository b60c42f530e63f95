//! The whole way from a film to a published cut.
//!
//! 1. Take the place to publish in, read the film's boxes, and build its streams; those of its rungs, where it has any.
//! 2. Plan every chunk from the tables of samples.
//! 3. Write the chunks, as many at once as there are processors, each in one pass, and hold each against the plan. What a
//!    killed splitter has left of the same cut is kept where its digests are right.
//! 4. Have ffmpeg make thumbnails, if they are asked for.
//! 5. Describe them in a manifest and in playlists, and publish.

use std::fs;
use std::path::Path;

use manifest::{Digest, Document, Film};
use sha2::{Digest as _, Sha256};

use crate::beside::Beside;
use crate::describe::{self, CutStream, Reported};
use crate::directory::{Directory, Partial, sync_directory, write_synced};
use crate::jobs::{self, Jobs};
use crate::plan::StreamPlan;
use crate::preview::Preview;
use crate::source::Source;
use crate::stream::Stream;
use crate::subtitles::{self, Subtitles};
use crate::thumbnails::Thumbnails;
use crate::track::{Track, tracks};
use crate::{Error, Options, Progress, Stop, WantedRung, Warning, film, ladder, playlist, written};

/// What was published.
#[derive(Clone, Debug)]
pub struct Report {
    /// The manifest.
    pub document: Document,
    /// What the user should know.
    pub warnings: Vec<Warning>,
}

impl Report {
    /// The manifest as it was published: with what is missing of the film under `report`, where anything is.
    #[must_use]
    pub fn manifest(&self) -> impl serde::Serialize + '_ {
        Reported::new(&self.document, &self.warnings)
    }
}

/// Cuts a film and publishes it.
///
/// # Errors
/// Every [`Error`]; what was published before is untouched then.
pub fn cut(options: &Options, progress: &dyn Progress) -> Result<Report, Error> {
    let side_files = checked(options)?;
    // Held while the film is read: nobody else then removes what ffmpeg makes of it, and a second splitter hears at once.
    let directory = Directory::open(&options.out)?;
    planned(options, side_files, progress, true, |beside, streams, plans, warnings, _| {
        let partial = directory.partial(&key(options, streams))?;
        for stream in streams {
            let place = partial.path.join(&*stream.name);
            fs::create_dir_all(&place).map_err(Error::io("create", &place))?;
            write_synced(&place.join("init.mp4"), &stream.init)?;
        }
        let jobs = Jobs::new(streams, plans);
        progress.planned(jobs.bytes());
        let written = jobs.run(&jobs::Work { partial: &partial.path, progress, stop: &options.stop })?;
        let mut warnings = warnings;
        let thumbnails = thumbnails(options, streams, &partial.path, progress, &mut warnings)?;
        let cuts = CutStream::all(streams, plans, &written);
        let document =
            describe::document(&cuts, beside, thumbnails.as_ref(), options.name.clone(), options.private.as_ref());
        let json = encoded(&document, &warnings, options)?;
        streams.iter().try_for_each(|stream| stream.input.check_unchanged())?;
        write_subtitles(&partial, &beside.subtitles)?;
        publish(&directory, partial, &document, json, &options.stop)?;
        Ok(Report { document, warnings })
    })
}

/// Says what [`cut`] would write, and writes nothing.
///
/// # Errors
/// Those of [`cut`] that show before anything is written.
pub fn preview(options: &Options) -> Result<Preview, Error> {
    planned(options, checked(options)?, &(), false, |beside, streams, plans, warnings, rungs| {
        Ok(Preview::new(&beside.film_tracks, streams, plans, rungs, warnings))
    })
}

/// Refuses what can be refused before the film is read; the subtitles beside it.
pub(crate) fn checked(options: &Options) -> Result<Vec<Subtitles>, Error> {
    options.check()?;
    let side_files = options.subtitles.iter().map(subtitles::read_side_file).collect::<Result<_, _>>()?;
    film::check_there(options)?;
    Ok(side_files)
}

/// Reads the film, makes its rungs where they are `made` and not only listed, plans the cut, and hands all of it to `then`.
pub(crate) fn planned<T>(
    options: &Options,
    side_files: Vec<Subtitles>,
    progress: &dyn Progress,
    made: bool,
    then: impl FnOnce(&Beside, &[Stream<'_>], &[StreamPlan], Vec<Warning>, Vec<WantedRung>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut source = film::open(options, progress)?;
    let tracks = tracks(&mut source)?;
    let Source { input, mut warnings, subtitles, chapters, film_tracks, .. } = source;
    // What somebody has put beside the film is taken for better than what is in it, and comes first.
    let beside = Beside { subtitles: [side_files, subtitles].concat(), chapters, film_tracks };
    let fragment_seconds = options.fragment_duration.as_secs_f64();
    let wanted = ladder::wanted(options, &tracks)?;
    let rungs = ladder::open(
        &tracks,
        ladder::Reader { options, input: &input, makes: made, progress, warnings: &mut warnings },
    )?;
    let streams = if options.muxed {
        let in_box = |cause| Error::Box { path: options.film.clone(), cause };
        Stream::muxed(&tracks, &input, &mut warnings).map_err(in_box)?
    } else {
        ladder::join(Stream::of_each(&tracks, &input), &rungs, fragment_seconds)?
    };
    ladder::settle(&streams, &mut warnings);
    let plan = |stream| StreamPlan::new(stream, options.chunk_size, fragment_seconds);
    let plans = streams.iter().map(plan).collect::<Result<Vec<_>, _>>()?;
    streams.iter().zip(&plans).try_for_each(|(stream, plan)| written::hold_plan(stream, plan))?;
    streams.iter().zip(&plans).for_each(|(stream, plan)| warn(stream.lead(), plan, &mut warnings));
    then(&beside, &streams, &plans, warnings, wanted)
}

/// The thumbnails that are asked for, at a place.
pub(crate) fn thumbnails(
    options: &Options,
    streams: &[Stream<'_>],
    place: &Path,
    progress: &dyn Progress,
    warnings: &mut Vec<Warning>,
) -> Result<Option<Thumbnails>, Error> {
    let pictures = streams.iter().find(|stream| stream.tracks.iter().any(|track| track.is_video));
    let thumbnails = Thumbnails::make(options, pictures, place, progress)?;
    if options.thumbnails.is_some() && thumbnails.is_none() {
        warnings.push(Warning::NoPictures);
    }
    Ok(thumbnails)
}

fn write_subtitles(partial: &Partial, subtitles: &[Subtitles]) -> Result<(), Error> {
    for subtitles in subtitles {
        let path = partial.path.join(subtitles.url());
        let place = path.parent().expect("it stands in a directory of the cut");
        fs::create_dir_all(place).map_err(Error::io("create", place))?;
        write_synced(&path, subtitles.text.as_bytes())?;
    }
    Ok(())
}

/// The manifest as it is published, which is one that the player takes.
pub(crate) fn encoded(document: &Document, warnings: &[Warning], options: &Options) -> Result<Vec<u8>, Error> {
    let json = serde_json::to_vec(&Reported::new(document, warnings)).expect("a manifest has nothing that JSON lacks");
    match Film::parse(&json) {
        Ok(_) => Ok(json),
        Err(cause) => Err(Error::Manifest { path: options.out.join("manifest.json"), cause }),
    }
}

/// Makes everything visible, the manifest last.
fn publish(
    directory: &Directory,
    partial: Partial,
    document: &Document,
    json: Vec<u8>,
    stop: &Stop,
) -> Result<(), Error> {
    for (name, text) in playlist::in_cut(document) {
        write_synced(&partial.path.join(name), text.as_bytes())?;
    }
    for entry in fs::read_dir(&partial.path).map_err(Error::io("list", &partial.path))? {
        let path = entry.map_err(Error::io("list", &partial.path))?.path();
        if path.is_dir() {
            sync_directory(&path)?;
        }
    }
    let mut files: Vec<_> = playlist::at_top(document).map(|(name, text)| (name, text.into_bytes())).into();
    files.push(("manifest.json", json));
    stop.check()?;
    directory.publish(partial, &document.id, &files)
}

/// Names the work, so that what a killed splitter left is found again only for the same film and options.
fn key(options: &Options, streams: &[Stream<'_>]) -> String {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(options.chunk_size.0.to_be_bytes());
    hash.update(options.fragment_duration.as_nanos().to_be_bytes());
    for stream in streams {
        hash.update(stream.input.bytes.to_be_bytes());
        hash.update(stream.input.stamp().to_be_bytes());
        hash.update(&stream.init);
        for sample in stream.tracks.iter().flat_map(|track| track.table.iter()) {
            hash.update(sample.offset.to_be_bytes());
            hash.update(sample.size.to_be_bytes());
        }
    }
    Digest(hash.finalize().into()).to_string()[..16].to_owned()
}

fn warn(track: &Track, plan: &StreamPlan, warnings: &mut Vec<Warning>) {
    /// Seconds without a keyframe above which the user is warned: a seek downloads and decodes as much.
    const LONG_GROUP: f64 = 10.0;
    let (start, ticks) = plan.longest_group;
    let seconds = ticks as f64 / f64::from(track.timing.timescale);
    // The splitter itself sets the bounds of groups of sound.
    if track.is_video && seconds > LONG_GROUP {
        let at = track.timing.seconds(start);
        warnings.push(Warning::LongGroup { stream: track.name.clone(), at, seconds });
    }
}
