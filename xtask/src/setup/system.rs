//! Browser, driver, ffmpeg, nginx and the like: what tests and measurements take from the system.

use std::{env, fs, path::PathBuf};

use anyhow::{Result, bail};

use super::{Purpose, rights::Rights, step::Step};
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

/// nginx: `NGINX`, or on the path, or where only administrators look.
pub(crate) fn nginx() -> Option<PathBuf> {
    let elsewhere = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].map(PathBuf::from);
    env::var_os("NGINX")
        .map(PathBuf::from)
        .or_else(|| command::which("nginx"))
        .or_else(|| elsewhere.into_iter().find(|path| path.is_file()))
}

/// The library by which a test sets a program's clock.
fn is_faketime_there() -> bool {
    let directories = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    directories.into_iter().any(|entry| entry.path().join("faketime/libfaketime.so.1").is_file())
}

/// The step that installs what is missing, if anything is.
///
/// # Errors
/// What to install by hand, where this account cannot.
pub(super) fn missing(purpose: Purpose) -> Result<Option<Step>> {
    let needs: &[_] = match purpose {
        Purpose::Demo => &[],
        Purpose::Test => &[
            ("chromium", browser().is_some()),
            ("chromium-driver", driver().is_some()),
            ("ffmpeg", command::which("ffmpeg").is_some() && command::which("ffprobe").is_some()),
            ("nginx", nginx().is_some()),
            ("libfaketime", is_faketime_there()),
            ("jq", command::which("jq").is_some()),
        ],
        Purpose::Bench => &[("nginx", nginx().is_some()), ("wrk", command::which("wrk").is_some())],
    };
    let packages: Vec<&str> = needs.iter().filter(|(_, there)| !there).map(|(package, _)| *package).collect();
    if packages.is_empty() {
        return Ok(None);
    }
    if command::which("apt-get").is_none() {
        bail!(
            "the tests need {}; install by hand:\n  \
             macOS    brew install --cask google-chrome chromedriver && brew install ffmpeg\n  \
             Fedora   dnf install chromium chromedriver ffmpeg\n  \
             Windows  winget install Google.Chrome Gyan.FFmpeg, and the driver of that Chrome from\n           \
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
