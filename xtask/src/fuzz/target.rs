//! One target: what is looked for, and what is kept.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};

use super::{
    corpora,
    libfuzzer::{LibFuzzer, Run},
    list,
};
use crate::workspace;

/// After so many inputs that break it a target is left: they are likely to be one fault.
const MOST_BROKEN: usize = 3;
/// Most bytes that a run adds to the repository for a target, but for what broke it.
const MOST_BYTES: u64 = 4_000;
/// Most files of them.
const MOST_FILES: usize = 12;

/// A target, and where what is found for it lies.
pub(super) struct Target<'a> {
    fuzzer: LibFuzzer<'a>,
    /// Part of the repository.
    corpus: PathBuf,
    /// All that has ever reached something new, on this machine.
    grown: PathBuf,
    /// What broke it, as it was found.
    broken: PathBuf,
}

/// What a run has found.
pub(super) struct Found {
    target: String,
    /// How many inputs there were.
    pub(super) runs: u64,
    /// Files that were added to the repository because they reach something new.
    kept: usize,
    /// Files that break the target.
    pub(super) broken: Vec<String>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} inputs, {} kept, {} broke it", self.target, self.runs, self.kept, self.broken.len())
    }
}

impl<'a> Target<'a> {
    pub(super) fn new(program: &'a Path, name: &'a str) -> Self {
        let place = |kind: &str| workspace::target().join("fuzz").join(kind).join(name);
        let fuzzer = LibFuzzer { program, target: name };
        Self { fuzzer, corpus: corpora().join(name), grown: place("grown"), broken: place("broken") }
    }

    /// Looks for so long, and keeps what is worth it.
    pub(super) fn look(&self, time: Duration) -> Result<Found> {
        emptied(&self.broken)?;
        fs::create_dir_all(&self.grown).with_context(|| format!("cannot make {}", self.grown.display()))?;
        let end = Instant::now() + time;
        let mut runs = 0;
        let mut breaks = 0;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || breaks == MOST_BROKEN {
                break;
            }
            let Run { is_fine, inputs, said } = self.fuzzer.look(left, &self.broken, [&self.grown, &self.corpus])?;
            runs += inputs;
            if is_fine {
                break;
            }
            breaks += 1;
            ensure!(list(&self.broken)?.iter().any(|name| is_broken(name)), "libFuzzer itself failed: {said}");
        }
        let broken = self.keep_broken()?;
        // What breaks a target breaks a merge, too.
        let kept = if broken.is_empty() { self.keep_new()? } else { 0 };
        Ok(Found { target: self.fuzzer.target.to_owned(), runs, kept, broken })
    }

    /// Puts what broke the target into the repository, as short as it gets.
    fn keep_broken(&self) -> Result<Vec<String>> {
        let mut kept = Vec::new();
        for name in list(&self.broken)?.into_iter().filter(|name| is_broken(name)) {
            let found = self.broken.join(&name);
            let short = self.broken.join(format!("short-{name}"));
            // What takes long or much would be tried for as long again and again.
            if name.starts_with("crash-") {
                self.fuzzer.shorten(&found, &short)?;
            }
            let input = if short.exists() { short } else { found };
            let place = self.corpus.join(name.get(..14).unwrap_or(&name));
            fs::copy(&input, &place).with_context(|| format!("cannot write {}", place.display()))?;
            kept.push(place.display().to_string());
        }
        Ok(kept)
    }

    /// Puts into the repository what reaches code that nothing there does; the number of files.
    fn keep_new(&self) -> Result<usize> {
        let merged = workspace::target().join("fuzz/merged").join(self.fuzzer.target);
        emptied(&merged)?;
        let before = list(&self.corpus)?;
        for name in &before {
            fs::copy(self.corpus.join(name), merged.join(name)).with_context(|| format!("cannot copy {name}"))?;
        }
        let run = self.fuzzer.merge(&merged, &self.grown)?;
        ensure!(run.is_fine, "libFuzzer cannot merge: {}", run.said);
        let length = |name: &String| fs::metadata(merged.join(name)).map_or(0, |file| file.len());
        let mut fresh: Vec<_> = list(&merged)?.into_iter().filter(|name| !before.contains(name)).collect();
        fresh.sort_by_key(length);
        let mut bytes = 0;
        let mut kept = 0;
        for name in fresh {
            bytes += length(&name);
            if bytes > MOST_BYTES || kept == MOST_FILES {
                break;
            }
            let place = self.corpus.join(name.get(..12).unwrap_or(&name));
            fs::copy(merged.join(&name), &place).with_context(|| format!("cannot write {}", place.display()))?;
            kept += 1;
        }
        Ok(kept)
    }
}

/// Whether libFuzzer calls a file so that has broken a target; others were only slow.
fn is_broken(name: &str) -> bool {
    ["crash-", "timeout-", "oom-"].iter().any(|kind| name.starts_with(kind))
}

/// Makes a directory with nothing in it.
fn emptied(directory: &Path) -> Result<()> {
    let context = || format!("cannot empty {}", directory.display());
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(context)?;
    }
    fs::create_dir_all(directory).with_context(context)
}
