//! The relay with thousands of members. The measuring itself is a program of its own: package `relay-bench`.

use std::ffi::OsString;

use anyhow::Result;

use crate::{command, demo, report};

/// Builds what is measured, and hands over.
pub(crate) fn run(arguments: &[OsString]) -> Result<()> {
    report::headline("Building the programs");
    demo::build_programs()?;
    let cargo = ["run", "--quiet", "--release", "--locked", "--package", "relay-bench", "--"];
    command::run(command::cargo().args(cargo).args(arguments))
}
