//! Why a film was not cut.

use std::io;
use std::path::{Path, PathBuf};

use crate::ffmpeg::{by_hand, quoted};
use crate::{ByteSize, Loss};

/// Options of ffmpeg that make a film every browser plays.
const REENCODE: &str = "-c:v libx264 -crf 20 -pix_fmt yuv420p -force_key_frames 'expr:gte(t,n_forced*2)' -c:a aac";

/// Why a film was not cut. What was published before is untouched then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused to read or write.
    #[error("cannot {action} {}: {cause}", path.display())]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The file has another container.
    #[error(
        "{} is no MP4: it begins with {found}; install ffmpeg, which the splitter then uses by itself, or bring the film \
         into an MP4 elsewhere with: {}",
        path.display(), by_hand(path, "-map 0:V -map '0:a?' -c copy")
    )]
    NotMp4 {
        /// The film.
        path: PathBuf,
        /// What stands where the type of the first box should.
        found: String,
    },
    /// ffmpeg is needed and not there.
    #[error(
        "{} needs ffmpeg, which is not installed here; install it, or convert the film elsewhere with: {}",
        path.display(), by_hand(path, REENCODE)
    )]
    NoFfmpeg {
        /// The film.
        path: PathBuf,
    },
    /// ffmpeg could not convert the film.
    #[error("ffmpeg cannot convert {}: {said}", path.display())]
    Ffmpeg {
        /// The film.
        path: PathBuf,
        /// Its last words.
        said: String,
    },
    /// Film is missing.
    #[error(
        "{}: {loss}; it is cut off or damaged: bring all of it, or say --keep-going to publish what is there",
        path.display()
    )]
    Incomplete {
        /// The film.
        path: PathBuf,
        /// What came of it.
        loss: Loss,
    },
    /// A film whose pictures would be lost.
    #[error(
        "{}: the pictures of track {track} are lost ({why}); bring the film with its pictures, or say --audio-only to \
         publish its sound alone",
        path.display()
    )]
    NoPictures {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
        /// Why.
        why: String,
    },
    /// ffmpeg is needed for thumbnails and not there.
    #[error(
        "--thumbnails needs ffmpeg and ffprobe, which are not installed here; install them, or cut without thumbnails"
    )]
    NoFfmpegForThumbnails,
    /// ffmpeg is needed to decode and not there.
    #[error("--decode needs ffmpeg, which is not installed here; install it, or verify without")]
    NoFfmpegForDecoding,
    /// ffmpeg could not make thumbnails.
    #[error("ffmpeg cannot make thumbnails of {}: {said}; cut without --thumbnails, which the film does not need", path.display())]
    Thumbnails {
        /// The film.
        path: PathBuf,
        /// Its complaints.
        said: String,
    },
    /// An interval between thumbnails that makes no sense.
    #[error("a thumbnail every {seconds} s is no use: choose between 0.5 and 600")]
    ThumbnailInterval {
        /// What was asked for.
        seconds: f64,
    },
    /// A file that has no subtitles, or unreasonably many.
    #[error("{}: {cause}; cut the film without it, or bring another file", path.display())]
    Subtitles {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: captions::Error,
    },
    /// The film is encrypted.
    #[error(
        "{}: track {track} is encrypted; the splitter has no keys, so bring a film without copy protection",
        path.display()
    )]
    Encrypted {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
    },
    /// The file ends before its headers.
    #[error(
        "{} has no moov box: its {bytes} bytes end before the headers, as when a download or a recording was cut off",
        path.display()
    )]
    NoMoov {
        /// The film.
        path: PathBuf,
        /// Its length.
        bytes: u64,
    },
    /// A box of headers that no film needs to be that large.
    #[error("{}: {kind} at byte {offset} says that it has {bytes} bytes, more than the {limit} that are read", path.display())]
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
    #[error(
        "{}: {cause}; where ffmpeg can read the film all the same, --transcode makes a sound one of it (with --keep-going, of \
         what can be read)",
        path.display()
    )]
    Box {
        /// The film.
        path: PathBuf,
        /// Where and why.
        cause: isobmff::Error,
    },
    /// A clock that stands still, which ffmpeg would take for one of a tick in a second.
    #[error("{}: {cause}, so that nothing says how fast the film goes; it is damaged: bring another copy of it", path.display())]
    NoClock {
        /// The film.
        path: PathBuf,
        /// Where.
        cause: isobmff::Error,
    },
    /// The samples of the tracks together take more room than the file has.
    #[error("{}: its tracks list {listed} bytes of media, but the file has only {bytes}; it is damaged", path.display())]
    Overlapping {
        /// The film.
        path: PathBuf,
        /// What the tracks list.
        listed: u64,
        /// The file's length.
        bytes: u64,
    },
    /// Fragments overlap in time or jump back.
    #[error(
        "{}: track {track} jumps from tick {expected} back to {found} in the fragment at byte {offset}; its fragments come twice \
         or in the wrong order. Say --transcode to have ffmpeg bring them in order if it can",
        path.display()
    )]
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
    #[error(
        "{}: another film begins at byte {offset}; take them apart and cut each of them, with: head -c {offset} {name} > \
         first.mp4; tail -c +{} {name} > second.mp4",
        path.display(), offset + 1, name = quoted(path)
    )]
    TwoFilms {
        /// The film.
        path: PathBuf,
        /// Where the second begins.
        offset: u64,
    },
    /// The durations of samples are not those that the headers speak of.
    #[error(
        "{}: the samples of track {track} last {listed:.1} s together, and its header says {said:.1} s; its times are damaged. \
         Say --transcode to have ffmpeg give it even ones",
        path.display()
    )]
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
    #[error("{}: samples overlap at byte {start}, up to byte {end}; its tables are damaged", path.display())]
    Overlap {
        /// The film.
        path: PathBuf,
        /// Where the second begins.
        start: u64,
        /// Where the first of them ends.
        end: u64,
    },
    /// An edit list that no SourceBuffer follows.
    #[error(
        "{}: the edit list of track {track} leaves out, repeats or holds parts of it, which browsers do not follow; say \
         --transcode to have ffmpeg make that real, or do it with: {}",
        path.display(), by_hand(path, REENCODE)
    )]
    Edits {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
    },
    /// Nothing in the file can be played.
    #[error("{} has no video or audio track with samples", path.display())]
    NoStreams {
        /// The film.
        path: PathBuf,
    },
    /// Nothing of a track can be decoded.
    #[error(
        "{}: track {track} has no keyframe, so that nothing of it can be decoded; re-encode it with: {}",
        path.display(), by_hand(path, REENCODE)
    )]
    NoKeyframe {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
    },
    /// The times of a track are beyond every clock.
    #[error("{}: the times of track {track} are beyond every clock; the file is damaged", path.display())]
    Clock {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
    },
    /// Decoders would have to be configured anew on the way.
    #[error(
        "{}: the settings of track {track} change at {seconds:.1} s, and a copy would keep those of its beginning alone; say \
         --transcode to have it re-encoded by ffmpeg on the way, or do it with: {}",
        path.display(), by_hand(path, REENCODE)
    )]
    Changes {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
        /// When they change first, on the track's own clock.
        seconds: f64,
    },
    /// A codec that browsers do not have.
    #[error(
        "{}: track {track} is coded as {codec}, which browsers do not play; say --transcode to have it re-encoded by \
         ffmpeg on the way, or do it with: {}",
        path.display(), by_hand(path, REENCODE)
    )]
    Codec {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
        /// Type of the sample entry.
        codec: String,
    },
    /// A codec that ffmpeg does not have either.
    #[error(
        "{}: track {track} is coded as {codec}, which neither browsers nor ffmpeg play; say --keep-going, too, to publish the \
         film without it, or bring the film with another",
        path.display()
    )]
    NoDecoder {
        /// The film.
        path: PathBuf,
        /// Number of the track.
        track: u32,
        /// What it is coded as.
        codec: String,
    },
    /// A sample that no decoder takes.
    #[error(
        "{}: the sample of {stream} at {seconds:.1} s cannot be decoded: {why}; the film is damaged there. Say --keep-going to \
         leave such samples out, or have it re-encoded with: {}",
        path.display(), by_hand(path, REENCODE)
    )]
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
    #[error("{}: has {written} {what} where {planned} were planned; nothing was published. Please report this", path.display())]
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
    #[error("{}: {wanted} finds no track; the film has: {there}", path.display())]
    NoTrack {
        /// The film.
        path: PathBuf,
        /// What was asked for, as an option.
        wanted: String,
        /// The tracks that can be asked for.
        there: String,
    },
    /// The headers of the film are compressed.
    #[error(
        "{} has compressed headers, which only ffmpeg reads; install ffmpeg, which the splitter then uses by itself, or \
         write them anew elsewhere with: {}",
        path.display(), by_hand(path, "-map 0 -c copy")
    )]
    CompressedHeaders {
        /// The film.
        path: PathBuf,
    },
    /// The film is an address.
    #[error(
        "{} is an address, and the splitter reads files; download it first, or cut it on the way with: \
         curl --fail --location '{}' | splitter -",
        path.display(), path.display()
    )]
    Address {
        /// What was given as a film.
        path: PathBuf,
    },
    /// The film is the address of a file.
    #[error("{} is an address, and the splitter reads files; say its path, which may be {}", path.display(), place.display())]
    FileAddress {
        /// What was given as a film.
        path: PathBuf,
        /// What stands behind the scheme.
        place: PathBuf,
    },
    /// One group is larger than a chunk may be.
    #[error(
        "{stream}: from {seconds:.1} s on there are {size} without a keyframe, more than the chunk size of {limit}; \
         allow larger chunks with --chunk-size, say --transcode to have ffmpeg put keyframes closer together, or do it with: \
         ffmpeg -i FILM -c:v libx264 -crf 20 -force_key_frames 'expr:gte(t,n_forced*2)' -c:a copy film.mp4"
    )]
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
    #[error("{stream}: half a second of film takes {bytes} bytes; make fragments shorter with --fragment-duration")]
    FragmentTooLarge {
        /// Name of the stream.
        stream: String,
        /// Bytes of media in the fragment.
        bytes: u64,
    },
    /// A chunk size that edges do not hold.
    #[error(
        "chunks of {size} are more than the {limit} that an edge holds as one file (the limit of Cloudflare's Free, Pro \
         and Business plans); choose less, or say --force if yours holds more"
    )]
    ChunkSize {
        /// What was asked for.
        size: ByteSize,
        /// What edges hold.
        limit: ByteSize,
    },
    /// A duration of fragments that makes no sense.
    #[error("fragments of {seconds} s are no use: choose between 0.1 and 10")]
    FragmentDuration {
        /// What was asked for.
        seconds: f64,
    },
    /// Another splitter is at work in the same place.
    #[error("another splitter is writing to {}; wait until it is done", path.display())]
    Busy {
        /// The directory.
        path: PathBuf,
    },
    /// The film changed while it was read.
    #[error("{} changed while it was read; cut it again when it is complete", path.display())]
    Changed {
        /// The film.
        path: PathBuf,
    },
    /// The manifest of what is published is damaged, or that of what would be is none.
    #[error("{}: {cause}; {}", path.display(), cause.remedy())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        cause: manifest::Error,
    },
    /// There is no manifest.
    #[error("{}: {why}", path.display())]
    NoManifest {
        /// Its URL.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// A manifest that says too little to hold anything against.
    #[error("{} is a plain list of chunks: without digests and an index there is nothing to verify", path.display())]
    PlainManifest {
        /// The manifest.
        path: PathBuf,
    },
    /// A manifest that names no content id, so that nobody can tell which cut is current.
    #[error("{} is a plain list of chunks, which no splitter wrote; nothing is removed beside it", path.display())]
    ForeignManifest {
        /// The manifest.
        path: PathBuf,
    },
    /// The user asked to stop.
    #[error("stopped; nothing was published")]
    Interrupted,
}

impl Error {
    /// For `map_err` of an operation on a path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self::Io { action, path: path.to_owned(), cause }
    }
}
