//! Why a film was not cut. What each says to people stands in `message`.

mod message;

use std::io;
use std::path::{Path, PathBuf};

use crate::{ByteSize, Loss, NoRung};

/// Why a film was not cut. What was published before is untouched then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused to read or write.
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The file has another container.
    NotMp4 {
        /// The film.
        path: PathBuf,
        /// What stands where the type of the first box should.
        found: String,
    },
    /// ffmpeg is needed and not there.
    NoFfmpeg {
        /// The film.
        path: PathBuf,
    },
    /// ffmpeg could not convert the film.
    Ffmpeg {
        /// The film.
        path: PathBuf,
        /// Its last words.
        said: String,
    },
    /// Film is missing.
    Incomplete {
        /// The film.
        path: PathBuf,
        /// What came of it.
        loss: Loss,
    },
    /// A file that is no rung of the film.
    NoRung {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: NoRung,
    },
    /// Options that leave no pictures of which there could be rungs.
    NoLadder {
        /// Why not.
        why: String,
    },
    /// A preset that libx264 does not have.
    LadderPreset {
        /// What was asked for.
        preset: String,
    },
    /// ffmpeg is needed for rungs and not there.
    NoFfmpegForLadder,
    /// A film whose pictures would be lost.
    NoPictures {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
        /// Why.
        why: String,
    },
    /// ffmpeg is needed for thumbnails and not there.
    NoFfmpegForThumbnails,
    /// ffmpeg is needed to decode and not there.
    NoFfmpegForDecoding,
    /// ffmpeg could not make thumbnails.
    Thumbnails {
        /// The film.
        path: PathBuf,
        /// Its complaints.
        said: String,
    },
    /// An interval between thumbnails that makes no sense.
    ThumbnailInterval {
        /// What was asked for.
        seconds: f64,
    },
    /// A file that has no subtitles, or unreasonably many.
    Subtitles {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: captions::Error,
    },
    /// The film is encrypted.
    Encrypted {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
    },
    /// The file ends before its headers.
    NoMoov {
        /// The film.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// A box of headers that no film needs to be that large.
    BoxTooLarge {
        /// The film.
        path: PathBuf,
        /// Type of the box.
        kind: String,
        /// Where it begins.
        offset: u64,
        /// What it says.
        bytes: u64,
        /// The most that is read.
        limit: u64,
    },
    /// A box is damaged.
    Box {
        /// The film.
        path: PathBuf,
        /// Where and why.
        cause: isobmff::Error,
    },
    /// A clock that stands still, which ffmpeg would take for one of a tick in a second.
    NoClock {
        /// The film.
        path: PathBuf,
        /// Where.
        cause: isobmff::Error,
    },
    /// The samples of the tracks together take more room than the file has.
    Overlapping {
        /// The film.
        path: PathBuf,
        /// What the tracks list.
        listed: u64,
        /// The file's length.
        bytes: u64,
    },
    /// Fragments overlap in time or jump back.
    Backwards {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
        /// Where the fragment begins.
        offset: u64,
        /// Decode time that the fragment says.
        found: u64,
        /// Decode time at which the one before ends.
        expected: u64,
    },
    /// Two films in one file, of which a player shows the first alone.
    TwoFilms {
        /// The film.
        path: PathBuf,
        /// Where the second begins.
        offset: u64,
    },
    /// The durations of samples are not those that the headers speak of.
    Durations {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
        /// Seconds by the table of samples.
        listed: f64,
        /// Seconds by the header.
        said: f64,
        /// Pictures in a second by the header, as a fraction; absent for sound.
        rate: Option<(u64, u64)>,
    },
    /// Samples lie partly in each other.
    Overlap {
        /// The film.
        path: PathBuf,
        /// Where the second begins.
        start: u64,
        /// Where the first of them ends.
        end: u64,
    },
    /// An edit list that no SourceBuffer follows.
    Edits {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
    },
    /// Nothing in the file can be played.
    NoStreams {
        /// The film.
        path: PathBuf,
    },
    /// Nothing of a track can be decoded.
    NoKeyframe {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
    },
    /// The times of a track are beyond every clock.
    Clock {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
    },
    /// Decoders would have to be configured anew on the way.
    Changes {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
        /// When they change first, on the track's own clock.
        seconds: f64,
    },
    /// A codec that browsers do not have.
    Codec {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
        /// Type of the sample entry.
        codec: String,
    },
    /// A codec that ffmpeg does not have either.
    NoDecoder {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
        /// What it is coded as.
        codec: String,
    },
    /// A sample that no decoder takes.
    Undecodable {
        /// The film.
        path: PathBuf,
        /// Name of the stream, such as `video-1`.
        stream: String,
        /// When the first such sample is decoded.
        seconds: f64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// What was written is not what was planned, which is a fault of the splitter or of the disk.
    NotAsPlanned {
        /// The chunk.
        path: PathBuf,
        /// What differs, such as `bytes`.
        what: &'static str,
        /// By the plan.
        planned: u64,
        /// In the file.
        written: u64,
    },
    /// A track that was asked for is not there.
    NoTrack {
        /// The film.
        path: PathBuf,
        /// What was asked for, as an option.
        wanted: String,
        /// The tracks that can be asked for.
        there: String,
    },
    /// The headers of the film are compressed.
    CompressedHeaders {
        /// The film.
        path: PathBuf,
    },
    /// The film is an address.
    Address {
        /// What was given as a film.
        path: PathBuf,
    },
    /// The film is the address of a file.
    FileAddress {
        /// What was given as a film.
        path: PathBuf,
        /// What stands behind the scheme.
        place: PathBuf,
    },
    /// One group is larger than a chunk may be.
    GroupTooLarge {
        /// Name of the stream, such as `video-1`.
        stream: String,
        /// When the group begins.
        seconds: f64,
        /// Its length.
        size: ByteSize,
        /// The chunk size.
        limit: ByteSize,
    },
    /// A fragment is larger than its boxes can say.
    FragmentTooLarge {
        /// Name of the stream.
        stream: String,
        /// Bytes of media in the fragment.
        bytes: u64,
    },
    /// A chunk size that edges do not hold.
    ChunkSize {
        /// What was asked for.
        size: ByteSize,
        /// What edges hold.
        limit: ByteSize,
    },
    /// A duration of fragments that makes no sense.
    FragmentDuration {
        /// What was asked for.
        seconds: f64,
    },
    /// Another splitter is at work in the same place.
    Busy {
        /// The directory.
        path: PathBuf,
    },
    /// The film changed while it was read.
    Changed {
        /// The film.
        path: PathBuf,
    },
    /// The manifest of what is published is damaged, or that of what would be is none.
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        cause: manifest::Error,
    },
    /// There is no manifest.
    NoManifest {
        /// Its URL.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A manifest that says too little to hold anything against.
    PlainManifest {
        /// The manifest.
        path: PathBuf,
    },
    /// A manifest that names no content id, so that nobody can tell which cut is current.
    ForeignManifest {
        /// The manifest.
        path: PathBuf,
    },
    /// Text that is no address of a store.
    NoAddress(store::NoAddress),
    /// A store of objects refused, or could not be reached.
    Store(store::Error),
    /// The user asked to stop.
    Interrupted,
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl Error {
    /// For `map_err` of an operation on a path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io { action, path: path.to_owned(), cause }
    }
}
