//! A screen that nobody sees, for programs that have no headless mode.

use std::process::Command;

use anyhow::{Context, Result};

use crate::Process;

/// Starts an X server, and gives its display, such as `:7`. `size` is its width and height in pixels.
///
/// # Errors
/// When Xvfb is missing or does not become ready.
pub fn start([width, height]: [u32; 2]) -> Result<(Process, String)> {
    let mut server = Command::new("Xvfb");
    server.args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &format!("{width}x{height}x24")]);
    Process::start_and_await(&mut server, |line| Some(format!(":{}", line.trim().parse::<u32>().ok()?)))
        .context("there is no screen: install the package xvfb")
}
