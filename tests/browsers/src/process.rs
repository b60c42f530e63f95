//! A program that ends with the test, and what it says once it is ready.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use anyhow::{Context, Result, bail, ensure};

/// A running program, killed when dropped.
#[derive(Debug)]
pub struct Process(Child);

impl Process {
    /// Starts a program whose output nobody reads.
    ///
    /// # Errors
    /// When it is not there.
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Ok(Self(child.with_context(|| format!("cannot start {command:?}"))?))
    }

    /// Starts a program and waits for the first line that `wanted` makes something of.
    ///
    /// # Errors
    /// When it is not there, or ends before it is ready.
    ///
    /// # Panics
    /// Never: its output is a pipe.
    pub fn start_and_await<T>(command: &mut Command, wanted: impl Fn(&str) -> Option<T>) -> Result<(Self, T)> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut process = Self(child.with_context(|| format!("cannot start {command:?}"))?);
        let mut lines = BufReader::new(process.0.stdout.take().expect("its output is a pipe")).lines();
        let Some(answer) = lines.by_ref().map_while(Result::ok).find_map(|line| wanted(&line)) else {
            bail!("{command:?} ended before it was ready");
        };
        // A full pipe would stop the program.
        thread::spawn(move || lines.for_each(drop));
        Ok((process, answer))
    }

    /// Has it read its files again, as programs do that are sent `SIGHUP`.
    ///
    /// # Errors
    /// When it has ended.
    pub fn hang_up(&self) -> Result<()> {
        let status = Command::new("kill").args(["-HUP", &self.0.id().to_string()]).status()?;
        ensure!(status.success(), "the program is gone");
        Ok(())
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it still runs.
    #[must_use]
    pub fn runs(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone afterwards.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
