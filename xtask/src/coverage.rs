//! Which lines of the playback engine its tests reach.

use anyhow::{Context, Result};

use crate::{command, setup, workspace};

/// Of a hundred lines, at least.
const LEAST: &str = "95";

/// Runs the engine's tests with counters in it, prints the table, and fails below [`LEAST`].
pub(crate) fn run() -> Result<()> {
    setup::run(setup::Purpose::Coverage)?;
    let mut component = command::program("rustup");
    command::run(component.args(["component", "add", "llvm-tools"]))
        .context("the compiler's own llvm-tools are needed: rustup component add llvm-tools")?;
    let mut cargo = command::cargo();
    cargo.args(["llvm-cov", "--locked", "--package", "watchparty-playback", "--fail-under-lines", LEAST]);
    cargo.env("CARGO_TARGET_DIR", workspace::target().join("coverage"));
    command::run(&mut cargo)
}
