//! The plan's own manifest: an array of `{url, bytes}` over pieces of one fragmented, muxed MP4.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use test_film::Film;

use crate::place;

/// Which chunks begin with the init.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inits {
    /// Every one, so that each plays alone.
    InEvery,
    /// Only the first.
    InFirst,
}

/// A media directory, removed when dropped.
#[derive(Debug)]
pub struct ArrayCut {
    directory: TempDir,
    /// How many chunks there are.
    pub chunks: usize,
    /// The film as it stands in them.
    pub film: Film,
}

impl ArrayCut {
    /// Cuts `film` after the fragment with which a chunk reaches `chunk_bytes`. Fragments begin at keyframes.
    ///
    /// # Errors
    /// When ffmpeg is missing or fails.
    pub fn new(film: &Film, chunk_bytes: usize, inits: Inits) -> Result<Self> {
        Self::gather(film, &["-c copy"], chunk_bytes, inits, |_| {})
    }

    /// As [`Self::new`], but the sound, of that `rate`, is heard later: two seconds and a half. ffmpeg itself has a late sound begin
    /// with the pictures, with a first frame that lasts until then.
    ///
    /// # Errors
    /// When ffmpeg is missing or fails.
    pub fn with_sound_late(film: &Film, rate: u64, chunk_bytes: usize) -> Result<Self> {
        Self::gather(film, &["-c copy"], chunk_bytes, Inits::InFirst, |whole| delay_sound(whole, rate * 5 / 2))
    }

    /// As [`Self::new`], but every second chunk is of another size and profile.
    ///
    /// # Errors
    /// When ffmpeg is missing or fails.
    pub fn changing(film: &Film, chunk_bytes: usize) -> Result<Self> {
        let small = "-vf scale=640:360 -c:v libx264 -preset veryfast -profile:v main -force_key_frames source \
                     -sc_threshold 0 -g 999 -c:a copy";
        Self::gather(film, &["-c copy", small], chunk_bytes, Inits::InEvery, |_| {})
    }

    /// As [`Self::new`], of chunks of some 20 MB, which no player asks for in one.
    ///
    /// # Errors
    /// When ffmpeg is missing or fails.
    pub fn of_large_chunks(film: &Film) -> Result<Self> {
        let padded = "-c:v libx264 -preset veryfast -b:v 12M -minrate 12M -maxrate 12M -bufsize 2M \
                      -x264-params nal-hrd=cbr -force_key_frames source -sc_threshold 0 -g 999 -c:a copy";
        Self::gather(film, &[padded], 20_000_000, Inits::InFirst, |_| {})
    }

    /// Chunks of `seconds` and up to the next keyframe, each made for itself: all begin at zero.
    ///
    /// # Errors
    /// When ffmpeg is missing or fails.
    pub fn one_by_one(film: &Film, seconds: u32) -> Result<Self> {
        Self::segments(film, seconds, "movflags=+frag_keyframe+empty_moov+default_base_moof")
    }

    /// As [`Self::one_by_one`], but progressive, which nothing can stream: what the plan's literal command makes.
    ///
    /// # Errors
    /// When ffmpeg is missing or fails.
    pub fn progressive(film: &Film, seconds: u32) -> Result<Self> {
        Self::segments(film, seconds, "movflags=+faststart")
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The film coded in one or several ways, from one chunk to the next in another of them, and each edited.
    fn gather(
        film: &Film,
        codings: &[&str],
        chunk_bytes: usize,
        inits: Inits,
        edit: impl Fn(&mut [u8]),
    ) -> Result<Self> {
        let directory = TempDir::new_in(place::scratch()?)?;
        let fragmented = codings.iter().map(|coding| {
            let file = directory.path().join("fragmented.mp4");
            let movflags = "-movflags +frag_keyframe+empty_moov+default_base_moof";
            ffmpeg(film, &format!("{coding} {movflags}"), &file)?;
            let mut whole = fs::read(&file).context("cannot read ffmpeg's file")?;
            edit(&mut whole);
            fs::remove_file(&file).context("cannot remove ffmpeg's file")?;
            Ok(whole)
        });
        let fragmented = fragmented.collect::<Result<Vec<Vec<u8>>>>()?;
        let sources = fragmented.iter().map(|whole| split_at_fragments(whole)).collect::<Result<Vec<_>>>()?;
        let count = sources[0].1.len();
        ensure!(sources.iter().all(|(_, fragments)| fragments.len() == count), "the codings differ in keyframes");

        let mut chunks: Vec<Vec<u8>> = Vec::new();
        let (mut open, mut source) = (false, &sources[0]);
        for at in 0..count {
            if !open {
                let first = chunks.is_empty();
                source = &sources[chunks.len() % sources.len()];
                chunks.push(if first || inits == Inits::InEvery { source.0.to_vec() } else { Vec::new() });
            }
            let chunk = chunks.last_mut().expect("one has been begun");
            chunk.extend_from_slice(source.1[at]);
            open = chunk.len() < chunk_bytes;
        }
        Self::publish(directory, film, &chunks)
    }

    fn segments(film: &Film, seconds: u32, format: &str) -> Result<Self> {
        let directory = TempDir::new_in(place::scratch()?)?;
        let parts = TempDir::new_in(place::scratch()?)?;
        let options = format!(
            "-c copy -f segment -segment_time {seconds} -reset_timestamps 1 -segment_format mp4 \
             -segment_format_options {format}"
        );
        ffmpeg(film, &options, &parts.path().join("%03d.mp4"))?;
        let mut files: Vec<_> = fs::read_dir(parts.path())?.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
        files.sort();
        let chunks = files.iter().map(|file| Ok(fs::read(file)?)).collect::<Result<Vec<_>>>()?;
        Self::publish(directory, film, &chunks)
    }

    fn publish(directory: TempDir, film: &Film, chunks: &[Vec<u8>]) -> Result<Self> {
        publish(directory.path(), chunks)?;
        // The plan's command writes no edit list, so what B-frames delay stays delayed: by two frames.
        let start = 2.0 / f64::from(film.frame_rate);
        Ok(Self { directory, chunks: chunks.len(), film: Film { start, ..film.clone() } })
    }
}

fn ffmpeg(film: &Film, options: &str, to: &Path) -> Result<()> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-loglevel", "error", "-y", "-i"]).arg(&film.path);
    let status = ffmpeg.args(options.split(' ')).arg(to).status().context("cannot start ffmpeg")?;
    ensure!(status.success(), "{ffmpeg:?} failed ({status})");
    Ok(())
}

/// Has all sound of a fragmented film, its second track, be decoded `ticks` later.
fn delay_sound(film: &mut [u8], ticks: u64) {
    const SOUND: [u8; 4] = 2_u32.to_be_bytes();
    let places = (0..film.len()).filter(|&at| film[at..].starts_with(b"tfhd") && film[at + 8..].starts_with(&SOUND));
    for tfhd in places.collect::<Vec<_>>() {
        let tfdt = film[tfhd..].windows(4).position(|word| word == b"tfdt").expect("it follows");
        let time = film[tfhd + tfdt + 8..].first_chunk_mut().expect("64 bits, as ffmpeg writes it");
        *time = (u64::from_be_bytes(*time) + ticks).to_be_bytes();
    }
}

fn publish(directory: &Path, chunks: &[Vec<u8>]) -> Result<()> {
    let mut entries = Vec::new();
    for (number, chunk) in (1..).zip(chunks) {
        let name = format!("current_part_{number}.mp4");
        fs::write(directory.join(&name), chunk).with_context(|| format!("cannot write {name}"))?;
        entries.push(serde_json::json!({ "url": format!("/media/current/{name}"), "bytes": chunk.len() }));
    }
    let manifest = serde_json::to_vec_pretty(&entries)?;
    fs::write(directory.join("manifest.json"), manifest).context("cannot write the manifest")
}

/// The bytes before the first `moof`, and the fragments. What follows the last one (`mfra`) is dropped.
fn split_at_fragments(whole: &[u8]) -> Result<(&[u8], Vec<&[u8]>)> {
    let mut init_end = None;
    let mut fragments = Vec::new();
    let mut at = 0;
    let mut fragment_begin = 0;
    while let Some(header) = whole[at..].first_chunk::<8>() {
        let (size, kind) = header.split_first_chunk::<4>().expect("four of eight");
        let end = at + u32::from_be_bytes(*size) as usize;
        ensure!(end > at && end <= whole.len(), "ffmpeg wrote a box of an unexpected size at {at}");
        match kind {
            b"moof" => {
                init_end.get_or_insert(at);
                fragment_begin = at;
            }
            b"mdat" => fragments.push(&whole[fragment_begin..end]),
            _ => {}
        }
        at = end;
    }
    let init = &whole[..init_end.context("ffmpeg wrote no fragment")?];
    Ok((init, fragments))
}
