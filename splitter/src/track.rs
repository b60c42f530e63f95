//! A track that is cut, with its init and its place on the film's timeline.

use std::path::PathBuf;

use isobmff::write::{InitTrack, init};
use isobmff::{Init, Sample, SampleEntry, SampleTable, TrackKind};

use crate::source::{Keyframes, Source, SourceTrack};
use crate::timeline::{self, Timeline, Unplaceable};
use crate::timing::Timing;
use crate::{Error, Warning, chapter_track, silence, subtitles};

/// A track that is to be written.
pub(crate) struct Track {
    /// Directory and name: `video-1`.
    pub(crate) name: String,
    pub(crate) is_video: bool,
    pub(crate) is_default: bool,
    /// Its `init.mp4`.
    pub(crate) init: Vec<u8>,
    /// The track of that init, as a player reads it.
    pub(crate) track: isobmff::Track,
    /// Its media type with the `codecs` parameter (RFC 6381).
    pub(crate) mime: String,
    /// Its name for a menu, where its author gave it one.
    pub(crate) label: Option<String>,
    pub(crate) timing: Timing,
    /// By how much it would begin later than the film if its first picture were not shown from zero on: ticks, and how many there
    /// are in a second.
    pub(crate) late: (i64, u32),
    pub(crate) table: SampleTable,
    pub(crate) keyframes: Keyframes,
}

impl Track {
    /// Its samples, and when each is presented, in decode order.
    pub(crate) fn presented(&self) -> impl Iterator<Item = (i64, Sample)> + '_ {
        let mut decode_time = self.timing.decode_start;
        self.table.iter().map(move |sample| {
            let presentation = self.timing.presentation(decode_time, &sample);
            decode_time = decode_time.saturating_add(u64::from(sample.duration));
            (presentation, sample)
        })
    }

    /// When the last of its samples is over, in ticks.
    pub(crate) fn end(&self) -> i64 {
        self.presented().map(|(time, sample)| time.saturating_add(sample.duration.into())).max().unwrap_or(0)
    }
}

/// The tracks of a film as they are written, in its order. Its texts become subtitles and chapters.
pub(crate) fn tracks(source: &mut Source) -> Result<Vec<Track>, Error> {
    placed(source, (0, 1), 1, None)
}

/// Fits a track that has its place on the timeline to one of the film.
pub(crate) type Fit = fn(&mut SourceTrack, &mut Timing, &Track);

/// The only track of another file with the pictures (or a sound) of a film, so `late` and on its clock; the `number`th of its kind.
pub(crate) fn rung(
    source: &mut Source,
    (film, fit): (&Track, Fit),
    late: (i64, u32),
    number: u32,
) -> Result<Option<Track>, Error> {
    Ok(placed(source, late, number, Some((film, fit)))?.into_iter().find(|track| track.is_video == film.is_video))
}

fn placed(source: &mut Source, late: (i64, u32), first: u32, film: Option<(&Track, Fit)>) -> Result<Vec<Track>, Error> {
    let mut sources = std::mem::take(&mut source.tracks);
    let timescale = source.timescale;
    let failed = |(track, why)| unplaceable(source.input.path.clone(), track, why);
    let Timeline { timings, earliest, late } =
        timeline::place(&mut sources, timescale, source.is_fragmented, late).map_err(failed)?;
    for track in std::mem::take(&mut source.texts) {
        let moved = timeline::moved(&track, timescale, earliest).map_err(|why| failed((track.track.id, why)))?;
        source.subtitles.extend(subtitles::read_embedded(&source.input, &track, moved)?);
    }
    let before = i64::try_from(i128::from(earliest.0) * 1_000_000 / i128::from(earliest.1)).unwrap_or(i64::MAX);
    source.chapters.iter_mut().for_each(|chapter| chapter.start = chapter.start.saturating_sub(before));
    if let Some(track) = source.chapter_track.take() {
        let moved = timeline::moved(&track, timescale, earliest).map_err(|why| failed((track.track.id, why)))?;
        let named = chapter_track::read(&source.input, &track, moved)?;
        // The list in the headers is the same with less of each title.
        source.chapters = if named.is_empty() { std::mem::take(&mut source.chapters) } else { named };
    }

    let is_sound = film.is_some_and(|(film, _)| !film.is_video);
    let (mut videos, mut audios) = if is_sound { (0, first - 1) } else { (first - 1, 0) };
    let mut silent_frames = silence::MOST_FRAMES;
    let mut tracks = Vec::new();
    for ((mut source_track, mut timing), late) in sources.into_iter().zip(timings).zip(late) {
        let is_video = source_track.track.kind == TrackKind::Video;
        let number = if is_video { &mut videos } else { &mut audios };
        *number += 1;
        if let Some((film, fit)) = film {
            // What is said of the film's holds for all of its rungs.
            source_track.track.language.clone_from(&film.track.language);
            source_track.track.name.clone_from(&film.track.name);
            fit(&mut source_track, &mut timing, film);
        }
        let silence = silence::fill(&mut source_track, &mut timing, &mut source.input, &mut silent_frames)?;
        let name = format!("{}-{number}", if is_video { "video" } else { "audio" });
        let place = Place { timing, late };
        let track = track(source_track, name, *number == 1, place, timescale)
            .map_err(|cause| Error::Box { path: source.input.path.clone(), cause })?;
        warn(&track, silence, &mut source.warnings);
        tracks.push(track);
    }
    Ok(tracks)
}

fn unplaceable(path: PathBuf, track: u32, why: Unplaceable) -> Error {
    match why {
        Unplaceable::NoSync => Error::NoKeyframe { path, track },
        Unplaceable::Beyond => Error::Clock { path, track },
    }
}

/// Where a track stands in the film.
struct Place {
    timing: Timing,
    late: (i64, u32),
}

fn track(
    source: SourceTrack,
    name: String,
    is_default: bool,
    Place { timing, late }: Place,
    timescale: u32,
) -> Result<Track, isobmff::Error> {
    let SourceTrack { track, sample_entries, size, table, keyframes, .. } = source;
    let end = timing.decode_start.saturating_add(table.ticks()).saturating_sub(timing.media_time);
    let language = track.language.as_deref();
    let init = init(
        timescale,
        rescale(end, timescale, track.timescale),
        &[InitTrack {
            id: 1,
            kind: track.kind,
            timescale: track.timescale,
            language,
            extended_language: language.filter(|language| language.len() != 3),
            name: &track.name,
            size,
            matrix: track.matrix,
            media_time: timing.media_time,
            sample_entries: &sample_entries,
            description: 1,
        }],
    );
    let read_back = Init::parse(&init)?;
    let mime = read_back.mime();
    let label = crate::label::label(&track.name);
    let track = read_back.tracks.into_iter().next().expect("it was written with one track");
    let is_video = track.kind == TrackKind::Video;
    Ok(Track { name, is_video, is_default, init, track, mime, label, timing, late, table, keyframes })
}

/// `ticks` of one timescale in another, rounded to the nearest.
fn rescale(ticks: u64, to: u32, from: u32) -> u64 {
    let scaled = (u128::from(ticks) * u128::from(to) + u128::from(from) / 2) / u128::from(from);
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

/// Where a codec does not play.
pub(crate) struct Lacking {
    /// In words that follow "does not play in".
    pub(crate) places: &'static str,
    /// Whether it lacks more than old browsers and single devices.
    pub(crate) is_grave: bool,
}

/// Where the codec of an entry does not play; `None` where every browser has it.
pub(crate) fn lacking(entry: &SampleEntry) -> Option<Lacking> {
    /// High 10, High 4:2:2 and High 4:4:4 profiles.
    const DEEP: [&str; 3] = [".6e", ".7a", ".f4"];
    let (places, is_grave) = match &entry.format.0 {
        b"avc1" | b"avc3" if DEEP.iter().any(|&profile| entry.codec[4..].starts_with(profile)) => {
            ("any browser that decodes in hardware: its profile has more than 8 bits or finer colours", true)
        }
        b"avc3" => ("Safari", true),
        b"hvc1" | b"hev1" => ("Firefox on Linux, nor in Chrome without a hardware decoder", true),
        b"dvh1" | b"dvhe" => ("most browsers other than Safari", true),
        b"av01" => ("Safari on devices without a hardware decoder", false),
        b"ac-3" | b"ec-3" => ("Chrome and Firefox", true),
        b".mp3" => ("Chrome and Firefox when it is in an MP4", true),
        b"mp4a" if !entry.codec.starts_with("mp4a.40") => ("Chrome and Firefox when it is in an MP4", true),
        b"mp4a" if entry.codec == "mp4a.40.42" => ("Chrome on most systems, nor in Firefox", true),
        b"Opus" | b"fLaC" => ("Safari before 17", false),
        b"vp08" | b"vp09" => ("older versions of Safari", false),
        _ => return None,
    };
    Some(Lacking { places, is_grave })
}

/// Says what viewers will miss.
fn warn(track: &Track, silence: Option<f64>, warnings: &mut Vec<Warning>) {
    /// Seconds that sound may begin after the film without a warning.
    const SHORT: f64 = 0.5;
    let entry = track.track.entry();
    if let Some(Lacking { places, .. }) = lacking(entry) {
        let codec = entry.codec.clone();
        warnings.push(Warning::Codec { stream: track.name.clone(), codec, lacking: places });
    }
    let Keyframes { passed_over, open_gop } = track.keyframes;
    if passed_over > 0 {
        warnings.push(Warning::OpenGop { stream: track.name.clone(), keyframes: passed_over });
    } else if open_gop && track.track.entry().codec.starts_with("avc") {
        warnings.push(Warning::NoIdr { stream: track.name.clone() });
    }
    let first = track.table.iter().next().map(|first| track.timing.presentation(track.timing.decode_start, &first));
    let seconds = track.timing.seconds(first.unwrap_or(0));
    if let Some(seconds) = silence {
        warnings.push(Warning::Silence { stream: track.name.clone(), seconds });
    } else if !track.is_video && seconds > SHORT {
        warnings.push(Warning::LateSound { stream: track.name.clone(), seconds });
    }
}
