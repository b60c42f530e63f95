//! What the engine does about the next bytes of a stream, or why it does nothing; and what it waits for.

use std::fmt;

use crate::Now;

/// What a stream does about its next bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activity {
    /// Nothing yet.
    #[default]
    Idle,
    /// A request has been sent.
    Asking,
    /// A piece of an answer is awaited.
    Reading,
    /// Nothing: all of the stream is here.
    Complete,
    /// Nothing: a fatal error has been told.
    Failed,
    /// Nothing: nobody has wanted to see the film yet.
    OnHold,
    /// Nothing: a request has failed, and `navigator.onLine` is false.
    Offline,
    /// Nothing: a request has failed, and is sent again in a moment.
    Retrying,
    /// Nothing: the manifest is asked whether it still names a chunk that is not there.
    AskingManifest,
    /// Nothing: a film without an index has not said where the chunk begins.
    Surveying,
    /// Nothing: what is about to be left is checked first.
    Checking,
    /// Nothing: the browser wants no data (ManagedMediaSource).
    Unwanted,
    /// Nothing: as much has come ahead as is to be fetched for now, which may be less than [`crate::Options::ahead`], and may yet have to be
    /// appended.
    AtGoal,
    /// Nothing: what has come is yet to be appended.
    Backlog,
    /// Nothing: sound is far enough ahead of pictures.
    AwaitingPictures,
    /// Nothing: the decoder has what shows the picture, and has not shown it.
    AwaitingDecoder,
    /// Nothing: a paused film has just shown a picture, and its viewer may go on to another.
    Dwelling,
    /// Nothing: what comes next is buffered already.
    Buffered,
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => "nothing yet",
            Self::Asking => "waits for an answer",
            Self::Reading => "reads",
            Self::Complete => "has come to its end",
            Self::Failed => "rests after an error",
            Self::OnHold => "rests until somebody wants to see the film",
            Self::Offline => "waits for a network",
            Self::Retrying => "waits to try again",
            Self::AskingManifest => "asks the manifest for a missing chunk",
            Self::Surveying => "finds out where chunks begin",
            Self::Checking => "is checked before a jump",
            Self::Unwanted => "rests: the browser wants no data",
            Self::AtGoal => "rests: enough is ahead",
            Self::Backlog => "rests: what has come is to be appended first",
            Self::AwaitingPictures => "rests: pictures come first",
            Self::AwaitingDecoder => "rests until there is a picture",
            Self::Dwelling => "rests while a paused picture is looked at",
            Self::Buffered => "rests: what comes next is there",
        })
    }
}

/// When to look again though nothing has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Until then.
    pub until: Now,
    /// What for.
    pub why: Why,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The playhead is to be looked at: it moves, or should.
    Playhead,
    /// A failed request is sent again.
    Retry,
    /// A request that stays silent is given up.
    Silence,
    /// An answer that nobody reads is given up.
    Unread,
    /// Whoever looks at a paused picture has found their place.
    Dwell,
    /// The decoder has had its time to show a picture.
    Decoder,
    /// A gap in what the browser reports lasts.
    Gap,
    /// The manifest has not come, or is to be looked at again.
    Manifest,
    /// A seek has come to rest unless another one begins.
    Rest,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Playhead => "to look at the playhead",
            Self::Retry => "to try a request again",
            Self::Silence => "to give a silent request up",
            Self::Unread => "to give an unread answer up",
            Self::Dwell => "to fetch on though the film is paused",
            Self::Decoder => "to fetch on though there is no picture",
            Self::Gap => "to fetch what lies after a gap",
            Self::Manifest => "for the manifest",
            Self::Rest => "for another seek",
        })
    }
}

/// The wait that ends first.
pub(crate) fn earliest(waits: &[(Option<Now>, Why)]) -> Option<Wait> {
    waits.iter().fold(None, |first, (until, why)| earlier(first, until.map(|until| Wait { until, why: *why })))
}

/// The wait of the two that ends first; of equals `one`.
pub(crate) fn earlier(one: Option<Wait>, other: Option<Wait>) -> Option<Wait> {
    match (one, other) {
        (Some(one), Some(other)) if other.until < one.until => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}
