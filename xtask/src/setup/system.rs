//! Browser, driver, ffmpeg, nginx, node and the like: what tests, package and measurements take from the system.

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

/// Firefox: `FIREFOX`, or the first on the path.
pub(crate) fn firefox() -> Option<PathBuf> {
    let names = ["firefox-esr", "firefox"];
    env::var_os("FIREFOX").map(PathBuf::from).or_else(|| names.into_iter().find_map(command::which))
}

/// nginx: `NGINX`, or on the path, or where only administrators look.
pub(crate) fn nginx() -> Option<PathBuf> {
    let elsewhere = ["/usr/sbin/nginx", "/usr/local/sbin/nginx"].map(PathBuf::from);
    env::var_os("NGINX")
        .map(PathBuf::from)
        .or_else(|| command::which("nginx"))
        .or_else(|| elsewhere.into_iter().find(|path| path.is_file()))
}

/// Whether a library of that path is in one of the system's directories for them.
fn is_library_there(path: &str) -> bool {
    let by_architecture = fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let mut directories = by_architecture.chain(["/usr/lib64", "/usr/lib"].map(PathBuf::from));
    directories.any(|directory| directory.join(path).is_file())
}

/// WebKitWebDriver: `WEBKITDRIVER`, or on the path. WebKitGTK is for Linux alone.
pub(crate) fn webkit_driver() -> Option<PathBuf> {
    env::var_os("WEBKITDRIVER").map(PathBuf::from).or_else(|| command::which("WebKitWebDriver"))
}

/// WebKitGTK with the decoders that it takes from GStreamer, and a screen that nobody sees.
fn webkit() -> Vec<(&'static str, bool)> {
    let there = |name: &str| command::which(name).is_some();
    vec![
        ("webkit2gtk-driver", webkit_driver().is_some() && test_browsers::webkit::browser().is_some()),
        ("xvfb", there("Xvfb")),
        ("openbox", there("openbox")),
        ("libgl1-mesa-dri", is_library_there("dri/swrast_dri.so")),
        ("libegl1", is_library_there("libEGL.so.1")),
        ("gstreamer1.0-libav", is_library_there("gstreamer-1.0/libgstlibav.so")),
        ("gstreamer1.0-plugins-base", is_library_there("gstreamer-1.0/libgstplayback.so")),
        ("gstreamer1.0-plugins-good", is_library_there("gstreamer-1.0/libgstisomp4.so")),
        ("gstreamer1.0-plugins-bad", is_library_there("gstreamer-1.0/libgstvideoparsersbad.so")),
    ]
}

/// The step that installs what is missing, if anything is.
///
/// # Errors
/// What to install by hand, where this account cannot.
pub(super) fn missing(purpose: Purpose) -> Result<Option<Step>> {
    let there = |name: &str| command::which(name).is_some();
    let mut needs = match purpose {
        Purpose::Demo | Purpose::Coverage => vec![],
        Purpose::Package => vec![("nodejs", there("node")), ("npm", there("npm"))],
        Purpose::Test => vec![
            ("chromium", browser().is_some()),
            ("chromium-driver", driver().is_some()),
            ("ffmpeg", there("ffmpeg") && there("ffprobe") && there("ffplay")),
            ("nginx", nginx().is_some()),
            ("libfaketime", !cfg!(target_os = "linux") || is_library_there("faketime/libfaketime.so.1")),
            ("libnss-wrapper", !cfg!(target_os = "linux") || is_library_there("libnss_wrapper.so")),
            ("jq", there("jq")),
            ("redis-server", there("redis-server")),
            ("nodejs", there("node")),
            ("npm", there("npm")),
            ("firefox-esr", firefox().is_some()),
            ("pulseaudio", there("pulseaudio")),
        ],
        Purpose::Publish => vec![("awscli", there("aws")), ("rclone", there("rclone")), ("ffmpeg", there("ffmpeg"))],
        Purpose::Bench => vec![
            ("nginx", nginx().is_some()),
            ("wrk", there("wrk")),
            ("xvfb", !cfg!(target_os = "linux") || there("Xvfb")),
        ],
    };
    if purpose == Purpose::Test && cfg!(target_os = "linux") {
        needs.extend(webkit());
    }
    let packages: Vec<&str> = needs.iter().filter(|(_, there)| !there).map(|(package, _)| *package).collect();
    if packages.is_empty() {
        return Ok(None);
    }
    if command::which("apt-get").is_none() {
        bail!(
            "{} missing; install by hand:\n  \
             macOS    brew install --cask google-chrome chromedriver firefox && brew install ffmpeg nginx jq redis node \
             pulseaudio\n  \
             Fedora   dnf install chromium chromedriver firefox pulseaudio ffmpeg nginx libfaketime nss_wrapper jq redis nodejs npm \
             webkitgtk6.0-devel xorg-x11-server-Xvfb openbox gstreamer1-plugin-libav\n  \
             Windows  winget install Google.Chrome Mozilla.Firefox Gyan.FFmpeg OpenJS.NodeJS, and the driver of that\n           \
             Chrome from https://googlechromelabs.github.io/chrome-for-testing/\n\
             CHROME, CHROMEDRIVER, FIREFOX, MINIBROWSER and WEBKITDRIVER may name them where they are not on the path",
            packages.join(", ")
        );
    }
    let rights = Rights::to_install(&packages)?;
    Ok(Some(Step {
        title: packages.join(", "),
        means: "apt-get install".to_owned(),
        expected: "1 min",
        work: Box::new(move |journal| rights.install(&packages, journal)),
    }))
}
