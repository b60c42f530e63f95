//! Programs of `tests/src/bin` that play films in real browsers for long, once everything they need is built.

use std::ffi::OsString;

use anyhow::{Context, Result};

use crate::{bench, command, page, setup, workspace};

/// Builds, and hands over to the program of that name.
pub(crate) fn run(program: &str, arguments: &[OsString]) -> Result<()> {
    let toolchain = bench::prepare()?;
    page::build(toolchain)?;
    let mut play = command::cargo();
    play.args(["run", "--quiet", "--locked", "--package", "end-to-end", "--bin", program, "--"]).args(arguments);
    play.env("WATCHPARTY_SITE", workspace::site()).env("WATCHPARTY_PROGRAMS", workspace::target().join("release"));
    play.env("CHROME", setup::browser().context("Chromium is missing after the set-up")?);
    play.env("CHROMEDRIVER", setup::driver().context("chromedriver is missing after the set-up")?);
    play.env("NGINX", setup::nginx().context("nginx is missing after the set-up")?);
    play.env("FIREFOX", setup::firefox().context("Firefox is missing after the set-up")?);
    if let Some(driver) = setup::webkit_driver() {
        play.env("WEBKITDRIVER", driver);
    }
    command::run(&mut play)
}
