//! WebKitGTK on a screen of its own, by classic WebDriver, which is all that it speaks.

use std::io::{Read, Write};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use player_bench::Network;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_browsers::{Process, webkit};

/// It only keeps a broken machine from waiting for ever.
const PATIENCE: Duration = Duration::from_secs(120);

/// A browser with one page. Killed when dropped.
#[derive(Debug)]
pub(crate) struct WebKit {
    network: Network,
    port: u16,
    /// `/session/…`.
    session: String,
    /// In the order in which they must end.
    _running: Vec<Process>,
    _profile: TempDir,
}

impl WebKit {
    /// Starts it where the network has its client. `MINIBROWSER` and `WEBKITDRIVER` name the programs where they are not in their
    /// usual places.
    pub(crate) fn open(network: &Network, url: &str) -> Result<Self> {
        let browser = webkit::browser().context("MiniBrowser is missing: install the package webkit2gtk-driver")?;
        let profile = TempDir::new()?;
        let webkit::Driver { port, running } =
            webkit::start_in(profile.path(), |program| network.client(program), |port| network.connect(port))?;
        let network = network.clone();
        let mut webkit = Self { network, port, session: String::new(), _running: running, _profile: profile };
        let options = json!({ "binary": browser, "args": webkit::arguments(webkit::Manner::default()) });
        let wanted = json!({ "webkitgtk:browserOptions": options });
        let session = webkit.call("/session", &json!({ "capabilities": { "alwaysMatch": wanted } }))?;
        webkit.session = format!("/session/{}", session["sessionId"].as_str().context("WebKit gave no session")?);
        webkit.call("/url", &json!({ "url": url }))?;
        Ok(webkit)
    }

    /// What an expression comes to, promises awaited; it must be a text.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1];
            Promise.resolve().then(() => {expression}).then((value) => done([value]), (error) => done(String(error)));"
        );
        match self.call("/execute/async", &json!({ "script": script, "args": [] }))? {
            Value::Array(mut value) => value.pop().context("it came to nothing"),
            error => bail!("{error}"),
        }
    }

    /// One command, over a connection of its own.
    fn call(&self, command: &str, parameters: &Value) -> Result<Value> {
        let (port, body) = (self.port, parameters.to_string());
        let mut stream = self.network.connect(port).context("WebKitWebDriver does not listen")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let head = format!(
            "POST {}{command} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            self.session,
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).with_context(|| format!("WebKitWebDriver did not answer {command}"))?;
        let (head, body) = answer.split_once("\r\n\r\n").context("WebKitWebDriver gave half an answer")?;
        let mut answer: Value = serde_json::from_str(body).context("WebKitWebDriver gave no JSON")?;
        if !head.starts_with("HTTP/1.1 200") {
            bail!("{command}: {}", answer["value"]["message"]);
        }
        Ok(answer["value"].take())
    }
}
