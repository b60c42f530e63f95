//! What becomes of each track of the film.

use isobmff::{BoxRef, Init, SampleTable, Track, TrackKind, references};

use super::{Input, SourceTrack};
use crate::choice::{FilmTrack, choose};
use crate::label::label;
use crate::language::bcp47;
use crate::subtitles::is_text;
use crate::track_type::TrackType;
use crate::{Error, Options, Warning};

/// Tracks with their boxes.
pub(super) struct Sorted<'a> {
    /// Those that are read: video before audio, the default of a kind first, then text.
    pub(super) chosen: Vec<(&'a Track, BoxRef<'a>)>,
    /// The number of the one that names chapters, which is among the others.
    pub(super) chapters: Option<u32>,
    /// All tracks that could be chosen.
    pub(super) film_tracks: Vec<FilmTrack>,
}

impl<'a> Sorted<'a> {
    /// Sorts the tracks of an init by their `trak` boxes. Those that carry no film are left out with a warning, and so are those
    /// with the numbers of `second_choice` where there are others of their kind.
    pub(super) fn new(
        input: &Input,
        init: &'a Init,
        traks: &[BoxRef<'a>],
        second_choice: &[u32],
        options: &Options,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, Error> {
        let in_box = |cause| Error::Box { path: input.path.clone(), cause };
        let mut of_chapters = chapter_tracks(traks);
        of_chapters.retain(|number| !second_choice.contains(number));
        let (mut candidates, mut film_tracks, mut chapters) = (Vec::new(), Vec::new(), None);
        let mut empty = None;
        let is_second = |trak: &BoxRef<'_>| Track::number(trak).is_some_and(|number| second_choice.contains(&number));
        let (traks, seconds): (Vec<_>, Vec<_>) = traks.iter().partition(|trak| !is_second(trak));
        for &trak in traks.into_iter().chain(seconds) {
            let number = Track::number(&trak).unwrap_or_default();
            let Some(track) = init.track(number) else {
                warnings.push(Warning::LeftOut { track: number, codec: "unreadable".to_owned() });
                continue;
            };
            let entry = track.entry();
            let kind = match role(track, &trak, &of_chapters).map_err(in_box)? {
                Role::Film(TrackType::Video) if options.audio_only => continue,
                Role::Film(TrackType::Audio) if options.pictures_only => continue,
                // What its handler or another track says is something else is film only where there is no other.
                Role::Film(kind) if second_choice.contains(&number) && has(&film_tracks, kind) => {
                    warnings.push(Warning::LeftOut { track: track.id, codec: entry.codec.clone() });
                    continue;
                }
                Role::Film(kind) if !init.is_fragmented && is_empty(&trak).map_err(in_box)? => {
                    empty = empty.or(Some(track.id).filter(|_| kind == TrackType::Video));
                    warnings.push(Warning::Empty { track: track.id, codec: entry.codec.clone() });
                    continue;
                }
                Role::Film(kind) => kind,
                Role::Chapters if chapters.is_none() => {
                    chapters = Some((track, trak));
                    continue;
                }
                // Chapters may be the same in another language.
                Role::Chapters | Role::Other => {
                    let codec = entry.codec.clone();
                    warnings.push(Warning::LeftOut { track: track.id, codec });
                    continue;
                }
            };
            let language = track.language.as_deref().and_then(bcp47);
            film_tracks.push(FilmTrack {
                plays: is_playable(track),
                is_default: track.enabled,
                ..FilmTrack::new(kind, entry.codec.clone(), language, label(&track.name))
            });
            candidates.push((track, trak));
        }
        if let Some(track) = empty.filter(|_| !has(&film_tracks, TrackType::Video)) {
            return Err(no_pictures(input, track));
        }
        let chosen = choose(&input.path, &mut film_tracks, &options.choice, warnings)?;
        let mut chosen: Vec<_> = chosen.into_iter().map(|at| candidates[at]).collect();
        check_playable(input, chosen.iter().map(|(track, _)| *track))?;
        chosen.extend(chapters);
        Ok(Self { chosen, chapters: chapters.map(|(track, _)| track.id), film_tracks })
    }

    /// Refuses a film whose pictures have no sample once all of it has been read, and tells of sound that has none.
    pub(super) fn check_there(
        &self,
        input: &Input,
        read: &[SourceTrack],
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        for track in read.iter().filter(|track| track.table.count() == 0).map(|track| &track.track) {
            match track.kind {
                TrackKind::Video => return Err(no_pictures(input, track.id)),
                TrackKind::Audio => {
                    warnings.push(Warning::Empty { track: track.id, codec: track.entry().codec.clone() });
                }
                TrackKind::Text | TrackKind::Other(_) => {}
            }
        }
        Ok(())
    }
}

fn has(tracks: &[FilmTrack], kind: TrackType) -> bool {
    tracks.iter().any(|track| track.kind == kind)
}

/// Tracks that are film although their handler, or a track whose chapters they are said to picture, says that they are not:
/// their numbers. The init's own become what their samples are coded as.
pub(crate) fn second_choice(init: &mut Init, traks: &[BoxRef<'_>]) -> Vec<u32> {
    let mut numbers = Vec::new();
    for track in &mut init.tracks {
        let trak = traks.iter().find(|trak| Track::number(trak) == Some(track.id));
        if let Some(Ok(Some(coded))) = trak.map(Track::as_coded) {
            *track = Track { defaults: track.defaults, ..coded };
            numbers.push(track.id);
        }
    }
    let of_chapters = chapter_tracks(traks);
    // Covers of chapters are JPEG or PNG, which no browser plays.
    let pictures = init.tracks.iter().filter(|track| track.kind == TrackKind::Video && is_playable(track));
    numbers.extend(pictures.map(|track| track.id).filter(|number| of_chapters.contains(number)));
    numbers
}

fn no_pictures(input: &Input, track: u32) -> Error {
    Error::NoPictures { path: input.path.clone(), track, why: "it lists no picture".to_owned() }
}

/// Whether the headers list no sample of a track.
pub(crate) fn is_empty(trak: &BoxRef<'_>) -> Result<bool, isobmff::Error> {
    let stbl = trak.need("mdia")?.need("minf")?.need("stbl")?;
    Ok(SampleTable::listed(&stbl)? == 0)
}

/// What a track is good for.
pub(crate) enum Role {
    /// It can be chosen.
    Film(TrackType),
    /// Its samples name chapters.
    Chapters,
    /// Covers, pictures of chapters, time codes, text that cannot be read.
    Other,
}

/// What a track is good for, where those with the numbers `of_chapters` belong to chapters.
pub(crate) fn role(track: &Track, trak: &BoxRef<'_>, of_chapters: &[u32]) -> Result<Role, isobmff::Error> {
    let format = track.entry().format;
    let is_of_chapters = of_chapters.contains(&track.id);
    Ok(match track.kind {
        TrackKind::Text if is_of_chapters && matches!(&format.0, b"tx3g" | b"text") => Role::Chapters,
        TrackKind::Text if is_text(format) => Role::Film(TrackType::Text),
        TrackKind::Video if !is_of_chapters && !is_cover(track, trak)? => Role::Film(TrackType::Video),
        TrackKind::Audio => Role::Film(TrackType::Audio),
        TrackKind::Text | TrackKind::Video | TrackKind::Other(_) => Role::Other,
    })
}

/// The numbers of the tracks that others refer to for their chapters.
pub(crate) fn chapter_tracks(traks: &[BoxRef<'_>]) -> Vec<u32> {
    traks.iter().flat_map(|trak| references(trak, "chap").unwrap_or_default()).collect()
}

/// Whether a track is a picture of the film and not the film: a still.
fn is_cover(track: &Track, trak: &BoxRef<'_>) -> Result<bool, isobmff::Error> {
    const PICTURES: [&[u8; 4]; 3] = [b"jpeg", b"png ", b"mjpg"];
    let entry = track.entry();
    if !PICTURES.iter().any(|&picture| entry.format == picture) && entry.codec != "mp4v.6C" {
        return Ok(false);
    }
    let stbl = trak.need("mdia")?.need("minf")?.need("stbl")?;
    Ok(matches!(SampleTable::listed(&stbl)?, 1))
}

/// Whether any browser has a decoder for a track.
fn is_playable(track: &Track) -> bool {
    const CODECS: [&[u8; 4]; 15] = [
        b"avc1", b"avc3", b"hvc1", b"hev1", b"dvh1", b"dvhe", b"av01", b"vp08", b"vp09", b"mp4a", b"Opus", b"fLaC",
        b"ac-3", b"ec-3", b".mp3",
    ];
    track.kind == TrackKind::Text || CODECS.iter().any(|&codec| track.entry().format == codec)
}

/// Refuses a film whose pictures or sound would be missing.
fn check_playable<'a>(input: &Input, mut chosen: impl Iterator<Item = &'a Track>) -> Result<(), Error> {
    let Some(track) = chosen.find(|track| !is_playable(track)) else { return Ok(()) };
    let (path, codec) = (input.path.clone(), track.entry().codec.clone());
    Err(match &track.entry().format.0 {
        b"encv" | b"enca" => Error::Encrypted { path, track: track.id },
        _ => Error::Codec { path, track: track.id, codec },
    })
}
