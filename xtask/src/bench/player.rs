//! The player beside its peers. The measuring itself is a program of its own: package `player-bench`.

use std::ffi::OsString;

use anyhow::{Context, Result};

use crate::{command, demo, package, report, setup, toolchain::Toolchain};

/// Sets up, builds what is measured, and hands over.
pub(crate) fn run(arguments: &[OsString]) -> Result<()> {
    setup::run(setup::Purpose::Test)?;
    let toolchain = Toolchain::for_wasm().context("the WebAssembly target is missing after the set-up")?;
    report::headline("Building the package and the programs");
    package::build(toolchain)?;
    demo::build_programs()?;
    let browser = setup::browser().context("Chromium is missing after the set-up")?;
    let nginx = setup::nginx().context("nginx is missing after the set-up")?;
    let cargo = ["run", "--quiet", "--release", "--locked", "--package", "player-bench", "--"];
    let mut bench = command::cargo();
    bench.args(cargo).args(arguments).env("CHROME", browser).env("NGINX", nginx);
    command::run(&mut bench)
}
