//! Browser, driver, ffmpeg and npm: what the tests take from the system.

use std::{env, path::PathBuf};

use anyhow::{Result, bail};

use super::{rights::Rights, step::Step};
use crate::command;

/// Chromium or Chrome: `CHROME`, or the first on the path.
pub(crate) fn browser() -> Option<PathBuf> {
    const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
    let names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];
    env::var_os("CHROME")
        .map(PathBuf::from)
        .or_else(|| names.into_iter().find_map(command::which))
        .or_else(|| Some(PathBuf::from(MAC)).filter(|path| path.is_file()))
}

/// chromedriver: `CHROMEDRIVER`, or on the path.
pub(crate) fn driver() -> Option<PathBuf> {
    env::var_os("CHROMEDRIVER").map(PathBuf::from).or_else(|| command::which("chromedriver"))
}

/// The step that installs what is missing, if anything is.
///
/// # Errors
/// What to install by hand, where this account cannot.
pub(super) fn missing() -> Result<Option<Step>> {
    let needs = [
        ("chromium", browser().is_some()),
        ("chromium-driver", driver().is_some()),
        ("ffmpeg", command::which("ffmpeg").is_some() && command::which("ffprobe").is_some()),
        ("npm", command::which("npm").is_some()),
    ];
    let packages: Vec<&str> = needs.into_iter().filter(|(_, there)| !there).map(|(package, _)| package).collect();
    if packages.is_empty() {
        return Ok(None);
    }
    if command::which("apt-get").is_none() {
        bail!(
            "the tests need {}; install by hand:\n  \
             macOS    brew install --cask google-chrome chromedriver && brew install ffmpeg node\n  \
             Fedora   dnf install chromium chromedriver ffmpeg npm\n  \
             Windows  winget install Google.Chrome Gyan.FFmpeg OpenJS.NodeJS, and the driver of that Chrome from\n           \
             https://googlechromelabs.github.io/chrome-for-testing/\n\
             CHROME and CHROMEDRIVER may name them where they are not on the path",
            packages.join(", ")
        );
    }
    let rights = Rights::to_install(&packages)?;
    Ok(Some(Step {
        title: packages.join(", "),
        means: "apt-get install".to_owned(),
        expected: "30 s",
        work: Box::new(move |journal| rights.install(&packages, journal)),
    }))
}
