//! What a user should know although the film was cut.

use std::fmt;

use crate::Loss;
use crate::track_type::TrackType;

/// What a user should know although the film was cut.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Warning {
    /// A track that carries no picture or sound of the film.
    LeftOut {
        /// Its number.
        track: u32,
        /// What it is coded as.
        codec: String,
    },
    /// A track of pictures or sound without a sample.
    Empty {
        /// Its number.
        track: u32,
        /// What it would be coded as.
        codec: String,
    },
    /// Film is missing, and what is there is published because that was asked for.
    Incomplete {
        /// What came of it.
        loss: Loss,
    },
    /// Samples that no decoder takes, which are left out because that was asked for.
    Undecodable {
        /// Number of the track.
        track: u32,
        /// How many there are.
        samples: u64,
        /// When the first of them is decoded, in seconds from the track's beginning.
        seconds: f64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Pictures in front of the first keyframe, which nothing decodes and which are left out.
    BeforeKeyframe {
        /// Number of the track.
        track: u32,
        /// How many there are.
        samples: u32,
        /// Seconds that they take.
        seconds: f64,
    },
    /// A time between fragments in which nothing comes.
    Gap {
        /// Number of the track.
        track: u32,
        /// When it begins, in seconds.
        seconds: f64,
        /// How long it is, in seconds.
        gap: f64,
    },
    /// Another film behind the first in the same file.
    SecondFilm {
        /// Where it begins.
        offset: u64,
    },
    /// What ffmpeg complained of, although nothing seems to be lost.
    Ffmpeg {
        /// Its words.
        said: String,
    },
    /// Pictures besides those that are shown: another camera, another language of the titles.
    OtherPictures {
        /// The number of the track among those of video, from 1.
        number: u32,
        /// The number of the one that is cut.
        chosen: u32,
    },
    /// A track that no browser plays, beside others of its kind.
    Unplayable {
        /// Its kind.
        kind: TrackType,
        /// Its number among those of its kind, from 1.
        number: u32,
        /// What it is coded as.
        codec: String,
    },
    /// Bytes that are no part of the film.
    Junk {
        /// Where they begin in the file.
        offset: u64,
        /// How many there are.
        bytes: u64,
    },
    /// Tables that are wrong in a way that could be mended.
    Mended {
        /// The number of the track.
        track: u32,
        /// What is wrong with it and what became of that, in words that follow "track 1".
        what: &'static str,
    },
    /// Keyframes of open GOPs, which begin no group.
    OpenGop {
        /// Name of the stream.
        stream: String,
        /// How many there are.
        keyframes: u32,
    },
    /// H.264 without any IDR picture.
    NoIdr {
        /// Name of the stream.
        stream: String,
    },
    /// A stream that has no place in a muxed one.
    NotMuxed {
        /// Its name.
        stream: String,
    },
    /// A film that has no room for rungs.
    NoLadder,
    /// A rung that would be hardly smaller than the one above it.
    RungLeftOut {
        /// Such as `480p`.
        rung: String,
    },
    /// A film without pictures has no thumbnails.
    NoPictures,
    /// An edit list with other speeds, which browsers do not follow.
    Edits {
        /// The number of the track.
        track: u32,
    },
    /// A codec that not every browser has.
    Codec {
        /// Name of the stream.
        stream: String,
        /// Its codec string.
        codec: String,
        /// Where it does not play.
        lacking: &'static str,
    },
    /// Silence that was put in front of sound that begins after the pictures.
    Silence {
        /// Name of the stream.
        stream: String,
        /// How much it is, in seconds.
        seconds: f64,
    },
    /// Sound that begins after the pictures, and no silence was put in front of it: none is known for how it is coded, or it
    /// would be longer than any film's.
    LateSound {
        /// Name of the stream.
        stream: String,
        /// When it begins, in seconds.
        seconds: f64,
    },
    /// Keyframes far apart.
    LongGroup {
        /// Name of the stream.
        stream: String,
        /// When the longest group begins, in seconds.
        at: f64,
        /// How long it is, in seconds.
        seconds: f64,
    },
}

impl Warning {
    /// Whether film is missing.
    pub(crate) fn is_loss(&self) -> bool {
        matches!(
            self,
            Self::Incomplete { .. }
                | Self::Undecodable { .. }
                | Self::BeforeKeyframe { .. }
                | Self::Gap { .. }
                | Self::SecondFilm { .. }
        )
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeftOut { track, codec } => {
                write!(f, "track {track} ({codec}) carries no picture or sound of the film and is left out")
            }
            Self::Empty { track, codec } => write!(f, "track {track} ({codec}) has no samples and is left out"),
            Self::Incomplete { loss } => write!(f, "the film is not whole: {loss}"),
            Self::Undecodable { track, samples, seconds, why } => write!(
                f,
                "{samples} samples of track {track}, the first at {seconds:.1} s, cannot be decoded and are left out: {why}"
            ),
            Self::BeforeKeyframe { track, samples, seconds } => write!(
                f,
                "{samples} pictures of track {track} come before its first keyframe; nothing decodes these {seconds:.1} s, and they \
                 are left out"
            ),
            Self::Gap { track, seconds, gap } => write!(
                f,
                "track {track} has nothing for {gap:.1} s from {seconds:.1} s on: its fragments leave that time out, and what comes \
                 before lasts as much longer"
            ),
            Self::SecondFilm { offset } => write!(
                f,
                "another film begins at byte {offset} of the file, and is left out, as players do; take it out with: \
                 tail -c +{} FILM > second.mp4",
                offset + 1
            ),
            Self::Ffmpeg { said } => write!(f, "ffmpeg complains of the film, though nothing seems to be lost: {said}"),
            Self::OtherPictures { number, chosen } => write!(
                f,
                "video {number} is left out, and video {chosen} is cut; --video {number} cuts the other one instead"
            ),
            Self::Unplayable { kind, number, codec } => write!(
                f,
                "{kind} {number} ({codec}) is left out, because no browser plays it; --transcode has ffmpeg re-encode it \
                 if it can"
            ),
            Self::Junk { offset, bytes } => {
                write!(f, "{bytes} bytes from byte {offset} on are no part of the film, and are passed over")
            }
            Self::Mended { track, what } => write!(f, "track {track} {what}"),
            Self::OpenGop { stream, keyframes } => write!(
                f,
                "{stream} has {keyframes} keyframes that are no IDR pictures (open GOPs); Chromium cannot start at them, so \
                 that groups begin at IDR pictures alone. Where those are far apart seeks are slow: cut again with \
                 --transcode to have ffmpeg put one every 2 s"
            ),
            Self::NoIdr { stream } => write!(
                f,
                "{stream} has no IDR picture at all, so that it does not play in Chromium; cut again with --transcode to \
                 have ffmpeg put one every 2 s"
            ),
            Self::NotMuxed { stream } => {
                write!(f, "{stream} is left out: --muxed takes one video and one audio track; without it, all are kept")
            }
            Self::NoLadder => {
                write!(
                    f,
                    "the film is so small already that --ladder auto makes no rungs of it; name heights to have them"
                )
            }
            Self::RungLeftOut { rung } => {
                write!(f, "the rung {rung} is left out: the one above it has less than 1.4 times as many bytes")
            }
            Self::NoPictures => write!(f, "the film has no pictures, so that --thumbnails makes none"),
            Self::Edits { track } => write!(
                f,
                "track {track} is to be played at another speed in parts; browsers play all of it at its own. To make that \
                 real, export the film once more from the program that made it"
            ),
            Self::Codec { stream, codec, lacking } => write!(
                f,
                "{stream} is coded as {codec}, which does not play in {lacking}; cut again with --transcode to have \
                 ffmpeg re-encode it for every browser, or pictures with --ladder to have rungs that all of them play"
            ),
            Self::Silence { stream, seconds } => write!(
                f,
                "{stream} begins late, and {seconds:.2} s of silence were put in front of it: some browsers show no picture \
                 before there is sound"
            ),
            Self::LateSound { stream, seconds } => write!(
                f,
                "{stream} begins {seconds:.1} s after the film; some browsers show no picture before there is sound. To \
                 fill that with silence: ffmpeg -i FILM -c:v copy -af aresample=async=1:first_pts=0 -c:a aac film.mp4"
            ),
            Self::LongGroup { stream, at, seconds } => write!(
                f,
                "{stream} has no keyframe for {seconds:.1} s from {at:.1} s on: a seek there downloads and decodes up to \
                 that much before it shows a picture. To put one every 2 s: ffmpeg -i FILM -c:v libx264 -crf 20 \
                 -force_key_frames 'expr:gte(t,n_forced*2)' -c:a copy film.mp4"
            ),
        }
    }
}

/// In JSON a warning is what it says.
impl serde::Serialize for Warning {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
