//! What can be chosen.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signing::Keys;

use crate::ffmpeg::is_installed;
use crate::{ByteSize, Choice, Error, LadderChoice, SoundRate, SubtitlesFile};

/// The largest file that Cloudflare keeps on its Free to Business plans.
pub(crate) const EDGE_LIMIT: ByteSize = ByteSize(512_000_000);

/// Presets of libx264, the quickest first.
pub(crate) const PRESETS: [&str; 9] =
    ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"];

/// How to cut a film.
#[derive(Clone, Debug)]
pub struct Options {
    /// The film; `-` for standard input.
    pub film: PathBuf,
    /// The pictures of the film at other rates, each in a file of its own.
    pub rungs: Vec<PathBuf>,
    /// Which rungs ffmpeg makes of the film; `None` for none. They are kept beside the cuts until those are pruned.
    pub ladder: Option<LadderChoice>,
    /// Rates of sound at which ffmpeg makes rungs of it.
    pub audio_ladder: Vec<SoundRate>,
    /// The preset of libx264 that they are made with: `medium` unless set.
    pub ladder_preset: String,
    /// The directory to publish in; made where it is not there.
    pub out: PathBuf,
    /// The most bytes in a chunk: 256 MB unless set, and at most 512 MB unless [`Self::force`] is.
    pub chunk_size: ByteSize,
    /// How long a fragment should be, 0.1 to 10 s: half a second unless set. It is fitted to the group that it is in, and cut again
    /// where it has more than 768 KiB.
    pub fragment_duration: Duration,
    /// Whether video and audio go into the same fragments, as one stream.
    pub muxed: bool,
    /// The film's name, for people.
    pub name: Option<String>,
    /// The keys of a film that only those with a link may watch: the first makes the cut's name, which nobody can guess then.
    pub private: Option<Keys>,
    /// Subtitles beside the film.
    pub subtitles: Vec<SubtitlesFile>,
    /// Which of the film's tracks are cut.
    pub choice: Choice,
    /// The least time between two pictures of the seek bar, 0.5 to 600 s; `None` for no pictures.
    pub thumbnails: Option<Duration>,
    /// Whether ffmpeg may re-encode what not every browser plays.
    pub transcode: bool,
    /// Whether pictures are left out.
    pub audio_only: bool,
    /// Whether sound is left out.
    pub pictures_only: bool,
    /// Whether what is there of a film that is cut off or damaged may be published.
    pub keep_going: bool,
    /// Whether chunks may be larger than edges are known to hold.
    pub force: bool,
    /// Set it to stop.
    pub stop: Stop,
}

impl Options {
    /// Chunks of 256 MB, fragments of half a second.
    #[must_use]
    pub fn new(film: impl Into<PathBuf>, out: impl Into<PathBuf>) -> Self {
        Self {
            film: film.into(),
            rungs: Vec::new(),
            ladder: None,
            audio_ladder: Vec::new(),
            ladder_preset: "medium".to_owned(),
            out: out.into(),
            chunk_size: ByteSize(256_000_000),
            fragment_duration: Duration::from_millis(500),
            muxed: false,
            name: None,
            private: None,
            subtitles: Vec::new(),
            choice: Choice::default(),
            thumbnails: None,
            transcode: false,
            audio_only: false,
            pictures_only: false,
            keep_going: false,
            force: false,
            stop: Stop::default(),
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.chunk_size > EDGE_LIMIT && !self.force {
            return Err(Error::ChunkSize { size: self.chunk_size, limit: EDGE_LIMIT });
        }
        let seconds = self.fragment_duration.as_secs_f64();
        if !(0.1..=10.0).contains(&seconds) {
            return Err(Error::FragmentDuration { seconds });
        }
        if let Some(seconds) = self.thumbnails.map(|interval| interval.as_secs_f64()) {
            if !(0.5..=600.0).contains(&seconds) {
                return Err(Error::ThumbnailInterval { seconds });
            }
            if !is_installed() {
                return Err(Error::NoFfmpegForThumbnails);
            }
        }
        if self.ladder.is_some() && !PRESETS.contains(&self.ladder_preset.as_str()) {
            return Err(Error::LadderPreset { preset: self.ladder_preset.clone() });
        }
        if (self.ladder.is_some() || !self.audio_ladder.is_empty()) && !is_installed() {
            return Err(Error::NoFfmpegForLadder);
        }
        Ok(())
    }
}

/// A wish to stop, shared with whoever may have it.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the cut to end soon with [`Error::Interrupted`].
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// What [`Self::ask`] sets, for handlers of signals, which can do no more than that.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.0.clone()
    }

    /// Whether that was asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.is_asked() { Err(Error::Interrupted) } else { Ok(()) }
    }
}
