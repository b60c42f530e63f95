//! What an error says: the place, what is wrong with it, and what helps.

use std::fmt;

use super::Error;
use crate::ffmpeg::{by_hand, quoted};
use crate::options::PRESETS;

/// Options of ffmpeg that make a film every browser plays.
const REENCODE: &str = "-c:v libx264 -crf 20 -pix_fmt yuv420p -force_key_frames 'expr:gte(t,n_forced*2)' -c:a aac";

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { action, path, cause } => write!(f, "cannot {action} {}: {cause}", path.display()),
            Self::NotMp4 { path, found } => write!(
                f,
                "{} is no MP4: it begins with {found}; install ffmpeg, which the splitter then uses by itself, or \
                 bring the film into an MP4 elsewhere with: {}",
                path.display(),
                by_hand(path, "-map 0:V -map '0:a?' -c copy")
            ),
            Self::NoFfmpeg { path } => write!(
                f,
                "{} needs ffmpeg, which is not installed here; install it, or convert the film elsewhere with: {}",
                path.display(),
                by_hand(path, REENCODE)
            ),
            Self::Ffmpeg { path, said } => write!(f, "ffmpeg cannot convert {}: {said}", path.display()),
            Self::Incomplete { path, loss } => write!(
                f,
                "{}: {loss}; it is cut off or damaged: bring all of it, or say --keep-going to publish what is there",
                path.display()
            ),
            Self::NoRung { path, cause } => write!(f, "{} is no rung of the film: {cause}", path.display()),
            Self::NoLadder { why } => write!(f, "there can be no rungs: {why}"),
            Self::LadderPreset { preset } => {
                write!(f, "--ladder-preset {preset}: libx264 has no such preset; choose one of {}", PRESETS.join(", "))
            }
            Self::NoFfmpegForLadder => write!(
                f,
                "--ladder needs ffmpeg and ffprobe, which are not installed here; install them, or give rungs as files"
            ),
            Self::NoPictures { path, track, why } => write!(
                f,
                "{}: the pictures of track {track} are lost ({why}); bring the film with its pictures, or say \
                 --audio-only to publish its sound alone",
                path.display()
            ),
            Self::NoFfmpegForThumbnails => write!(
                f,
                "--thumbnails needs ffmpeg and ffprobe, which are not installed here; install them, or cut without thumbnails"
            ),
            Self::NoFfmpegForDecoding => {
                write!(f, "--decode needs ffmpeg, which is not installed here; install it, or verify without")
            }
            Self::Thumbnails { path, said } => write!(
                f,
                "ffmpeg cannot make thumbnails of {}: {said}; cut without --thumbnails, which the film does not need",
                path.display()
            ),
            Self::ThumbnailInterval { seconds } => {
                write!(f, "a thumbnail every {seconds} s is no use: choose between 0.5 and 600")
            }
            Self::Subtitles { path, cause } => {
                write!(f, "{}: {cause}; cut the film without it, or bring another file", path.display())
            }
            Self::Encrypted { path, track } => write!(
                f,
                "{}: track {track} is encrypted; the splitter has no keys, so bring a film without copy protection",
                path.display()
            ),
            Self::NoMoov { path, bytes } => write!(
                f,
                "{} has no moov box: its {bytes} bytes end before the headers, as when a download or a recording was cut off",
                path.display()
            ),
            Self::BoxTooLarge { path, kind, offset, bytes, limit } => write!(
                f,
                "{}: {kind} at byte {offset} says that it has {bytes} bytes, more than the {limit} that are read",
                path.display()
            ),
            Self::Box { path, cause } => write!(
                f,
                "{}: {cause}; where ffmpeg can read the film all the same, --transcode makes a sound one of it (with \
                 --keep-going, of what can be read)",
                path.display()
            ),
            Self::NoClock { path, cause } => write!(
                f,
                "{}: {cause}, so that nothing says how fast the film goes; it is damaged: bring another copy of it",
                path.display()
            ),
            Self::Overlapping { path, listed, bytes } => write!(
                f,
                "{}: its tracks list {listed} bytes of media, but the file has only {bytes}; it is damaged",
                path.display()
            ),
            Self::Backwards { path, track, offset, found, expected } => write!(
                f,
                "{}: track {track} jumps from tick {expected} back to {found} in the fragment at byte {offset}; its \
                 fragments come twice or in the wrong order. Say --transcode to have ffmpeg bring them in order if it \
                 can",
                path.display()
            ),
            Self::TwoFilms { path, offset } => write!(
                f,
                "{}: another film begins at byte {offset}; take them apart and cut each of them, with: head -c \
                 {offset} {name} > first.mp4; tail -c +{} {name} > second.mp4",
                path.display(),
                offset + 1,
                name = quoted(path)
            ),
            Self::Durations { path, track, listed, said, .. } => write!(
                f,
                "{}: the samples of track {track} last {listed:.1} s together, and its header says {said:.1} s; its \
                 times are damaged. Say --transcode to have ffmpeg give it even ones",
                path.display()
            ),
            Self::Overlap { path, start, end } => write!(
                f,
                "{}: samples overlap at byte {start}, up to byte {end}; its tables are damaged",
                path.display()
            ),
            Self::Edits { path, track } => write!(
                f,
                "{}: the edit list of track {track} leaves out, repeats or holds parts of it, which browsers do not \
                 follow; say --transcode to have ffmpeg make that real, or do it with: {}",
                path.display(),
                by_hand(path, REENCODE)
            ),
            Self::NoStreams { path } => write!(f, "{} has no video or audio track with samples", path.display()),
            Self::NoKeyframe { path, track } => write!(
                f,
                "{}: track {track} has no keyframe, so that nothing of it can be decoded; re-encode it with: {}",
                path.display(),
                by_hand(path, REENCODE)
            ),
            Self::Clock { path, track } => {
                write!(f, "{}: the times of track {track} are beyond every clock; the file is damaged", path.display())
            }
            Self::Changes { path, track, seconds } => write!(
                f,
                "{}: the settings of track {track} change at {seconds:.1} s, and a copy would keep those of its \
                 beginning alone; say --transcode to have it re-encoded by ffmpeg on the way, or do it with: {}",
                path.display(),
                by_hand(path, REENCODE)
            ),
            Self::Codec { path, track, codec } => write!(
                f,
                "{}: track {track} is coded as {codec}, which browsers do not play; say --transcode to have it \
                 re-encoded by ffmpeg on the way, or do it with: {}",
                path.display(),
                by_hand(path, REENCODE)
            ),
            Self::NoDecoder { path, track, codec } => write!(
                f,
                "{}: track {track} is coded as {codec}, which neither browsers nor ffmpeg play; say --keep-going, \
                 too, to publish the film without it, or bring the film with another",
                path.display()
            ),
            Self::Undecodable { path, stream, seconds, why } => write!(
                f,
                "{}: the sample of {stream} at {seconds:.1} s cannot be decoded: {why}; the film is damaged there. \
                 Say --keep-going to leave such samples out, --transcode to have ffmpeg re-encode the film as far as it can, or do that \
                 with: {}",
                path.display(),
                by_hand(path, REENCODE)
            ),
            Self::NotAsPlanned { path, what, planned, written } => write!(
                f,
                "{}: has {written} {what} where {planned} were planned; nothing was published. Please report this",
                path.display()
            ),
            Self::NoTrack { path, wanted, there } => {
                write!(f, "{}: {wanted} finds no track; the film has: {there}", path.display())
            }
            Self::CompressedHeaders { path } => write!(
                f,
                "{} has compressed headers, which only ffmpeg reads; install ffmpeg, which the splitter then uses by \
                 itself, or write them anew elsewhere with: {}",
                path.display(),
                by_hand(path, "-map 0 -c copy")
            ),
            Self::Address { path } => write!(
                f,
                "{} is an address, and the splitter reads files; download it first, or cut it on the way with: curl \
                 --fail --location '{}' | splitter -",
                path.display(),
                path.display()
            ),
            Self::FileAddress { path, place } => write!(
                f,
                "{} is an address, and the splitter reads files; say its path, which may be {}",
                path.display(),
                place.display()
            ),
            Self::GroupTooLarge { stream, seconds, size, limit } => write!(
                f,
                "{stream}: from {seconds:.1} s on there are {size} without a keyframe, more than the chunk size of \
                 {limit}; allow larger chunks with --chunk-size, say --transcode to have ffmpeg put keyframes closer \
                 together, or do it with: ffmpeg -i FILM -c:v libx264 -crf 20 -force_key_frames \
                 'expr:gte(t,n_forced*2)' -c:a copy film.mp4"
            ),
            Self::FragmentTooLarge { stream, bytes } => {
                write!(f, "{stream}: a fragment takes {bytes} bytes; make fragments shorter with --fragment-duration")
            }
            Self::ChunkSize { size, limit } => write!(
                f,
                "chunks of {size} are more than the {limit} that an edge holds as one file (the limit of Cloudflare's \
                 Free, Pro and Business plans); choose less, or say --force if yours holds more"
            ),
            Self::FragmentDuration { seconds } => {
                write!(f, "fragments of {seconds} s are no use: choose between 0.1 and 10")
            }
            Self::Busy { path } => {
                write!(f, "another splitter is writing to {}; wait until it is done", path.display())
            }
            Self::Changed { path } => {
                write!(f, "{} changed while it was read; cut it again when it is complete", path.display())
            }
            Self::Manifest { path, cause } => write!(f, "{}: {cause}; {}", path.display(), cause.remedy()),
            Self::NoManifest { path, why } => write!(f, "{}: {why}", path.display()),
            Self::PlainManifest { path } => write!(
                f,
                "{} is a plain list of chunks: without digests and an index there is nothing to verify",
                path.display()
            ),
            Self::ForeignManifest { path } => write!(
                f,
                "{} is a plain list of chunks, which no splitter wrote; nothing is removed beside it",
                path.display()
            ),
            Self::NoAddress(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Interrupted => write!(f, "stopped; nothing was published"),
        }
    }
}
