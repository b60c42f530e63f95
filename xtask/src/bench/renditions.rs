//! The choice of renditions in browsers. The playing itself is a program of its own: package `renditions-bench`.

use std::ffi::OsString;

use anyhow::{Context, Result};

use crate::{command, setup};

/// Sets up, builds what is measured, and hands over.
pub(crate) fn run(arguments: &[OsString]) -> Result<()> {
    super::prepare()?;
    let browser = setup::browser().context("Chromium is missing after the set-up")?;
    let nginx = setup::nginx().context("nginx is missing after the set-up")?;
    let cargo = ["run", "--quiet", "--release", "--locked", "--package", "renditions-bench", "--"];
    let mut bench = command::cargo();
    bench.args(cargo).args(arguments).env("CHROME", browser).env("NGINX", nginx);
    command::run(&mut bench)
}
