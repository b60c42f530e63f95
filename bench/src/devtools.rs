//! Chromium by its own protocol, through a pipe: that reaches into any network namespace, and puts nothing between.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// The protocol speaks on file descriptors 3 and 4.
const TO_PIPES: &str = "exec 3<&0 4>&1 >&2 2>/dev/null; exec \"$@\"";

/// A browser that obeys. Killed when dropped.
#[derive(Debug)]
pub(crate) struct DevTools {
    process: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    last: u64,
    /// Bytes of bodies received, by session, and what they were when the page set a mark.
    traffic: HashMap<String, Traffic>,
}

/// What a page has received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traffic {
    /// Bytes received up to now.
    pub(crate) bytes: u64,
    /// Requests so far.
    pub(crate) requests: u64,
    /// When the first frame was shown.
    pub(crate) at_mark: Option<u64>,
    /// Every request by the browser's name for it.
    fetched: HashMap<String, Fetched>,
}

/// What came of one request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fetched {
    /// Its address.
    pub url: String,
    /// The first byte that it asks for.
    pub from: u64,
    /// Bytes of its body that have come.
    pub bytes: u64,
}

impl Traffic {
    /// What came of each request.
    pub(crate) fn fetched(&self) -> impl Iterator<Item = &Fetched> {
        self.fetched.values()
    }

    fn begin(&mut self, id: &str, request: &Value) {
        self.requests += 1;
        let headers = request["headers"].as_object();
        let range = headers.and_then(|all| all.iter().find(|(name, _)| name.eq_ignore_ascii_case("range")));
        let range = range.and_then(|(_, value)| value.as_str()?.strip_prefix("bytes=")?.split('-').next());
        let from = range.and_then(|from| from.parse().ok()).unwrap_or(0);
        let url = request["url"].as_str().unwrap_or_default().to_owned();
        self.fetched.insert(id.to_owned(), Fetched { url, from, bytes: 0 });
    }

    fn receive(&mut self, id: &str, bytes: u64) {
        self.bytes += bytes;
        if let Some(fetched) = self.fetched.get_mut(id) {
            fetched.bytes += bytes;
        }
    }
}

impl DevTools {
    /// Starts `browser`, whose arguments hold `--remote-debugging-pipe`.
    pub(crate) fn start(browser: &Command) -> Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", TO_PIPES, "sh"]).arg(browser.get_program()).args(browser.get_args());
        let process = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut process = process.with_context(|| format!("cannot start {browser:?}"))?;
        let commands = process.stdin.take().expect("it is a pipe");
        let out = process.stdout.take().expect("it is a pipe");
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || read(out, &sender));
        Ok(Self { process, commands, messages, last: 0, traffic: HashMap::new() })
    }

    /// Has a command done and gives its result. `session` is that of a page.
    pub(crate) fn call(
        &mut self,
        session: Option<&str>,
        method: &str,
        params: &Value,
        limit: Duration,
    ) -> Result<Value> {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&message)?;
        bytes.push(0);
        self.commands.write_all(&bytes).context("the browser has ended")?;
        let end = Instant::now() + limit;
        loop {
            let message = match self.messages.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => bail!("the browser did not answer {method} within {limit:?}"),
                Err(RecvTimeoutError::Disconnected) => bail!("the browser ended during {method}"),
            };
            if message["id"] == self.last {
                if let Some(error) = message.get("error") {
                    bail!("{method}: {}", error["message"].as_str().unwrap_or("it failed"));
                }
                return Ok(message["result"].clone());
            }
            self.note(&message);
        }
    }

    /// What the page of a session has received.
    pub(crate) fn traffic(&self, session: &str) -> Traffic {
        self.traffic.get(session).cloned().unwrap_or_default()
    }

    /// Ends the browser without asking it.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
    }

    fn note(&mut self, message: &Value) {
        let (Some(session), Some(method)) = (message["sessionId"].as_str(), message["method"].as_str()) else { return };
        let traffic = self.traffic.entry(session.to_owned()).or_default();
        let params = &message["params"];
        let id = params["requestId"].as_str().unwrap_or_default();
        match method {
            "Network.dataReceived" => traffic.receive(id, params["dataLength"].as_u64().unwrap_or(0)),
            "Network.requestWillBeSent" => traffic.begin(id, &params["request"]),
            "Runtime.bindingCalled" => traffic.at_mark = Some(traffic.bytes),
            _ => {}
        }
    }
}

/// Messages end with a zero byte.
fn read(out: ChildStdout, sender: &mpsc::Sender<Value>) {
    let (mut reader, mut bytes) = (BufReader::new(out), Vec::new());
    while let Ok(1..) = reader.read_until(0, &mut bytes) {
        bytes.pop();
        if serde_json::from_slice(&bytes).is_ok_and(|message: Value| sender.send(message).is_err()) {
            break;
        }
        bytes.clear();
    }
}

impl Drop for DevTools {
    fn drop(&mut self) {
        // Asked first: killed, it would leave its other processes behind for a while.
        let _ = self.call(None, "Browser.close", &json!({}), Duration::from_secs(5));
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
