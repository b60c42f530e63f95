//! A headless Firefox with an empty profile, by WebDriver BiDi, which it speaks by itself.

use std::ffi::OsString;
use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use player_bench::Network;
use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket};

/// It only keeps a broken machine from waiting for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// A browser with one page. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Firefox {
    socket: WebSocket<TcpStream>,
    last: u64,
    context: String,
    // In the order in which they must end.
    _browser: Ended,
    _sound: Ended,
    _profile: TempDir,
}

/// A program that ends with its value.
#[derive(Debug)]
struct Ended(Child);

impl Ended {
    fn start(command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        child.map(Self).with_context(|| format!("cannot start {command:?}"))
    }

    /// Waits until it has written a file that `wanted` makes something of.
    fn announce<T>(&mut self, file: &Path, wanted: impl Fn(&str) -> Option<T>) -> Result<T> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = fs::read_to_string(file).ok().as_deref().and_then(&wanted) {
                return Ok(found);
            }
            let runs = matches!(self.0.try_wait(), Ok(None));
            ensure!(runs && Instant::now() < end, "it did not become ready: there is no {}", file.display());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Firefox {
    /// Starts it where the network has its client. `trusted` is an origin to treat as if it had TLS. `FIREFOX` and `PULSEAUDIO`
    /// name the programs where they are not on the path.
    pub(crate) fn open(network: &Network, trusted: &str, url: &str) -> Result<Self> {
        let named =
            |variable: &str, usual: &str| -> OsString { std::env::var_os(variable).unwrap_or_else(|| usual.into()) };
        let profile = TempDir::new()?;
        let place = profile.path();
        let preferences = format!("{}{}", test_browsers::FIREFOX_PREFERENCES, trust(trusted));
        fs::write(place.join("user.js"), preferences).context("cannot write the profile")?;
        let socket = place.join("pulse.socket");
        let mut sound = Command::new(named("PULSEAUDIO", "pulseaudio"));
        sound.args(test_browsers::SILENT_SOUND);
        sound.arg(format!("module-native-protocol-unix auth-anonymous=1 socket={}", socket.display()));
        let sound = Ended::start(sound.env("HOME", place).env("XDG_RUNTIME_DIR", place))?;
        let begun = Instant::now();
        while !socket.exists() {
            ensure!(begun.elapsed() < PATIENCE, "the sound server did not become ready");
            thread::sleep(Duration::from_millis(20));
        }
        let mut browser = network.client(named("FIREFOX", "firefox-esr"));
        browser.args(["--headless", "--no-remote", "--remote-debugging-port=0", "--width=1280", "--height=800"]);
        browser.env("PULSE_SERVER", format!("unix:{}", socket.display())).arg("--profile").arg(place);
        let mut browser = Ended::start(&mut browser)?;
        let port = browser.announce(&place.join("WebDriverBiDiServer.json"), |text| {
            serde_json::from_str::<Value>(text).ok()?["ws_port"].as_u64()
        })?;
        let stream = network.connect(u16::try_from(port)?).context("Firefox does not listen")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (socket, _) = tungstenite::client(format!("ws://127.0.0.1:{port}/session"), stream)
            .map_err(|error| anyhow::anyhow!("Firefox does not speak WebDriver BiDi: {error}"))?;
        let context = String::new();
        let mut firefox = Self { socket, last: 0, context, _browser: browser, _sound: sound, _profile: profile };
        firefox.call("session.new", &json!({ "capabilities": {} }))?;
        let tree = firefox.call("browsingContext.getTree", &json!({}))?;
        let context = tree["contexts"][0]["context"].as_str().context("Firefox has no window")?;
        firefox.context = context.to_owned();
        let navigation = json!({ "context": firefox.context, "url": url, "wait": "complete" });
        firefox.call("browsingContext.navigate", &navigation)?;
        Ok(firefox)
    }

    /// What an expression comes to, promises awaited; it must be a text.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let target = json!({ "context": self.context });
        let parameters = json!({ "expression": expression, "target": target, "awaitPromise": true });
        let answer = self.call("script.evaluate", &parameters)?;
        if answer["type"] == "exception" {
            bail!("{}", answer["exceptionDetails"]["text"].as_str().unwrap_or("it threw"));
        }
        Ok(answer["result"]["value"].clone())
    }

    fn call(&mut self, method: &str, parameters: &Value) -> Result<Value> {
        self.last += 1;
        let command = json!({ "id": self.last, "method": method, "params": parameters });
        self.socket.send(Message::text(command.to_string())).context("Firefox has ended")?;
        loop {
            let Message::Text(text) = self.socket.read().with_context(|| format!("Firefox did not answer {method}"))?
            else {
                continue;
            };
            let answer: Value = serde_json::from_str(&text)?;
            if answer["id"] == self.last {
                ensure!(answer["type"] == "success", "{method}: {}", answer["message"]);
                return Ok(answer["result"].clone());
            }
        }
    }
}

/// The preference by which a host counts as one with TLS.
fn trust(origin: &str) -> String {
    let host = origin.trim_start_matches("http://").split(':').next().unwrap_or_default();
    format!("user_pref(\"dom.securecontext.allowlist\", \"{host}\");\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_trusted_at_any_port() {
        let preference = trust("http://10.77.0.2:8077");
        assert_eq!(preference, "user_pref(\"dom.securecontext.allowlist\", \"10.77.0.2\");\n");
    }
}
