//! What a page's main thread does, by a trace of Chromium's over its own protocol (Tracing domain).

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

const CATEGORIES: [&str; 3] = ["toplevel", "devtools.timeline", "__metadata"];

/// A trace under way.
pub struct Trace {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// What the main thread of one process did, in milliseconds.
#[derive(Clone, Debug, Default)]
pub struct MainThread {
    /// From the first task to the end of the last.
    pub span: f64,
    /// Processor time of all tasks, the browser's own work among them.
    pub busy: f64,
    /// Time in which scripts and WebAssembly ran.
    pub scripts: f64,
    /// Processor time of the longest task.
    pub longest: f64,
    /// Tasks of more than 50 ms of processor time.
    pub long_tasks: usize,
    /// Whether the browser gave processor time; if not, all of this is time on the clock.
    pub is_processor_time: bool,
}

impl Trace {
    /// Starts one of a whole browser, whose debugger listens at `address`.
    pub(crate) async fn start(address: &str) -> Result<Self> {
        let (socket, _) = connect_async(address).await.context("the debugger's WebSocket does not open")?;
        let mut trace = Self { socket };
        let config = json!({ "traceConfig": { "includedCategories": CATEGORIES, "excludedCategories": ["*"] } });
        trace.send("Tracing.start", config).await?;
        trace.until(|message| message["id"] == 1).await?;
        Ok(trace)
    }

    /// Ends it, and says what the main thread did that ran scripts longest: that of the page.
    ///
    /// # Errors
    /// When the browser does not give the trace.
    pub async fn end(mut self) -> Result<MainThread> {
        self.send("Tracing.end", json!({})).await?;
        let mut events = Vec::new();
        loop {
            let message = self.until(|message| message["method"].is_string()).await?;
            match message["method"].as_str() {
                Some("Tracing.dataCollected") => {
                    let collected = message["params"]["value"].as_array().context("a trace is a list")?;
                    events.extend(collected.iter().cloned());
                }
                Some("Tracing.tracingComplete") => break,
                _ => {}
            }
        }
        let is_main = |event: &&Value| event["name"] == "thread_name" && event["args"]["name"] == "CrRendererMain";
        let threads: Vec<(&Value, &Value)> =
            events.iter().filter(is_main).map(|event| (&event["pid"], &event["tid"])).collect();
        let main = threads.iter().map(|(pid, tid)| judge(&events, pid, tid));
        main.max_by(|one, other| one.scripts.total_cmp(&other.scripts)).context("the trace has no page")
    }

    async fn send(&mut self, method: &str, params: Value) -> Result<()> {
        let command = json!({ "id": 1, "method": method, "params": params });
        Ok(self.socket.send(Message::text(command.to_string())).await?)
    }

    async fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        while let Some(message) = self.socket.next().await {
            let Message::Text(text) = message? else { continue };
            let message: Value = serde_json::from_str(&text)?;
            if message["error"].is_object() {
                bail!("the browser does not trace: {}", message["error"]);
            }
            if wanted(&message) {
                return Ok(message);
            }
        }
        bail!("the debugger's WebSocket ended")
    }
}

/// Sums up one thread.
fn judge(events: &[Value], pid: &Value, tid: &Value) -> MainThread {
    /// Outermost tasks that run scripts: timers, listeners, promises, callbacks.
    const SCRIPTS: [&str; 7] = [
        "FunctionCall",
        "EvaluateScript",
        "RunMicrotasks",
        "TimerFire",
        "EventDispatch",
        "FireAnimationFrame",
        "v8.callFunction",
    ];
    let of_thread = events.iter().filter(|event| event["ph"] == "X" && event["pid"] == *pid && event["tid"] == *tid);
    let mut pieces: Vec<(f64, f64, f64, &str)> = of_thread
        .filter_map(|event| {
            let duration = event["dur"].as_f64()?;
            // A machine with other work to do makes tasks long that are not.
            let own = event["tdur"].as_f64().unwrap_or(duration);
            Some((event["ts"].as_f64()?, duration, own, event["name"].as_str()?))
        })
        .collect();
    pieces.sort_by(|one, other| one.0.total_cmp(&other.0).then(other.1.total_cmp(&one.1)));
    let mut main = MainThread::default();
    let (mut task_end, mut script_end) = (f64::MIN, f64::MIN);
    main.is_processor_time = events.iter().any(|event| event["tdur"].is_number() && event["tid"] == *tid);
    let begin = pieces.first().map_or(0.0, |piece| piece.0);
    for (at, duration, own, name) in pieces {
        // Tasks and scripts that are part of another are counted with it.
        if name.ends_with("RunTask") && at >= task_end {
            task_end = at + duration;
            main.busy += own / 1e3;
            main.longest = main.longest.max(own / 1e3);
            main.long_tasks += usize::from(own > 50e3);
            main.span = (task_end - begin) / 1e3;
        } else if SCRIPTS.contains(&name) && at >= script_end {
            script_end = at + duration;
            main.scripts += own / 1e3;
        }
    }
    main
}

impl std::fmt::Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Trace")
    }
}
