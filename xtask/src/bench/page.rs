//! What playing costs the main thread of a page: `tests/src/bin/bench-page.rs`, once everything it needs is built.

use std::ffi::OsString;

use anyhow::{Context, Result};

use crate::{command, page, report, setup, workspace};

/// Builds, measures, and prints the table.
pub(crate) fn run(arguments: &[OsString]) -> Result<()> {
    let toolchain = super::prepare()?;
    report::headline("Building the page");
    page::build(toolchain)?;
    report::headline("A minute of playback each, traced in Chromium");
    let mut bench = command::cargo();
    bench.args(["run", "--quiet", "--locked", "--package", "end-to-end", "--bin", "bench-page", "--"]).args(arguments);
    bench.env("WATCHPARTY_SITE", workspace::site()).env("WATCHPARTY_PROGRAMS", workspace::target().join("release"));
    bench.env("CHROME", setup::browser().context("Chromium is missing after the set-up")?);
    bench.env("CHROMEDRIVER", setup::driver().context("chromedriver is missing after the set-up")?);
    command::run(&mut bench)
}
