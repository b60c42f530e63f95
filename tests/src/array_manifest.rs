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
        let directory = TempDir::new_in(place::scratch()?)?;
        let fragmented = directory.path().join("fragmented.mp4");
        fragment(&film.path, &fragmented)?;
        let whole = fs::read(&fragmented).context("cannot read ffmpeg's file")?;
        fs::remove_file(&fragmented).context("cannot remove ffmpeg's file")?;

        let (init, fragments) = split_at_fragments(&whole)?;
        let mut chunks: Vec<Vec<u8>> = Vec::new();
        let mut open = false;
        for fragment in fragments {
            if !open {
                let first = chunks.is_empty();
                chunks.push(if first || inits == Inits::InEvery { init.to_vec() } else { Vec::new() });
            }
            let chunk = chunks.last_mut().expect("one has been begun");
            chunk.extend_from_slice(fragment);
            open = chunk.len() < chunk_bytes;
        }
        publish(directory.path(), &chunks)?;
        // The plan's command writes no edit list, so what B-frames delay stays delayed: by two frames.
        let start = 2.0 / f64::from(film.frame_rate);
        Ok(Self { directory, chunks: chunks.len(), film: Film { start, ..film.clone() } })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }
}

fn fragment(film: &Path, fragmented: &Path) -> Result<()> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-loglevel", "error", "-y", "-i"]).arg(film).args(["-c", "copy", "-movflags"]);
    ffmpeg.arg("+frag_keyframe+empty_moov+default_base_moof").arg(fragmented);
    let status = ffmpeg.status().context("cannot start ffmpeg")?;
    ensure!(status.success(), "{ffmpeg:?} failed ({status})");
    Ok(())
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
