//! Installs what is missing, and only that.
//!
//! 1. Look what is there.
//! 2. Say what is missing, how it will be got and how long that takes. What this account may not install is named, with
//!    the command to type, before anything slow begins.
//! 3. Get it: system packages and the compiler's target on one side, programs built by cargo on the other, at once.

mod cargo_tools;
mod npm_packages;
mod rights;
mod room;
mod step;
mod system;
mod wasm_target;

use anyhow::Result;

use crate::report;

/// What the set-up is to make possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To build and serve the page.
    Demo,
    /// To build the npm package.
    Package,
    /// Also to run every check and test.
    Test,
    /// To measure.
    Bench,
    /// To measure what publishing takes.
    Publish,
    /// To see what the engine's tests reach.
    Coverage,
}

/// Brings this machine to where `purpose` works.
pub(crate) fn run(purpose: Purpose) -> Result<()> {
    if purpose == Purpose::Test {
        room::say_if_scarce();
    }
    let packages = system::missing(purpose)?;
    let npm = matches!(purpose, Purpose::Package | Purpose::Test).then(npm_packages::missing).flatten();
    let machine = packages.into_iter().chain(npm).chain(wasm_target::missing()).collect();
    let tools = cargo_tools::missing(purpose)?;
    let strands: [Vec<step::Step>; 2] = [machine, tools];
    if strands.iter().all(Vec::is_empty) {
        report::line("Set-up: everything is there.");
        return Ok(());
    }
    report::headline("Set-up. Missing, and got now (times are for two processor cores):");
    step::announce(&strands);
    step::run(strands)?;
    report::line("Set-up: done.");
    Ok(())
}

pub(crate) use system::{browser, driver, firefox, nginx, webkit_driver};
