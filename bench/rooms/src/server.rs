//! A server under load: a process of its own, and what it takes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

/// A server that listens; ends when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The real origin with its relay.
    pub(crate) fn relay(program: &Path, media: &Path, clients: usize) -> Result<Self> {
        let most = (clients + 1_000).to_string();
        let mut command = Command::new(program);
        command.arg("--media").arg(media).args(["--listen", "127.0.0.1:0", "--party"]);
        command.args(["--max-connections", &most, "--max-client-connections", &most, "--party-max-clients", &most]);
        Self::start(command.env("RUST_LOG", "error"))
    }

    /// This program, as an echo.
    pub(crate) fn echo() -> Result<Self> {
        Self::start(Command::new(std::env::current_exe()?).arg("--echo"))
    }

    fn start(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.with_context(|| format!("cannot start {command:?}"))?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is a pipe")).read_line(&mut line)?;
        let address =
            line.trim().trim_start_matches("listening on ").trim_start_matches("http://").trim_end_matches('/');
        let address = address.parse().with_context(|| format!("{command:?} said {line:?}"))?;
        Ok(Self { child, address })
    }

    /// A line of its status, in bytes: `VmRSS:` is what it holds, `VmHWM:` the most that it ever did.
    pub(crate) fn memory(&self, line: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let value = status.lines().find_map(|text| text.strip_prefix(line)).unwrap_or_default();
        value.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().unwrap_or(0) * 1_024
    }

    /// User and system time so far, which the kernel counts in hundredths of a second (`man 5 proc`, fields 14 and 15).
    pub(crate) fn processor_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // The second field is a name in brackets, which may hold anything.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: u32 = fields.skip(11).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
        f64::from(ticks) / 100.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
