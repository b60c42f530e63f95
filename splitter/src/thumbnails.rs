//! Pictures for the seek bar: keyframes that ffmpeg makes small and lays side by side in sprites, and a WebVTT file that says
//! which region of which sprite belongs to which time.
//!
//! 1. Pick keyframes at least the wanted interval apart. Each is the picture of the time up to the next.
//! 2. Hand them to ffmpeg as a film of nothing else. However large the film, a few megabytes of it are read and decoded, and
//!    it may as well have come through standard input.
//! 3. Name each sprite by its digest, and then the WebVTT file that names the sprites: equal names mean equal bytes, as the
//!    content id wants.

mod run;

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

use isobmff::Sample;
use manifest::{Digest, FileEntry, ThumbnailsEntry};
use sha2::{Digest as _, Sha256};

use crate::directory::{sync_directory, write_synced};
use crate::source::Input;
use crate::stream::Stream;
use crate::track::Track;
use crate::{Error, Options, Progress, Stop};

/// Where they stand in the cut.
const DIRECTORY: &str = "thumbnails";
/// The longer edge of a picture, in pixels.
const EDGE: u32 = 160;
/// Pictures in a row of a sprite, and rows in a sprite.
const GRID: usize = 10;

/// Which files of a cut the pictures are, and which says where each is.
pub(crate) struct Thumbnails {
    cues: FileEntry,
    sprites: Vec<FileEntry>,
}

/// What ffmpeg is to make of a film.
struct Job<'a> {
    input: &'a Input,
    video: &'a Track,
    pictures: &'a [Picture],
    /// When the last of them is over, in milliseconds.
    end: u64,
    /// Width and height of a picture in pixels.
    size: (u32, u32),
    /// Columns and rows of a sprite.
    grid: (usize, usize),
    stop: &'a Stop,
}

/// A keyframe that is picked.
struct Picture {
    sample: Sample,
    decode_time: u64,
    /// When it is presented, in milliseconds.
    at: u64,
}

impl Thumbnails {
    /// Makes those that the options ask for, of a stream with the film's pictures, if it has one, in a directory of theirs at a
    /// place. What a killed splitter has left is removed.
    pub(crate) fn make(
        options: &Options,
        pictures: Option<&Stream<'_>>,
        place: &Path,
        progress: &dyn Progress,
    ) -> Result<Option<Self>, Error> {
        let place = place.join(DIRECTORY);
        match fs::remove_dir_all(&place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::io("remove", &place)(error)),
            _ => {}
        }
        let Some((interval, stream)) = options.thumbnails.zip(pictures) else { return Ok(None) };
        let (input, video) = (stream.input, stream.lead());
        fs::create_dir_all(&place).map_err(Error::io("create", &place))?;
        let (pictures, end) = pick(video, u64::try_from(interval.as_millis()).unwrap_or(u64::MAX));
        let grid = (GRID.min(pictures.len()), GRID.min(pictures.len().div_ceil(GRID)));
        let job = Job { input, video, pictures: &pictures, end, size: size(video), grid, stop: &options.stop };
        run::run(&job, &place, progress)?;
        let sprites = (1..=pictures.len().div_ceil(GRID * GRID))
            .map(|number| name_by_digest(&place, &run::sprite(number), "jpg"))
            .collect::<Result<Vec<_>, _>>()?;
        let text = vtt(&job, &sprites);
        let cues = write_by_digest(&place, text.as_bytes(), "vtt")?;
        sync_directory(&place)?;
        Ok(Some(Self { cues, sprites }))
    }

    /// What the manifest says of them.
    pub(crate) fn entry(&self) -> ThumbnailsEntry {
        let FileEntry { url, bytes, sha256 } = self.cues.clone();
        ThumbnailsEntry { url, bytes: Some(bytes), sha256: Some(sha256), pictures: self.sprites.clone() }
    }
}

/// Keyframes at least `interval` milliseconds apart, in order, and when the film is over in milliseconds.
fn pick(video: &Track, interval: u64) -> (Vec<Picture>, u64) {
    let milliseconds = |ticks: i64| (video.timing.seconds(ticks).max(0.0) * 1e3) as u64;
    let mut pictures: Vec<Picture> = Vec::new();
    let (mut decode_time, mut end) = (video.timing.decode_start, 0);
    for sample in video.table.iter() {
        let presentation = video.timing.presentation(decode_time, &sample);
        end = end.max(presentation.saturating_add(sample.duration.into()));
        if sample.is_sync {
            let at = milliseconds(presentation);
            if pictures.last().is_none_or(|last| at >= last.at.saturating_add(interval)) {
                pictures.push(Picture { sample, decode_time, at });
            }
        }
        decode_time = decode_time.saturating_add(u64::from(sample.duration));
    }
    (pictures, milliseconds(end))
}

/// Width and height that fit into a square, of the film's shape, even as JPEG likes them.
fn size(video: &Track) -> (u32, u32) {
    let (width, height) = video.track.shown_size();
    let (width, height) = if width == 0 || height == 0 { (16, 9) } else { (width, height) };
    let scaled = |edge: u32| {
        let exact = f64::from(EDGE) * f64::from(edge) / f64::from(width.max(height));
        ((exact / 2.0).round() as u32 * 2).max(2)
    };
    (scaled(width), scaled(height))
}

fn vtt(job: &Job<'_>, sprites: &[FileEntry]) -> String {
    let (width, height) = job.size;
    let ends = job.pictures.iter().skip(1).map(|next| next.at);
    let mut text = String::from("WEBVTT\n");
    for (number, (picture, end)) in job.pictures.iter().zip(ends.chain([job.end])).enumerate() {
        let (sprite, place) = (&sprites[number / (GRID * GRID)].url, number % (GRID * GRID));
        // The cues lie beside the sprites.
        let sprite = sprite.rsplit('/').next().unwrap_or(sprite);
        let (x, y) = ((place % job.grid.0) as u32 * width, (place / job.grid.0) as u32 * height);
        // The film begins with its first picture, even where that is presented late.
        let begin = if number == 0 { 0 } else { picture.at };
        let (begin, end) = (time(begin), time(end.max(begin + 1)));
        write!(text, "\n{begin} --> {end}\n{sprite}#xywh={x},{y},{width},{height}\n").expect("a string takes all");
    }
    text
}

/// A WebVTT timestamp (section 4.5 of the specification).
fn time(milliseconds: u64) -> String {
    let seconds = milliseconds / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{:03}", milliseconds % 1_000)
}

/// Gives a file of ffmpeg's the name that says what is in it, and sees to it that it is on the disk.
fn name_by_digest(place: &Path, name: &str, ending: &str) -> Result<FileEntry, Error> {
    let path = place.join(name);
    let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
    let entry = write_by_digest(place, &bytes, ending)?;
    fs::remove_file(&path).map_err(Error::io("remove", &path))?;
    Ok(entry)
}

fn write_by_digest(place: &Path, bytes: &[u8], ending: &str) -> Result<FileEntry, Error> {
    let sha256 = Digest(Sha256::digest(bytes).into());
    let name = format!("{}.{ending}", &sha256.to_string()[..16]);
    write_synced(&place.join(&name), bytes)?;
    Ok(FileEntry { url: format!("{DIRECTORY}/{name}"), bytes: bytes.len() as u64, sha256 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_webvtt_wants_it() {
        assert_eq!(time(0), "00:00:00.000");
        assert_eq!(time(3_723_004), "01:02:03.004");
        assert_eq!(time(360_000_000), "100:00:00.000");
    }
}
