//! What the package's build and the end-to-end tests take from npm, at the versions of `tests/npm/package-lock.json`.

use std::fs;

use anyhow::{Context, Result};

use super::step::Step;
use crate::{command, workspace};

const FILES: [&str; 2] = ["package.json", "package-lock.json"];

/// The step that installs them, unless exactly these are there.
pub(super) fn missing() -> Option<Step> {
    if is_there() {
        return None;
    }
    Some(Step {
        title: "npm packages".to_owned(),
        means: format!("npm ci into {}", workspace::npm().display()),
        expected: "15 s",
        work: Box::new(|journal| {
            copy_lists()?;
            let mut npm = command::program("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(workspace::npm());
            journal.run(&mut npm)
        }),
    })
}

/// npm leaves this file last of all, and as new as the lists that it stands for.
fn is_there() -> bool {
    let read = |path: std::path::PathBuf| fs::read(path).ok();
    let same = |file: &str| read(lists().join(file)) == read(workspace::npm().join(file));
    FILES.iter().all(|file| same(file)) && workspace::npm().join("node_modules/.package-lock.json").is_file()
}

fn copy_lists() -> Result<()> {
    let directory = workspace::npm();
    fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    for file in FILES {
        fs::copy(lists().join(file), directory.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    Ok(())
}

fn lists() -> std::path::PathBuf {
    workspace::root().join("tests/npm")
}
