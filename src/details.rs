//! The details of the player's events, as pages get them. Times are in seconds, lengths of time (`after`, `within`) in
//! milliseconds.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

/// Who wanted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Origin {
    /// The person before the screen.
    User,
    /// The room of a party, for all its members.
    Party,
    /// The page, or the player itself.
    Program,
}

/// Why playback stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StallCause {
    /// The bytes are not here yet.
    Network,
    /// The bytes are not here, and the browser says that it has no network.
    Offline,
    /// A seek has not found its bytes yet.
    Seek,
    /// The bytes are here, and the decoder shows nothing.
    Decoder,
}

/// What happened and how long it took, in milliseconds.
#[derive(Serialize, Tsify)]
pub(crate) struct AfterDetail {
    pub(crate) after: f64,
}

/// What has happened that the film goes on with another MediaSource; `loaded` follows.
#[derive(Serialize, Tsify)]
pub(crate) struct ReopeningDetail {
    pub(crate) message: String,
}

/// Where a seek leads, and who wanted it.
#[derive(Serialize, Tsify)]
pub(crate) struct SeekDetail {
    pub(crate) to: f64,
    pub(crate) origin: Origin,
}

/// The element has begun to play, or has been paused; who wanted that.
#[derive(Serialize, Tsify)]
pub(crate) struct OriginDetail {
    pub(crate) origin: Origin,
}

/// The film plays at another rate, 1 is as it was made; who wanted that.
#[derive(Serialize, Tsify)]
pub(crate) struct RateDetail {
    pub(crate) rate: f64,
    pub(crate) origin: Origin,
}

#[derive(Serialize, Tsify)]
pub(crate) struct StallDetail {
    pub(crate) cause: StallCause,
}

/// At the rate at which bytes come, playback will stand still at `at`, in `within` milliseconds.
#[derive(Serialize, Tsify)]
pub(crate) struct StallPredictedDetail {
    pub(crate) at: f64,
    pub(crate) within: f64,
}

/// A request failed and is sent again in `after` milliseconds.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub(crate) struct RetryingDetail {
    #[tsify(type = "ErrorCode")]
    pub(crate) code: &'static str,
    pub(crate) stream: Option<usize>,
    /// Of what was asked for, relative to the manifest; of manifests, inits and subtitles absolute.
    pub(crate) url: Option<String>,
    /// What happened, without the place.
    pub(crate) failure: String,
    pub(crate) after: f64,
    /// Place and failure in one, for people.
    pub(crate) message: String,
}

/// Bytes `start..end` of a chunk are not those that were cut; they are fetched again.
#[derive(Serialize, Tsify)]
pub(crate) struct DamagedDetail {
    pub(crate) stream: usize,
    pub(crate) url: String,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// A chunk, or without `url` the film, plays without a check: `cause` is `"context"`, or what is wrong with its table.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub(crate) struct UncheckedDetail {
    pub(crate) url: Option<String>,
    pub(crate) cause: String,
}

/// Another cut of the film has been published; the old one keeps playing.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub(crate) struct NewCutDetail {
    /// Its content id.
    pub(crate) id: Option<String>,
}

#[derive(Serialize, Tsify)]
pub(crate) struct SteppedOverDetail {
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// An answer; `cache` is what an edge cache says of it (CF-Cache-Status).
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub(crate) struct ResponseDetail {
    pub(crate) stream: usize,
    pub(crate) chunk: usize,
    pub(crate) status: u16,
    pub(crate) cache: Option<String>,
}

#[derive(Serialize, Tsify)]
pub(crate) struct BufferDetail {
    pub(crate) ahead: f64,
}

#[derive(Serialize, Tsify)]
pub(crate) struct StateDetail {
    pub(crate) state: crate::state::PlayerState,
}

impl From<playback::SeekOrigin> for Origin {
    fn from(origin: playback::SeekOrigin) -> Self {
        match origin {
            playback::SeekOrigin::User => Self::User,
            playback::SeekOrigin::Party => Self::Party,
            playback::SeekOrigin::Program => Self::Program,
        }
    }
}

impl From<Origin> for playback::SeekOrigin {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::User => Self::User,
            Origin::Party => Self::Party,
            Origin::Program => Self::Program,
        }
    }
}

impl From<playback::StallCause> for StallCause {
    fn from(cause: playback::StallCause) -> Self {
        match cause {
            playback::StallCause::Network => Self::Network,
            playback::StallCause::Offline => Self::Offline,
            playback::StallCause::Seek => Self::Seek,
            playback::StallCause::Decoder => Self::Decoder,
        }
    }
}
