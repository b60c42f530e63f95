//! Other people's players, which the tests hand a cut to: from npm, at the versions of a lockfile.

use std::fs;

use anyhow::{Context, Result};

use super::step::Step;
use crate::{command, workspace};

/// The step that installs them, unless these very versions are there.
pub(super) fn missing() -> Result<Option<Step>> {
    let directory = workspace::root().join("tests/peers");
    let lock = directory.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let installed = directory.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|found| found == wanted) {
        return Ok(None);
    }
    Ok(Some(Step {
        title: "hls.js, shaka-player and dash.js".to_owned(),
        means: format!("npm ci in {}", directory.display()),
        expected: "15 s",
        work: Box::new(move |journal| {
            // Scripts of packages are not needed: the players are taken as they were published.
            let mut npm = command::program(command::which("npm").unwrap_or_else(|| "npm".into()));
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&directory);
            journal.run(&mut npm).with_context(|| {
                format!("install Node.js (https://nodejs.org), then by hand: npm ci --prefix {}", directory.display())
            })?;
            fs::write(&installed, wanted).with_context(|| format!("cannot write {}", installed.display()))
        }),
    }))
}
