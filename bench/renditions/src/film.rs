//! A film as it lies at the server: its rungs, and where each group of each of them begins.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use anyhow::{Context, Result, ensure};
use manifest::{Document, Kind, StreamEntry};

use crate::links::Takes;
use crate::recipe::Recipe;

/// A film that has been cut.
#[derive(Clone, Debug)]
pub struct Film {
    /// For addresses.
    pub key: &'static str,
    /// Length in seconds.
    pub seconds: u32,
    /// Where its manifest is.
    pub directory: PathBuf,
    /// Width and height of its largest pictures.
    pub(crate) size: (u32, u32),
    pub(crate) marks: Vec<&'static str>,
    /// From the lowest to the highest.
    pub(crate) rungs: Vec<Rung>,
    /// The sound's bits in a second.
    pub(crate) sound: f64,
}

/// One rung of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rung {
    /// Bits in a second, on average.
    pub(crate) rate: f64,
    /// Of all groups, in order.
    pub(crate) groups: Vec<Group>,
}

/// Where a group is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    /// In seconds. It lasts up to the next one.
    pub(crate) start: f64,
    /// The file that it is in, relative to the manifest's own address.
    pub(crate) url: String,
    /// The first of its bytes in there.
    pub(crate) from: u64,
    pub(crate) bytes: u64,
}

impl Film {
    /// What it takes of a link.
    #[must_use]
    pub fn takes(&self) -> Takes {
        let rate = |rung: Option<&Rung>| rung.map_or(1.0, |rung| rung.rate);
        Takes { most: rate(self.rungs.last()), least: rate(self.rungs.first()) + self.sound }
    }
}

/// Makes a film below `root` and cuts it, unless that has been done with the same splitter.
///
/// # Errors
/// When ffmpeg or the splitter fail.
pub fn cut(recipe: &Recipe, root: &Path, splitter: &Path) -> Result<Film> {
    let place = root.join("media").join(recipe.key);
    let done = place.join("done");
    let modified = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let is_new = modified(&done).is_some_and(|made| modified(splitter) < Some(made));
    if !is_new || fs::read_to_string(&done).is_ok_and(|text| text != recipe.written()) {
        match fs::remove_dir_all(&place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).context("cannot clear the film");
            }
            _ => {}
        }
        let files = recipe.make(&place.join("rungs"))?;
        let mut command = Command::new(splitter);
        let output = command.args(&files).arg("--out").arg(place.join("cut")).output();
        let output = output.with_context(|| format!("cannot start {}", splitter.display()))?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{command:?} failed ({}): {said}", output.status);
        fs::remove_dir_all(place.join("rungs"))?;
        fs::write(&done, recipe.written())?;
    }
    let path = place.join("cut/manifest.json");
    let text = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let document: Document = serde_json::from_slice(&text).with_context(|| format!("{}", path.display()))?;
    let rungs = rungs(&document);
    let marks = recipe.marks();
    ensure!(rungs.len() == marks.len(), "{}: {} rungs of {}", path.display(), rungs.len(), marks.len());
    let (key, seconds, size) = (recipe.key, recipe.seconds, recipe.size());
    let sound =
        document.streams.iter().filter(|stream| stream.kind == Kind::Audio).map(|stream| stream.bandwidth as f64);
    Ok(Film { key, seconds, directory: place.join("cut"), size, marks, rungs, sound: sound.sum() })
}

/// Of the pictures, from the lowest to the highest.
fn rungs(document: &Document) -> Vec<Rung> {
    document.streams.iter().filter(|stream| stream.kind == Kind::Video).rev().map(rung).collect()
}

fn rung(stream: &StreamEntry) -> Rung {
    let seconds = |ticks: i64| ticks as f64 / f64::from(stream.timescale.get());
    let mut groups = Vec::new();
    for chunk in &stream.chunks {
        let mut at = chunk.start;
        let mut from = chunk.bytes - chunk.groups.bytes.iter().sum::<u64>();
        let ticks = chunk.groups.ticks.iter().flat_map(|&(ticks, count)| std::iter::repeat_n(ticks, count as usize));
        for (&bytes, ticks) in chunk.groups.bytes.iter().zip(ticks) {
            groups.push(Group { start: seconds(at), url: chunk.url.clone(), from, bytes });
            at += ticks as i64;
            from += bytes;
        }
    }
    Rung { rate: stream.bandwidth as f64, groups }
}
