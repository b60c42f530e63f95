//! Headless Chromium with an empty profile, and chromedriver to talk to it.
//!
//! Chromium is started here and chromedriver only attaches to it, so that both end by their own handles even when a test
//! panics.

use std::{
    env, fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use fantoccini::{Client, ClientBuilder, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;

use crate::process::Process;

/// What Chromium needs in order to run as any user, without a screen or a network, and to play sound unasked.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--window-size=1280,800",
    "--remote-debugging-port=0",
];

/// A Chromium of its own, gone when dropped.
#[derive(Debug)]
pub struct Browser {
    pub(crate) client: Client,
    // In the order in which they must end.
    _driver: Process,
    _chromium: Process,
    _profile: TempDir,
}

impl Browser {
    /// Starts it; `CHROME` and `CHROMEDRIVER` name the programs where they are not on the path.
    ///
    /// # Errors
    /// When a program is missing or does not become ready.
    pub async fn start() -> Result<Self> {
        let profile = TempDir::new()?;
        let (chromium, debugger) = start_chromium(profile.path())?;
        let mut driver = Command::new(env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into()));
        let ready = |line: &str| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok();
        let (driver, port) = Process::start_and_await(driver.arg("--port=0"), ready)?;

        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".to_owned(), json!({ "debuggerAddress": debugger }));
        // A film is watched for minutes inside one script.
        capabilities.insert("timeouts".to_owned(), json!({ "script": 600_000 }));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("chromedriver does not get hold of Chromium")?;
        Ok(Self { client, _driver: driver, _chromium: chromium, _profile: profile })
    }
}

/// Starts Chromium and waits for the file in which it says where its debugger listens.
fn start_chromium(profile: &Path) -> Result<(Process, String)> {
    let mut command = Command::new(env::var_os("CHROME").unwrap_or_else(|| "chromium".into()));
    let mut user_data = std::ffi::OsString::from("--user-data-dir=");
    user_data.push(profile);
    let mut chromium = Process::start(command.args(FLAGS).arg(user_data).arg("about:blank"))?;
    let announcement = profile.join("DevToolsActivePort");
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let text = fs::read_to_string(&announcement).unwrap_or_default();
        // The port on the first line, and the file is whole once there is a second.
        if let Some((port, _)) = text.split_once('\n') {
            return Ok((chromium, format!("127.0.0.1:{port}")));
        }
        ensure!(chromium.runs() && Instant::now() < deadline, "Chromium did not become ready");
        thread::sleep(Duration::from_millis(20));
    }
}
