//! The choice of renditions beside other rules. The playing itself is a program of its own: package `adaptation-bench`.

use std::ffi::OsString;

use anyhow::Result;

use crate::command;

/// Builds it and hands over.
pub(crate) fn run(arguments: &[OsString]) -> Result<()> {
    let cargo = ["run", "--quiet", "--release", "--locked", "--package", "adaptation-bench", "--"];
    command::run(command::cargo().args(cargo).args(arguments))
}
