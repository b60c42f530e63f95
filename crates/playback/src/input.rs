//! What the shell tells the engine.

use std::rc::Rc;

use manifest::{ChunkIndex, Digest, Film, FragmentTable, Kind, MediaTime};

use crate::{Answer, BufferId, CheckId, FragmentFacts, InitId, Options, Ranges, RequestId, SeekOrigin, StreamId};

/// A fact. Facts about a request that the engine has given up are ignored.
#[derive(Clone, Debug)]
pub enum Input {
    /// A film to play from `start` on. `supported` says for each stream whether the browser can play its `mime`
    /// (`true` where that is not known yet). Once. Of what comes before only [`Self::Seek`] and [`Self::SelectAudio`] mean something.
    Load {
        /// The manifest.
        film: Rc<Film>,
        /// One for each stream.
        supported: Vec<bool>,
        /// Where to begin.
        start: MediaTime,
        /// Whether the shell can answer [`crate::Output::Hash`]; browsers only let secure contexts.
        can_hash: bool,
    },
    /// The media source is open and has the SourceBuffers of [`crate::Output::Open`].
    Opened,
    /// It could not be made: the browser does not play that type.
    Unsupported {
        /// The type.
        mime: String,
    },
    /// What becomes of a request.
    Answer {
        /// Which.
        request: RequestId,
        /// What has come of it.
        answer: Answer,
    },
    /// An init was seen in the bytes of a stream without an index.
    Init {
        /// Which stream.
        stream: StreamId,
        /// The chunk that begins with it.
        chunk: ChunkIndex,
        /// Which of the stream's inits.
        init: InitId,
        /// What it carries.
        kind: Kind,
        /// Its type with codecs.
        mime: String,
        /// The length of the film, where the init says (`mehd`).
        duration: Option<MediaTime>,
    },
    /// The head (`moof`) of a fragment was seen in the bytes of a stream without an index.
    Fragment {
        /// Which stream.
        stream: StreamId,
        /// What it says.
        facts: FragmentFacts,
    },
    /// The answer to [`crate::Output::Hash`].
    Hashed {
        /// Which check.
        check: CheckId,
        /// Of the bytes; `None` when it could not be worked out.
        digest: Option<Digest>,
    },
    /// The answer to [`crate::Output::ReadTable`].
    Table {
        /// Of which stream.
        stream: StreamId,
        /// Of which chunk.
        chunk: ChunkIndex,
        /// Of the table's bytes; `None` when it could not be worked out.
        digest: Option<Digest>,
        /// What they say.
        table: Result<FragmentTable, manifest::Error>,
    },
    /// The answer to [`crate::Output::ReloadManifest`]; `None` when there is none to be had.
    Manifest(Option<Box<Film>>),
    /// Look whether there is a new cut of the film.
    Reload,
    /// Play another audio stream instead of the one that plays. One that the browser does not play is ignored.
    SelectAudio {
        /// Which.
        stream: StreamId,
    },
    /// The answer to [`crate::Output::Choose`]: which rung the group is fetched from. One that is no other rung of the same set is the
    /// one that fetches now.
    Chosen {
        /// [`crate::Question::stream`]. Where another has taken its place meanwhile, the answer counts no more.
        instead_of: StreamId,
        /// Which.
        rung: StreamId,
    },
    /// The bytes of a stream are not what can be played.
    Malformed {
        /// Which stream.
        stream: StreamId,
        /// Which chunk.
        chunk: ChunkIndex,
        /// What is wrong, for people.
        what: String,
    },
    /// The one operation in flight on a SourceBuffer is done.
    Done {
        /// Which.
        buffer: BufferId,
        /// `SourceBuffer.buffered` now.
        buffered: Ranges,
    },
    /// The answer to [`crate::Output::Inspect`], or the browser has dropped something by itself.
    Buffered {
        /// Which.
        buffer: BufferId,
        /// `SourceBuffer.buffered` now.
        buffered: Ranges,
    },
    /// The one operation in flight on a SourceBuffer failed.
    OperationFailed {
        /// Which.
        buffer: BufferId,
        /// How.
        error: OperationError,
        /// `SourceBuffer.buffered` now.
        buffered: Ranges,
    },
    /// The media element has an error, or the MediaSource refused what only it can do.
    MediaFailed {
        /// What the browser says.
        what: String,
    },
    /// The page has had the media element load anew (`HTMLMediaElement.load`): its MediaSource is closed and has no
    /// SourceBuffers any more.
    Emptied,
    /// Where the playhead is: on every media event but `timeupdate`, with each operation that is done, with a seek, and before every
    /// timer.
    Playhead(Playhead),
    /// Somebody wants to be elsewhere.
    Seek {
        /// Where.
        to: MediaTime,
        /// Who.
        origin: SeekOrigin,
    },
    /// Whether the browser wants data: a ManagedMediaSource says so, others always do. What is needed for the picture at
    /// the playhead is fetched all the same.
    Streaming(bool),
    /// `navigator.onLine` changed.
    Online(bool),
    /// Whether all but the inits is left for later: nobody may want to see the film. A seek ends that, too.
    Hold(bool),
    /// Try again after a fatal error.
    Retry,
    /// Other options from now on. Of `integrity` and `seed` those stay that the film was loaded with.
    Configure(Box<Options>),
}

/// Why a SourceBuffer refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationError {
    /// `QuotaExceededError`.
    Quota,
    /// Anything else; the media element's error where it has one.
    Refused(String),
}

/// A sample of the media element.
#[derive(Clone, Debug, PartialEq)]
pub struct Playhead {
    /// `currentTime`.
    pub time: MediaTime,
    /// `readyState`.
    pub ready: ReadyState,
    /// `paused`.
    pub paused: bool,
    /// `seeking`.
    pub seeking: bool,
    /// `ended`. It flickers: browsers set it for a moment at the end of what is buffered, and take it back when more is appended or
    /// the MediaSource opens again. [`crate::Event::Ended`] is told once.
    pub ended: bool,
    /// Whether the page is hidden. That it changes is no reason for a sample by itself.
    pub hidden: bool,
    /// `playbackRate`.
    pub rate: f64,
    /// `loop`: the element goes back to the beginning by itself.
    pub loops: bool,
}

impl Playhead {
    /// Whether it stands still by right: paused, or at a rate of 0.
    pub(crate) fn rests(&self) -> bool {
        self.paused || self.rate <= 0.0
    }
}

impl Default for Playhead {
    fn default() -> Self {
        let (time, ready) = (MediaTime::ZERO, ReadyState::Nothing);
        Self { time, ready, paused: false, seeking: false, ended: false, hidden: false, rate: 1.0, loops: false }
    }
}

/// `HTMLMediaElement.readyState`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReadyState {
    /// 0
    #[default]
    Nothing,
    /// 1
    Metadata,
    /// 2
    CurrentData,
    /// 3
    FutureData,
    /// 4
    EnoughData,
}

impl From<u16> for ReadyState {
    fn from(value: u16) -> Self {
        match value {
            0 => Self::Nothing,
            1 => Self::Metadata,
            2 => Self::CurrentData,
            3 => Self::FutureData,
            _ => Self::EnoughData,
        }
    }
}
