//! A wall clock of a program's own, which can be set while the program runs.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The time of this machine until it is set. Timers run as ever.
#[derive(Clone, Debug)]
pub struct Clock {
    file: PathBuf,
}

impl Clock {
    /// What a program's environment has of it.
    pub(crate) const VARIABLES: [&str; 3] =
        ["FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE", "FAKETIME_DONT_FAKE_MONOTONIC"];

    /// A clock that is read from a file in this directory.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new(directory: &Path) -> io::Result<Self> {
        let clock = Self { file: directory.join("clock") };
        clock.set(0)?;
        Ok(clock)
    }

    /// Has a program that is still to be started go by it.
    ///
    /// # Errors
    /// When libfaketime is not installed.
    pub fn tell(&self, program: &mut Command) -> Result<()> {
        program.env("LD_PRELOAD", library()?).env(Self::VARIABLES[0], &self.file);
        // Asked at every look, and only of the wall clock.
        program.envs(Self::VARIABLES[1..].iter().map(|variable| (variable, "1")));
        Ok(())
    }

    /// Sets it so many seconds before that of this machine, or behind where they are negative.
    ///
    /// # Errors
    /// When its file cannot be written.
    pub fn set(&self, seconds: i64) -> io::Result<()> {
        // Swapped by a rename, so that nobody reads half of it.
        let fresh = self.file.with_extension("fresh");
        std::fs::write(&fresh, format!("{seconds:+}s\n"))?;
        std::fs::rename(fresh, &self.file)
    }
}

/// The library that answers a program's question for the time.
fn library() -> Result<PathBuf> {
    let by_architecture = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    by_architecture
        .chain(["/usr/lib64", "/usr/lib"].map(PathBuf::from))
        .map(|directory| directory.join("faketime/libfaketime.so.1"))
        .find(|path| path.is_file())
        .context("libfaketime is not installed; `cargo xtask setup` installs it")
}
