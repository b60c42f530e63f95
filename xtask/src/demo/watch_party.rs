//! `examples/watch-party`: a page with a server of its own, as a host would have it.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{command, package, report, toolchain::Toolchain, workspace};

/// Builds the package, and installs it in the example with what its server is made of.
pub(super) fn prepare(toolchain: Toolchain) -> Result<()> {
    report::headline("Building the package");
    package::build(toolchain)?;
    report::headline("Installing the example's packages");
    let mut npm = command::program("npm");
    npm.args(["install", "--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]);
    // The example's own list says where the package lies unless cargo has another target directory.
    command::run(npm.arg(package::directory()).current_dir(directory())).context("the example's packages come from npm")
}

/// The server, which takes the film from `media`.
pub(super) fn server(media: &Path, port: u16, host: Ipv4Addr) -> Command {
    let mut node = command::program("node");
    node.arg("server.js").current_dir(directory());
    node.env("MEDIA", media).env("PORT", port.to_string()).env("HOST", host.to_string());
    node
}

fn directory() -> PathBuf {
    workspace::root().join("examples/watch-party")
}
