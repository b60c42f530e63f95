//! What a world is made of.

use std::rc::Rc;
use std::time::Duration;

use manifest::{Film, MediaTime};
use playback::{Options, SeekOrigin, StreamId};

use crate::film::Truth;
use crate::network::{Answer, Ask, Link, Origin};
use crate::source_buffer::Flavour;

/// Who chooses among the rungs of a film.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chooses {
    /// The one that plays is gone on with.
    Nobody,
    /// The rules of the project, which see the link and the film.
    Ladder,
    /// Chance, which also gives groups up that are under way.
    Dice,
}

/// The parts of one.
pub struct Setup {
    pub truth: Rc<Truth>,
    pub link: Link,
    pub origin: Origin,
    /// Answers requests for fragment tables.
    pub tables: Origin,
    /// Answers requests for the manifest; `None` is no answer.
    pub manifest: Box<dyn FnMut(Duration) -> Option<Film>>,
    /// How long those answers take beside the link's own delay.
    pub manifest_after: Duration,
    pub can_hash: bool,
    /// An audio stream selected before the film is loaded.
    pub audio: Option<StreamId>,
    /// A seek before the film is loaded: who wants it, and where to, in ms.
    pub sought: Option<(SeekOrigin, i64)>,
    pub options: Options,
    pub flavour: Flavour,
    pub video_quota: u64,
    pub audio_quota: u64,
    pub start: MediaTime,
    pub seed: u64,
    /// Who says which rung of a film the next group comes from.
    pub chooses: Chooses,
    /// Whether to note what the engine puts out: writing it all down takes longer than playing.
    pub fingerprints: bool,
}

impl Setup {
    /// 20 Mbit/s, Chrome's quotas, an origin that does as it is asked. For [`Truth::film`], of 2 Mbit/s, that is a link with plenty
    /// to spare: pacing keeps 10 to 14 s ahead instead of 30 at first.
    pub fn new(truth: impl Into<Rc<Truth>>) -> Self {
        let truth = truth.into();
        let film = truth.clone();
        Self {
            truth,
            link: Link::mbit(20),
            origin: Box::new(Answer::good),
            tables: Box::new(Answer::good),
            manifest: Box::new(move |_| Some(film.film.clone())),
            manifest_after: Duration::ZERO,
            can_hash: true,
            audio: None,
            sought: None,
            options: Options::default(),
            flavour: Flavour::Chrome,
            video_quota: 150 << 20,
            audio_quota: 12 << 20,
            start: MediaTime::ZERO,
            seed: 0,
            chooses: Chooses::Ladder,
            fingerprints: false,
        }
    }

    pub fn origin(self, origin: impl FnMut(&Ask, u64) -> Answer + 'static) -> Self {
        Self { origin: Box::new(origin), ..self }
    }

    pub fn tables(self, tables: impl FnMut(&Ask, u64) -> Answer + 'static) -> Self {
        Self { tables: Box::new(tables), ..self }
    }

    pub fn manifest(self, manifest: impl FnMut(Duration) -> Option<Film> + 'static) -> Self {
        Self { manifest: Box::new(manifest), ..self }
    }

    pub fn link(self, link: Link) -> Self {
        Self { link, ..self }
    }

    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    pub fn start(self, millis: i64) -> Self {
        Self { start: ms(millis), ..self }
    }

    pub fn quota(self, bytes: u64) -> Self {
        Self { video_quota: bytes, audio_quota: bytes, ..self }
    }
}

pub fn ms(millis: i64) -> MediaTime {
    MediaTime::from_millis(millis)
}
