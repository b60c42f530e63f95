//! Chromium and chromedriver.

use std::{env, ffi::OsString, path::Path, process::Command};

use anyhow::{Context, Result};
use fantoccini::{
    Client,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use serde_json::{Value, json};
use test_browsers::Process;

use super::{Manner, Started, await_announcement};

/// Blink's own names: 0 is dark, 1 is light.
const COLOURS: [&str; 2] = ["--blink-settings=preferredColorScheme=1", "--blink-settings=preferredColorScheme=0"];

/// What the scripts of a page hold.
#[derive(Clone, Copy, Debug)]
pub struct Heap {
    /// Of JavaScript.
    pub bytes: f64,
    /// How many listen to events.
    pub listeners: f64,
}

pub(super) fn start(profile: &Path, manner: Manner<'_>) -> Result<Started> {
    let mut command = Command::new(env::var_os("CHROME").unwrap_or_else(|| "chromium".into()));
    let mut user_data = OsString::from("--user-data-dir=");
    user_data.push(profile);
    command
        .args(test_browsers::CHROMIUM_FLAGS)
        .arg("--remote-debugging-port=0")
        .arg(COLOURS[usize::from(manner.is_dark)]);
    if manner.wants_gesture {
        // The last one counts.
        command.arg("--autoplay-policy=user-gesture-required");
    }
    if let Some(origin) = manner.trusted {
        command.arg("--ignore-certificate-errors").arg(format!("--unsafely-treat-insecure-origin-as-secure={origin}"));
    }
    let mut browser = Process::start(command.arg(user_data).arg("about:blank"))?;
    // The port on the first line, and the file is whole once there is a second.
    let debugger = await_announcement(&mut browser, &profile.join("DevToolsActivePort"), |text| {
        text.split_once('\n').map(|(port, path)| (format!("127.0.0.1:{port}"), path.trim().to_owned()))
    })?;
    let (address, path) = debugger;
    let (driver, driver_port) = start_driver()?;
    let mut capabilities = Capabilities::new();
    capabilities.insert("goog:chromeOptions".to_owned(), json!({ "debuggerAddress": address }));
    let debugger = Some(format!("ws://{address}{path}"));
    Ok(Started { driver_port, running: vec![driver, browser], debugger, ahead: None, capabilities })
}

/// chromedriver takes a free port of IPv4 and then the same of IPv6, where somebody may have been quicker.
fn start_driver() -> Result<(Process, u16)> {
    const TRIES: usize = 5;
    let ready = |line: &str| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse::<u16>().ok();
    let start = || {
        let mut driver = Command::new(env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into()));
        Process::start_and_await(driver.arg("--port=0"), ready)
    };
    (1..TRIES).find_map(|_| start().ok()).map_or_else(start, Ok)
}

pub(super) async fn run_first(client: &Client, source: &str) -> Result<()> {
    let command = DevTools { method: "Page.addScriptToEvaluateOnNewDocument", params: json!({ "source": source }) };
    client.issue_cmd(command).await.context("cannot put a script into the page").map(drop)
}

pub(super) async fn set_offline(client: &Client, is_offline: bool) -> Result<()> {
    let rates = json!({ "offline": is_offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    for (method, params) in [("Network.enable", json!({})), ("Network.emulateNetworkConditions", rates)] {
        client.issue_cmd(DevTools { method, params }).await.context("cannot switch the network")?;
    }
    Ok(())
}

pub(super) async fn heap(client: &Client) -> Result<Heap> {
    for method in ["HeapProfiler.collectGarbage", "Performance.enable"] {
        client.issue_cmd(DevTools { method, params: json!({}) }).await?;
    }
    let metrics = client.issue_cmd(DevTools { method: "Performance.getMetrics", params: json!({}) }).await?;
    let metrics = metrics["metrics"].as_array().context("metrics are a list")?;
    let metric = |name: &str| metrics.iter().find(|metric| metric["name"] == name)?["value"].as_f64();
    let number = |name: &str| metric(name).with_context(|| format!("Chromium does not count {name}"));
    Ok(Heap { bytes: number("JSHeapUsedSize")?, listeners: number("JSEventListeners")? })
}

/// A command of Chromium's own protocol, which chromedriver passes on.
#[derive(Debug)]
pub(crate) struct DevTools {
    pub(crate) method: &'static str,
    pub(crate) params: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "cmd": self.method, "params": self.params }).to_string()))
    }
}
