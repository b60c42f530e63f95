//! A headless Chromium with an empty profile, and pages that know nothing of one another.

use std::borrow::BorrowMut;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::devtools::{DevTools, Fetched, Traffic};
use crate::network::Network;

/// On top of what every test needs.
const FLAGS: &[&str] = &[
    "--disable-dev-shm-usage",
    "--remote-debugging-pipe",
    // A second renderer kept ready would be measured too.
    "--disable-features=SpareRendererForSitePerProcess",
];

/// Longest that the browser may take for a command; pages give up sooner.
const PATIENCE: Duration = Duration::from_secs(240);

/// A browser of one's own.
#[derive(Debug)]
pub struct Browser {
    devtools: DevTools,
    _profile: TempDir,
}

/// A page in a context of its own: no cache, no connection and no process is shared with another. `B` is the browser, lent or
/// given.
#[derive(Debug)]
pub struct Page<B: BorrowMut<Browser>> {
    browser: B,
    session: String,
    context: String,
}

/// What a renderer has taken.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// The most memory its process ever had resident, in bytes.
    pub(crate) peak_memory: u64,
    /// Seconds in which the main thread was busy.
    pub(crate) task_seconds: f64,
    /// Of that, in scripts.
    pub(crate) script_seconds: f64,
    /// Objects and array buffers of scripts, WebAssembly included, in bytes, at this moment.
    pub(crate) script_bytes: u64,
}

impl Browser {
    /// Starts it where the network has its client. `trusted` is an origin to treat as if it had TLS.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn start(network: &Network, trusted: &str) -> Result<Self> {
        Self::start_with(network.client(program()), test_browsers::CHROMIUM_FLAGS.iter().copied(), trusted)
    }

    /// Starts it with a window on an X11 display, whose name is such as `:7`, with its left edge there.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn start_on(display: &str, left: u32, trusted: &str) -> Result<Self> {
        let mut command = Command::new("env");
        command.arg(format!("DISPLAY={display}")).arg(program());
        command.arg(format!("--window-position={left},0"));
        Self::start_with(
            command,
            test_browsers::CHROMIUM_FLAGS.iter().copied().filter(|flag| *flag != "--headless"),
            trusted,
        )
    }

    fn start_with(mut command: Command, flags: impl Iterator<Item = &'static str>, trusted: &str) -> Result<Self> {
        let profile = TempDir::new()?;
        command.args(flags).args(FLAGS).arg(format!("--user-data-dir={}", profile.path().display()));
        command.arg(format!("--unsafely-treat-insecure-origin-as-secure={trusted}")).arg("about:blank");
        Ok(Self { devtools: DevTools::start(&command)?, _profile: profile })
    }

    /// Opens an address in a page that the browser ends with.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn into_page(self, url: &str) -> Result<Page<Self>> {
        Page::open(self, url, false)
    }

    /// Opens an address in a page that the browser ends with, and notes what it fetches.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn into_counted_page(self, url: &str) -> Result<Page<Self>> {
        Page::open(self, url, true)
    }

    /// Opens an address.
    pub(crate) fn open(&mut self, url: &str, counts_bytes: bool) -> Result<Page<&mut Self>> {
        Page::open(self, url, counts_bytes)
    }

    #[expect(clippy::needless_pass_by_value, reason = "every caller makes them on the spot")]
    fn command(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<Value> {
        self.devtools.call(session, method, &params, PATIENCE)
    }
}

fn program() -> PathBuf {
    PathBuf::from(std::env::var_os("CHROME").unwrap_or_else(|| "chromium".into()))
}

impl<B: BorrowMut<Browser>> Page<B> {
    /// Moves its window: where its left edge is, and its width and height, in pixels.
    ///
    /// # Errors
    /// When the browser is gone, or has no windows.
    pub fn move_window(&mut self, [left, width, height]: [u32; 3]) -> Result<()> {
        let session = self.session.clone();
        let browser: &mut Browser = self.browser.borrow_mut();
        let window = browser.command(Some(&session), "Browser.getWindowForTarget", json!({}))?;
        let bounds = json!({ "left": left, "top": 0, "width": width, "height": height });
        let params = json!({ "windowId": window["windowId"], "bounds": bounds });
        browser.command(Some(&session), "Browser.setWindowBounds", params).map(drop)
    }

    fn open(mut holder: B, url: &str, counts_bytes: bool) -> Result<Self> {
        let browser: &mut Browser = holder.borrow_mut();
        let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned).context("no such answer");
        let context = text(&browser.command(None, "Target.createBrowserContext", json!({}))?, "browserContextId")?;
        let target = json!({ "url": "about:blank", "browserContextId": context, "width": 1280, "height": 800 });
        let target = text(&browser.command(None, "Target.createTarget", target)?, "targetId")?;
        let session = json!({ "targetId": target, "flatten": true });
        let session = text(&browser.command(None, "Target.attachToTarget", session)?, "sessionId")?;
        if counts_bytes {
            let keep_nothing = json!({ "maxTotalBufferSize": 0, "maxResourceBufferSize": 0 });
            browser.command(Some(&session), "Network.enable", keep_nothing)?;
        }
        browser.command(Some(&session), "Runtime.enable", json!({}))?;
        browser.command(Some(&session), "Runtime.addBinding", json!({ "name": "mark" }))?;
        browser.command(Some(&session), "Performance.enable", json!({}))?;
        let answer = browser.command(Some(&session), "Page.navigate", json!({ "url": url }))?;
        let page = Self { browser: holder, session, context };
        if let Some(error) = answer["errorText"].as_str() {
            bail!("{url}: {error}");
        }
        Ok(page)
    }

    /// What an expression comes to, promises awaited.
    ///
    /// # Errors
    /// When it throws, or the browser is gone.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let answer = self.browser.borrow_mut().command(Some(&self.session), "Runtime.evaluate", params)?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            let text = thrown["exception"]["description"].as_str().or(thrown["text"].as_str());
            let text = text.unwrap_or("it threw").lines().next().unwrap_or_default();
            bail!("{text}");
        }
        Ok(answer["result"]["value"].clone())
    }

    /// The same as a number.
    ///
    /// # Errors
    /// When it is none, it throws, or the browser is gone.
    pub fn number(&mut self, expression: &str) -> Result<f64> {
        self.evaluate(expression)?.as_f64().with_context(|| format!("`{expression}` is no number"))
    }

    /// Waits until the page's own script has begun and the contender's library is there.
    ///
    /// # Errors
    /// When the contender's script fails.
    pub fn await_ready(&mut self) -> Result<Value> {
        // Evaluated too early it would be in the empty page before.
        let loaded =
            "new Promise((resolve) => { const look = () => window.bench ? resolve(1) : setTimeout(look, 2); look(); })";
        while self.evaluate(loaded).is_err() {}
        self.evaluate("bench.isReady()")
    }

    /// What came of each of the requests so far, in no order.
    pub fn fetched(&mut self) -> Vec<Fetched> {
        self.traffic().fetched().cloned().collect()
    }

    pub(crate) fn traffic(&mut self) -> Traffic {
        // Whatever has been said before the answer has been read then.
        let _ = self.evaluate("0");
        self.browser.borrow_mut().devtools.traffic(&self.session)
    }

    /// What the page's renderer has taken so far.
    pub(crate) fn cost(&mut self) -> Result<Cost> {
        let answer = self.browser.borrow_mut().command(Some(&self.session), "Performance.getMetrics", json!({}))?;
        let metrics = answer["metrics"].as_array().cloned().unwrap_or_default();
        let metric = |name: &str| {
            let known = metrics.iter().find(|metric| metric["name"] == name);
            known.and_then(|metric| metric["value"].as_f64()).unwrap_or(0.0)
        };
        let heap = self.browser.borrow_mut().command(Some(&self.session), "Runtime.getHeapUsage", json!({}))?;
        let bytes = |name: &str| heap[name].as_f64().unwrap_or(0.0) as u64;
        Ok(Cost {
            peak_memory: self.browser.borrow_mut().busiest_renderer().map(peak_memory).unwrap_or_default().unwrap_or(0),
            task_seconds: metric("TaskDuration"),
            script_seconds: metric("ScriptDuration"),
            script_bytes: bytes("usedSize") + bytes("backingStorageSize"),
        })
    }
}

impl Browser {
    /// The renderer that has used the most processor time: the one whose page plays a film.
    fn busiest_renderer(&mut self) -> Option<u64> {
        let answer = self.command(None, "SystemInfo.getProcessInfo", json!({})).ok()?;
        let renderers = answer["processInfo"].as_array()?.iter().filter(|process| process["type"] == "renderer");
        let time = |process: &&Value| process["cpuTime"].as_f64().unwrap_or(0.0);
        renderers.max_by(|a, b| time(a).total_cmp(&time(b)))?["id"].as_u64()
    }
}

/// `VmHWM`, where the system has it.
fn peak_memory(process: u64) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1_024)
}

impl Page<Browser> {
    /// Ends the browser as a crash does.
    pub fn kill(&mut self) {
        self.browser.devtools.kill();
    }
}

impl<B: BorrowMut<Browser>> Drop for Page<B> {
    fn drop(&mut self) {
        // A page that cannot be closed goes with the browser.
        let context = json!({ "browserContextId": self.context });
        let _ = self.browser.borrow_mut().command(None, "Target.disposeBrowserContext", context);
    }
}
