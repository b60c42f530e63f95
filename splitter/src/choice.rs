//! Which of a film's tracks are cut.
//!
//! Tracks of a kind are counted from 1 in the order of the film: its second sound is audio 2, whatever its container calls
//! it. One video track is cut, every sound that plays, and every text, unless somebody says otherwise.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::Serialize;

use crate::language::bcp47;
use crate::track_type::TrackType;
use crate::{Error, Warning};

/// Which tracks are wanted.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// The number of the video track; `None` for the one that the film wants played.
    pub video: Option<u32>,
    /// The audio tracks, the default one first; all that play where this is empty.
    pub audio: Vec<AudioChoice>,
    /// Whether subtitles in the film are left out. Those beside it are not.
    pub no_subtitles: bool,
}

/// An audio track that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AudioChoice {
    /// By its number among the audio tracks, from 1.
    Number(u32),
    /// All in this language: a BCP 47 tag, which includes those that say more (`en` includes `en-US`).
    Language(String),
}

impl FromStr for AudioChoice {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let language = || Self::Language(bcp47(text).unwrap_or_else(|| text.to_owned()));
        Ok(text.parse().map_or_else(|_| language(), Self::Number))
    }
}

impl fmt::Display for AudioChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Language(tag) => f.write_str(tag),
        }
    }
}

/// A track of the film that can be chosen.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct FilmTrack {
    /// What it carries.
    pub kind: TrackType,
    /// Its number among those of its kind, from 1.
    pub number: u32,
    /// The codec string (RFC 6381), or ffmpeg's name of the codec.
    pub codec: String,
    /// BCP 47 language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// As its author calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Whether it is cut.
    pub chosen: bool,
    /// Whether any browser plays it, or will once it is re-encoded, where that is allowed.
    #[serde(skip)]
    pub(crate) plays: bool,
    /// Whether the film wants it played unasked.
    #[serde(skip)]
    pub(crate) is_default: bool,
}

impl FilmTrack {
    pub(crate) fn new(kind: TrackType, codec: String, language: Option<String>, label: Option<String>) -> Self {
        Self { kind, number: 0, codec, language, label, chosen: false, plays: true, is_default: true }
    }
}

impl fmt::Display for FilmTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}  {}", self.kind, self.number, self.codec)?;
        for text in [&self.language, &self.label].into_iter().flatten() {
            write!(f, "  {text}")?;
        }
        Ok(())
    }
}

/// Numbers the tracks of a film, marks those that are chosen, and says what is left out. Gives their indices in the order
/// in which they are wanted: the default of each kind first.
pub(crate) fn choose(
    film: &Path,
    tracks: &mut [FilmTrack],
    choice: &Choice,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<usize>, Error> {
    let mut counts = [0; 3];
    for track in tracks.iter_mut() {
        let count = &mut counts[track.kind as usize];
        *count += 1;
        track.number = *count;
    }
    let mut chosen = videos(film, tracks, choice, warnings)?;
    chosen.extend(audios(film, tracks, choice, warnings)?);
    chosen.extend(of_kind(tracks, TrackType::Text).filter(|_| !choice.no_subtitles));
    chosen.iter().for_each(|&at| tracks[at].chosen = true);
    Ok(chosen)
}

fn of_kind(tracks: &[FilmTrack], kind: TrackType) -> impl Iterator<Item = usize> + '_ {
    tracks.iter().enumerate().filter(move |(_, track)| track.kind == kind).map(|(at, _)| at)
}

/// The one that is asked for; otherwise the first that plays, if possible one that the film wants played.
fn videos(
    film: &Path,
    tracks: &[FilmTrack],
    choice: &Choice,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<usize>, Error> {
    let all: Vec<_> = of_kind(tracks, TrackType::Video).collect();
    if let Some(number) = choice.video {
        let found = all.iter().copied().find(|&at| tracks[at].number == number);
        return found.map(|at| vec![at]).ok_or_else(|| no_track(film, tracks, format!("--video {number}")));
    }
    let Some(&first) = all.first() else { return Ok(Vec::new()) };
    let rank = |&&at: &&usize| (!tracks[at].plays, !tracks[at].is_default);
    let chosen = all.iter().min_by_key(rank).copied().unwrap_or(first);
    let others = all.iter().filter(|&&at| at != chosen).map(|&at| &tracks[at]);
    warnings.extend(others.map(|other| match other.plays {
        true => Warning::OtherPictures { number: other.number, chosen: tracks[chosen].number },
        false => unplayable(other),
    }));
    Ok(vec![chosen])
}

/// Those that are asked for; otherwise all that play, or all where none does: the film would lose its sound.
fn audios(
    film: &Path,
    tracks: &[FilmTrack],
    choice: &Choice,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<usize>, Error> {
    let mut chosen: Vec<usize> = Vec::new();
    for wanted in &choice.audio {
        let is_wanted = |&at: &usize| match wanted {
            AudioChoice::Number(number) => tracks[at].number == *number,
            AudioChoice::Language(tag) => tracks[at].language.as_deref().is_some_and(|language| is_in(language, tag)),
        };
        let found: Vec<_> = of_kind(tracks, TrackType::Audio).filter(is_wanted).collect();
        if found.is_empty() {
            return Err(no_track(film, tracks, format!("--audio {wanted}")));
        }
        // Of several in one language, those that play are meant.
        let plays = found.iter().any(|&at| tracks[at].plays);
        for at in found {
            if (!plays || tracks[at].plays) && !chosen.contains(&at) {
                chosen.push(at);
            }
        }
    }
    if !choice.audio.is_empty() {
        return Ok(chosen);
    }
    let (mut plays, silent): (Vec<_>, Vec<_>) = of_kind(tracks, TrackType::Audio).partition(|&at| tracks[at].plays);
    if plays.is_empty() {
        return Ok(silent);
    }
    warnings.extend(silent.iter().map(|&at| unplayable(&tracks[at])));
    if let Some(default) = plays.iter().position(|&at| tracks[at].is_default) {
        plays[..=default].rotate_right(1);
    }
    Ok(plays)
}

/// Whether a language is the one that is wanted, or a kind of it.
fn is_in(language: &str, wanted: &str) -> bool {
    let (language, wanted) = (language.to_ascii_lowercase(), wanted.to_ascii_lowercase());
    language.strip_prefix(&wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn unplayable(track: &FilmTrack) -> Warning {
    Warning::Unplayable { kind: track.kind, number: track.number, codec: track.codec.clone() }
}

fn no_track(film: &Path, tracks: &[FilmTrack], wanted: String) -> Error {
    let there = tracks.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    Error::NoTrack { path: film.to_owned(), wanted, there }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(kind: TrackType, language: &str, plays: bool, is_default: bool) -> FilmTrack {
        let language = Some(language.to_owned()).filter(|language| !language.is_empty());
        FilmTrack { plays, is_default, ..FilmTrack::new(kind, "codec".to_owned(), language, None) }
    }

    /// Pictures that do not play, two others, sound in English, in no codec, in American English and in Japanese, a text.
    fn film() -> Vec<FilmTrack> {
        use TrackType::{Audio, Text, Video};
        vec![
            track(Video, "", false, true),
            track(Audio, "en", true, false),
            track(Video, "", true, false),
            track(Video, "", true, true),
            track(Audio, "en", false, false),
            track(Audio, "en-US", true, false),
            track(Audio, "ja", true, true),
            track(Text, "en", true, true),
        ]
    }

    fn chosen(choice: &Choice) -> Result<(Vec<usize>, usize), String> {
        let (mut tracks, mut warnings) = (film(), Vec::new());
        let chosen = choose(Path::new("film.mp4"), &mut tracks, choice, &mut warnings);
        let chosen = chosen.map_err(|error| error.to_string())?;
        assert!(tracks.iter().enumerate().all(|(at, track)| track.chosen == chosen.contains(&at)));
        Ok((chosen, warnings.len()))
    }

    fn audio(words: &[&str]) -> Choice {
        let audio = words.iter().map(|word| word.parse().expect("never fails")).collect();
        Choice { audio, ..Choice::default() }
    }

    #[test]
    fn unasked_one_picture_and_every_sound_that_plays() {
        assert_eq!(chosen(&Choice::default()), Ok((vec![3, 6, 1, 5, 7], 3)));
        let without = Choice { no_subtitles: true, ..Choice::default() };
        assert_eq!(chosen(&without), Ok((vec![3, 6, 1, 5], 3)));
    }

    #[test]
    fn what_is_asked_for_in_its_order() {
        let first = Choice { video: Some(1), ..Choice::default() };
        assert_eq!(chosen(&first).map(|(chosen, _)| chosen[0]), Ok(0), "even if it does not play");
        assert_eq!(chosen(&audio(&["eng"])).map(|(chosen, _)| chosen), Ok(vec![3, 1, 5, 7]));
        assert_eq!(chosen(&audio(&["en-us", "1", "en"])).map(|(chosen, _)| chosen), Ok(vec![3, 5, 1, 7]));
        assert_eq!(chosen(&audio(&["4", "2"])).map(|(chosen, _)| chosen), Ok(vec![3, 6, 4, 7]));
    }

    #[test]
    fn what_is_not_there_is_an_error_that_lists_what_is() {
        let error = chosen(&audio(&["fr"])).expect_err("no French");
        assert!(error.contains("--audio fr") && error.contains("audio 4  codec  ja"), "{error}");
        assert!(chosen(&audio(&["5"])).is_err());
        let error = chosen(&Choice { video: Some(4), ..Choice::default() }).expect_err("three");
        assert!(error.contains("--video 4") && error.contains("video 3  codec"), "{error}");
    }

    #[test]
    fn sound_that_nothing_plays_is_no_reason_for_silence() {
        let mut tracks = vec![track(TrackType::Audio, "", false, true)];
        let chosen = choose(Path::new(""), &mut tracks, &Choice::default(), &mut Vec::new());
        assert_eq!(chosen.ok(), Some(vec![0]));
    }
}
