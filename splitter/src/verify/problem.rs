//! What can be wrong with a cut.

use std::fmt;

use manifest::Digest;
use serde::Serialize;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The file, as the manifest names it.
    pub file: String,
    /// Where in the file, where that can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// What.
    #[serde(flatten)]
    pub problem: Problem,
    /// The same for people.
    pub message: String,
}

impl Finding {
    pub(super) fn new(file: &str, problem: Problem) -> Self {
        Self { file: file.to_owned(), offset: None, message: problem.to_string(), problem }
    }

    pub(super) fn at(file: &str, offset: u64, problem: Problem) -> Self {
        Self { offset: Some(offset), ..Self::new(file, problem) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Some(offset) => write!(f, "{} at byte {offset}: {}", self.file, self.problem),
            None => write!(f, "{}: {}", self.file, self.problem),
        }
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Serialize, thiserror::Error)]
#[serde(tag = "problem", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Problem {
    /// The file is not there, or cannot be read to its end.
    #[error("cannot be read: {why}")]
    Unreadable {
        /// What the system or the server said.
        why: String,
    },
    /// The manifest was changed after the cut.
    #[error("its id is {found}, but what it says has the id {expected}: it was changed by hand")]
    Id {
        /// The content id of what it says.
        expected: String,
        /// The one it gives.
        found: String,
    },
    /// Another length than the manifest says.
    #[error("has {found} bytes, the manifest says {expected}")]
    Length {
        /// In the manifest.
        expected: u64,
        /// In the file.
        found: u64,
    },
    /// Other bytes than the manifest says.
    #[error("has the digest {found}, the manifest says {expected}")]
    Digest {
        /// In the manifest.
        expected: Digest,
        /// Of the file.
        found: Digest,
    },
    /// A fragment has other bytes than its table says.
    #[error("fragment {fragment} has the digest {found}, its table says {expected}")]
    FragmentDigest {
        /// Its number in the chunk, from 0.
        fragment: usize,
        /// In the table.
        expected: Digest,
        /// Of its bytes.
        found: Digest,
    },
    /// The init that the manifest brings is not that in the file.
    #[error("differs from the bytes that the manifest itself brings")]
    InitData,
    /// The init is none.
    #[error("is no init of a fragmented film: {why}")]
    Init {
        /// Where and why.
        why: String,
    },
    /// The manifest says something else of the stream than its init.
    #[error("the {what} is {init}, the manifest says {manifest}")]
    Property {
        /// Such as `codec`.
        what: &'static str,
        /// In the manifest.
        manifest: String,
        /// In the init.
        init: String,
    },
    /// Boxes that are damaged or out of order.
    #[error("{why}")]
    Boxes {
        /// Where and why.
        why: String,
    },
    /// The table of fragments does not fit the chunk.
    #[error("{why}")]
    Table {
        /// Why.
        why: String,
    },
    /// A fragment has other measures than its table says.
    #[error("fragment {fragment} has {found} {unit}, its table says {expected}")]
    Fragment {
        /// Its number in the chunk, from 0.
        fragment: usize,
        /// `bytes` or `ticks`.
        unit: &'static str,
        /// In the table.
        expected: u64,
        /// In its boxes.
        found: u64,
    },
    /// No fragment begins where a group should.
    #[error("group {group} begins in the middle of a fragment")]
    GroupInFragment {
        /// Its number in the chunk, from 0.
        group: usize,
    },
    /// A group does not begin at a sync sample.
    #[error("group {group} does not begin at a sync sample, so that no decoder can start there")]
    NoSync {
        /// Its number in the chunk, from 0.
        group: usize,
    },
    /// A group begins at another time than the index says.
    #[error("group {group} begins at tick {found}, the manifest says {expected}")]
    GroupTime {
        /// Its number in the chunk, from 0.
        group: usize,
        /// In the manifest.
        expected: i64,
        /// In its boxes.
        found: i64,
    },
    /// Samples that no decoder takes, as far as that shows without one.
    #[error("track {track} has {samples} samples that cannot be decoded, here first: {why}")]
    Undecodable {
        /// The track.
        track: u32,
        /// How many there are in the chunk.
        samples: u64,
        /// What is wrong with the first.
        why: &'static str,
    },
    /// What a decoder says.
    #[error("ffmpeg cannot decode it without a complaint: {said}")]
    Decode {
        /// Its complaints.
        said: String,
    },
    /// Decode times do not go on.
    #[error("track {track} goes on at tick {found}, the fragment before ends at {expected}")]
    Gap {
        /// The track.
        track: u32,
        /// Where the fragment before ends.
        expected: u64,
        /// Where this one begins.
        found: u64,
    },
    /// A rung cannot be switched to where its index says so.
    #[error("group {group} does not begin when that of {other} does, so that a player cannot go from one to the other")]
    Alignment {
        /// Its number in the stream, from 0; the first that differs.
        group: usize,
        /// The init of the rung above it.
        other: String,
    },
    /// A playlist is not the one that the manifest gives.
    #[error("is not the playlist of this manifest")]
    Playlist,
    /// Other bytes than those that the file was named after.
    #[error("has the digest {found}…, its name holds another")]
    Name {
        /// How the digest of the file begins.
        found: String,
    },
    /// A picture that is none.
    #[error("is no JPEG picture")]
    NoPicture,
    /// A text that is no WebVTT.
    #[error("does not begin with WEBVTT")]
    NoWebVtt,
}
