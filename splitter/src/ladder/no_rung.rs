//! Why a file is no rung of a film.

use std::path::Path;

use crate::ffmpeg::by_hand;
use crate::track::Track;

/// Why a file is no rung of a film.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NoRung {
    /// It has sound or text alone.
    #[error("it has no pictures")]
    NoPictures,
    /// Sound whose frames are of another length than those of AAC, so that no rung's begin when they do.
    #[error(
        "its sound is coded as {codec}, whose frames do not begin when those of AAC do; --transcode makes AAC of it first"
    )]
    Frames {
        /// The codec string of the film's own.
        codec: String,
    },
    /// Another length.
    #[error("it lasts {seconds:.3} s, the film {film:.3} s; bring the same cut of the film")]
    Length {
        /// In seconds.
        seconds: f64,
        /// The film's, in seconds.
        film: f64,
    },
    /// Another frame rate, which is no multiple of the film's nor a part of it.
    #[error("it has {rate:.3} pictures in a second, the film {film:.3}; bring one of the film's own frame rate")]
    FrameRate {
        /// Pictures in a second.
        rate: f64,
        /// The film's pictures in a second.
        film: f64,
    },
    /// Too few times at which it and those before it can be switched.
    #[error(
        "of {of} keyframes of the film it has {shared} at the same time, so that a switch would take up to {seconds:.1} s; \
         `splitter FILM --ladder` makes rungs that fit, and so does: {command}"
    )]
    Keyframes {
        /// Times that all have a keyframe at.
        shared: usize,
        /// Times that the film has one at.
        of: usize,
        /// The longest time without one that is shared.
        seconds: f64,
        /// What makes one that fits.
        command: String,
    },
}

impl NoRung {
    /// The same with the command that makes a rung of the size of `rung` that fits the film.
    pub(super) fn with_command(self, path: &Path, film: &Track, rung: &Track) -> Self {
        match self {
            Self::Keyframes { .. } if !film.is_video => Self::Frames { codec: film.track.entry().codec.clone() },
            Self::Keyframes { shared, of, seconds, .. } => {
                let height = rung.track.shown_size().1 / 2 * 2;
                let command = by_hand(
                    path,
                    &format!(
                        "-map 0:V:0 -vf scale=-2:{height} -c:v libx264 -preset slow -crf 21 -pix_fmt yuv420p -flags +cgop \
                         -force_key_frames source -fps_mode passthrough"
                    ),
                );
                Self::Keyframes { shared, of, seconds, command }
            }
            other => other,
        }
    }
}
