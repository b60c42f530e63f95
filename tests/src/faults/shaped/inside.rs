//! At the viewer's end of a link: what it carries by itself, and then the film.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Browser, Kind};

/// The longest viewing. It only keeps a broken one from lasting for ever.
const PATIENCE: Duration = Duration::from_secs(240);

/// Fetches addresses one after the other, and gives how many milliseconds it took to have so many bytes, and by which protocol.
const FETCH: &str = "
    const [addresses, done] = arguments;
    (async () => {
        const [began, arrivals] = [performance.now(), []];
        let total = 0;
        for (const address of addresses) {
            const reader = (await fetch(address, { cache: 'no-store' })).body.getReader();
            for (let part; !(part = await reader.read()).done; arrivals.push([performance.now() - began, total])) {
                total += part.value.byteLength;
            }
        }
        const { nextHopProtocol } = performance.getEntriesByType('resource').at(-1);
        return { arrivals, protocol: nextHopProtocol };
    })().then(done, (error) => done({ error: `${error}` }));";

/// What is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Task {
    pub(super) origin: String,
    pub(super) is_firefox: bool,
    /// The film's files, in the order of its time.
    pub(super) files: Vec<String>,
    pub(super) setting: Value,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) bare: Bare,
    /// What the film's page has told last.
    pub(super) told: Value,
}

/// The film's bytes alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Bare {
    /// Milliseconds, and how many bytes had come by then.
    pub(super) arrivals: Vec<(f64, u64)>,
    /// `http/1.1` or `h2`.
    pub(super) protocol: String,
}

/// Tells `begins` before each of the two downloads.
pub(super) async fn run(task: &Task, mut begins: impl FnMut() -> Result<()>) -> Result<Report> {
    let kind = if task.is_firefox { Kind::Firefox } else { Kind::Chromium };
    let browser = Browser::start_trusting(kind, &task.origin).await?;
    browser.record().await?;
    let client = &browser.client;
    client.goto(&format!("{}/frames.html", task.origin)).await?;
    begins()?;
    let bare = client.execute_async(FETCH, vec![json!(task.files)]).await?;
    let bare: Bare = serde_json::from_value(bare.clone()).with_context(|| format!("the bare download: {bare}"))?;
    let address = format!("{}/scenario.html#{}", task.origin, super::super::stage::encoded(&task.setting));
    client.execute("watch(...arguments)", vec![task.setting["id"].clone(), json!(address)]).await?;
    let until = Instant::now() + PATIENCE;
    let mut waits = true;
    loop {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let told = client.execute("return told[arguments[0]] ?? null", vec![task.setting["id"].clone()]).await?;
        if waits && !told.is_null() {
            waits = false;
            begins()?;
            client.execute("begin(...arguments)", vec![task.setting["id"].clone()]).await?;
        }
        if told["isDone"] == true {
            return Ok(Report { bare, told });
        }
        ensure!(Instant::now() < until, "the film does not end: {told}");
    }
}
