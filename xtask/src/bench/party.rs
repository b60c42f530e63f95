//! Browsers in one room. The measuring itself is a program of its own: package `party-bench`.

use std::ffi::OsString;

use anyhow::{Context, Result};

use crate::{command, setup};

/// Sets up, builds what is measured, and hands over.
pub(crate) fn run(arguments: &[OsString]) -> Result<()> {
    super::prepare()?;
    let cargo = ["run", "--quiet", "--release", "--locked", "--package", "party-bench", "--"];
    let mut bench = command::cargo();
    bench.env("CHROME", setup::browser().context("Chromium is missing after the set-up")?);
    bench.env("FIREFOX", setup::firefox().context("Firefox is missing after the set-up")?);
    command::run(bench.args(cargo).args(arguments))
}
