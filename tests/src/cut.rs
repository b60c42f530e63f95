//! A film cut by the real splitter.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use manifest::{ChapterEntry, Document, Kind, MediaTime};
use tempfile::TempDir;
use test_film::Film;

use crate::place;

/// A media directory, removed when dropped.
#[derive(Debug)]
pub struct Cut {
    directory: TempDir,
    document: Document,
}

impl Cut {
    /// Cuts `film` into chunks of at most `chunk_size`, in the splitter's own notation; `None` for its default.
    ///
    /// # Errors
    /// When the splitter is not built or fails.
    pub fn new(film: &Film, chunk_size: Option<&str>) -> Result<Self> {
        let options = chunk_size.map(|size| ["--chunk-size", size]);
        Self::with_options(film, options.as_ref().map_or(&[], |options| &options[..]))
    }

    /// Cuts `film` with options as they are typed.
    ///
    /// # Errors
    /// When the splitter is not built or fails.
    pub fn with_options(film: &Film, options: &[&str]) -> Result<Self> {
        let directory = TempDir::new_in(place::scratch()?)?;
        let mut splitter = Command::new(place::program("splitter"));
        splitter.arg(&film.path).arg("--out").arg(directory.path()).args(options);
        let status = splitter.status().with_context(|| format!("cannot start {splitter:?}"))?;
        ensure!(status.success(), "{splitter:?} failed ({status})");
        let manifest = fs::read(directory.path().join("manifest.json")).context("the splitter left no manifest")?;
        let document = serde_json::from_slice(&manifest).context("the splitter's manifest is not one")?;
        Ok(Self { directory, document })
    }

    /// Names chapters of the film, each by when it begins in seconds and its title.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn name_chapters(&mut self, chapters: &[(f64, &str)]) -> Result<()> {
        let chapter = |&(seconds, title): &(f64, &str)| ChapterEntry {
            start: MediaTime::from_seconds(seconds).unwrap_or_default(),
            title: title.to_owned(),
        };
        self.document.chapters = chapters.iter().map(chapter).collect();
        self.write()
    }

    /// Has players ask for each init, which the manifest of a small film brings along otherwise.
    ///
    /// # Errors
    /// When the manifest cannot be written.
    pub fn ask_for_inits(&mut self) -> Result<()> {
        self.document.streams.iter_mut().for_each(|stream| stream.init.data = None);
        self.write()
    }

    fn write(&self) -> Result<()> {
        let path = self.directory.path().join("manifest.json");
        fs::write(path, serde_json::to_vec(&self.document)?).context("cannot write the manifest")
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Its manifest.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Where each chunk of the first stream with pictures begins, in seconds of the film.
    #[must_use]
    pub fn video_chunk_starts(&self) -> Vec<f64> {
        let stream = self.document.streams.iter().find(|stream| stream.kind != Kind::Audio);
        let stream = stream.expect("the film has pictures");
        let ticks_a_second = f64::from(stream.timescale.get());
        #[expect(clippy::cast_precision_loss, reason = "a film is far shorter than 2^53 ticks")]
        let seconds = |chunk: &manifest::ChunkEntry| chunk.start as f64 / ticks_a_second;
        stream.chunks.iter().map(seconds).collect()
    }
}
