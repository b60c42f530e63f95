//! A long film watched by a restless viewer: seeks, pauses, rates, hidden tabs and languages by seeds, and after each of them a look at
//! what the page holds. What must not grow is judged by slopes that noise does not move.

mod acts;
mod outcome;
mod picture;
mod report;
mod sample;
mod slope;
mod told;
mod unseen;

use std::{fs, ops::Range, time::Duration, time::Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use test_film::Film;

use crate::{Browser, Cut, Kind, Origin, Page, Site};
use told::{Done, Ear, Told};

pub use outcome::{Outcome, Verdict};
pub use picture::picture;
pub use report::{into_page, summary, table};
pub use sample::{MEASURES, Measure, Sample};
pub use slope::Slope;
pub use unseen::{Unseen, unseen};

const PAGES: [(&str, &str); 2] =
    [("soak.html", include_str!("soak/soak.html")), ("soak.js", include_str!("soak/soak.js"))];

/// The most requests for media that a player has under way at once: for pictures, for sound and for the language that takes over, each
/// for a chunk and its table.
const MOST_REQUESTS: f64 = 6.0;

/// The longest wait for what a player leaves to end. It only keeps a broken one from waiting for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// How a film is watched.
#[derive(Clone, Debug)]
pub struct Plan {
    /// In which browser.
    pub kind: Kind,
    /// For each of them everything is done that there is to do.
    pub seeds: Range<u64>,
    /// The least time from one look to the next. What is left of it, the film plays.
    pub pace: Duration,
}

/// Watches a film of two languages, and ends its player.
///
/// # Errors
/// When a program is missing, a picture is another than is due, a request stays, or the player fails.
pub async fn watch(plan: Plan, film: &Film, mut tell: impl FnMut(&Sample)) -> Result<Outcome> {
    let cut = Cut::with_options(film, &["--quiet"])?;
    let site = Site::example("minimal")?;
    for (name, text) in PAGES {
        fs::write(site.path().join(name), text)?;
    }
    let origin = Origin::serve_site(cut.path(), site.path())?;
    let browser = Browser::start_as(plan.kind).await?;
    let mut ear = Ear::open()?;
    let url = format!("{}/soak.html?to={}", origin.address(), ear.address());
    let page = Page::open_url(&browser, &url, &[]).await?;
    page.wait_for_playhead(1.0).await?;
    let bytes = fs::metadata(&film.path)?.len();
    let mut outcome = Outcome { browser: format!("{:?}", plan.kind), bytes, ..Outcome::default() };
    let (begun, mut next) = (Instant::now(), Duration::ZERO);
    for seed in plan.seeds {
        next += plan.pace;
        let due = next.saturating_sub(begun.elapsed()).as_millis();
        let asked = json!({ "acts": acts::acts(film, seed), "due": due, "end": acts::end(film) });
        page.execute(&format!("void soak.perform({asked})")).await?;
        let done = attend(&page, &mut ear).await.with_context(|| format!("seed {seed}"))?;
        outcome.note(plan.kind, film, &done).with_context(|| format!("seed {seed}"))?;
        let sample = look(&browser, begun, &done).await?;
        tell(&sample);
        outcome.samples.push(sample);
    }
    page.execute("player.destroy()").await?;
    page.wait_until("soak.open === 0", PATIENCE).await.context("requests outlive their player")?;
    Ok(outcome)
}

/// Hides the tab when its viewer wants that, until all is done.
async fn attend(page: &Page<'_>, ear: &mut Ear) -> Result<Box<Done>> {
    loop {
        match ear.next().await? {
            Told::Hide(time) => {
                let hidden = page.hide().await?;
                tokio::time::sleep(Duration::from_millis(time)).await;
                page.show(hidden).await?;
                page.execute("soak.shown()").await?;
            }
            Told::Done(done) => return Ok(done),
            Told::Failed(why) => bail!("{why}"),
        }
    }
}

impl Outcome {
    /// Judges what was shown.
    fn note(&mut self, kind: Kind, film: &Film, done: &Done) -> Result<()> {
        let wrong: Vec<_> = done.frames.iter().filter_map(|frame| frame.fault(film, kind)).collect();
        ensure!(wrong.is_empty(), "{} of {} pictures are wrong: {}", wrong.len(), done.frames.len(), wrong[0]);
        for sought in &done.sought {
            let shown = sought.shown.as_ref().with_context(|| format!("no picture at {} s", sought.to))?;
            let fault = shown.fault(film, kind);
            let is_there = (shown.time - sought.to).abs() < 0.5;
            ensure!(fault.is_none() && is_there, "{fault:?}: {shown:?} is shown at {} s", sought.to);
        }
        let of_player =
            |kind: &'static str| done.events.iter().filter(move |event| event.source == "player" && event.kind == kind);
        let errors: Vec<_> = of_player("error").collect();
        ensure!(errors.is_empty(), "{errors:?}");
        ensure!(done.requests <= MOST_REQUESTS, "{} requests were under way", done.requests);
        self.pictures += done.frames.len();
        self.probes += done.sought.len();
        self.stalls += of_player("stalled").filter(|event| event.detail != "seek").count();
        Ok(())
    }
}

async fn look(browser: &Browser, begun: Instant, done: &Done) -> Result<Sample> {
    let heap = browser.heap().await?;
    Ok(Sample {
        seconds: (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        resident: browser.resident()? as f64,
        scripts: heap.map(|heap| heap.bytes),
        wasm: done.wasm,
        buffered: done.buffered,
        requests: done.requests,
        listeners: heap.map(|heap| heap.listeners),
        received: done.received,
    })
}
