//! What playing at 1x costs a page's main thread: the bare engine, the project's page, and the page with its panel open.
//!
//! `cargo xtask bench page` builds what this needs. A film of 1080p at 20 Mbit/s is played in Chromium; once the buffer is
//! full, a trace is taken of a minute of playback. With `--before PACKAGE` the bare engine is held against that of another
//! build of the package, by turns.

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use end_to_end::{Browser, Cut, MainThread, Origin, Page, Site, big_film};

/// Time for which playback is traced.
const MINUTE: Duration = Duration::from_secs(60);
/// Seconds of the film by which the engine has started and its buffer is full.
const SETTLED: f64 = 6.0;
/// How often each of two builds has its turn.
const TURNS: u32 = 3;

#[tokio::main]
async fn main() -> Result<()> {
    let film = big_film()?;
    let cut = Cut::new(&film, None)?;
    let mut arguments = env::args_os().skip(1);
    let before = match arguments.next() {
        None => None,
        Some(option) => {
            ensure!(option == "--before", "the only option is --before PACKAGE");
            let package = arguments.next().context("--before takes the directory of a package")?;
            Some(Site::example_with("minimal", Path::new(&package))?)
        }
    };
    let site = Site::example("minimal")?;
    let mut out = io::stdout();
    writeln!(
        out,
        "| page | scripts and WebAssembly | all of the main thread | longest task | tasks over 50 ms | time |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: | --- |")?;
    let embedded = Origin::serve_site(cut.path(), site.path())?;
    if let Some(before) = before {
        let before = Origin::serve_site(cut.path(), before.path())?;
        for _ in 0..TURNS {
            row("examples/minimal: the engine alone", &embedded, "").await?;
            row("the same with the other build", &before, "").await?;
        }
        return Ok(());
    }
    row("examples/minimal: the engine alone", &embedded, "").await?;
    let origin = Origin::serve(cut.path())?;
    row("the page", &origin, "").await?;
    row("the page with its panel open", &origin, "document.getElementById('flow').open = true").await
}

async fn row(title: &str, origin: &Origin, prepare: &str) -> Result<()> {
    let MainThread { span, busy, scripts, longest, long_tasks, is_processor_time } = measure(origin, prepare).await?;
    let share = |time: f64| 100.0 * time / span;
    writeln!(
        io::stdout(),
        "| {title} | {:.2} % | {:.2} % | {longest:.1} ms | {long_tasks} | {} |",
        share(scripts),
        share(busy),
        if is_processor_time { "processor" } else { "clock" }
    )?;
    Ok(())
}

async fn measure(origin: &Origin, prepare: &str) -> Result<MainThread> {
    let browser = Browser::start().await?;
    // Without the recorder of the tests, which looks at every frame.
    let url = format!("{}/?src=/media/current/manifest.json", origin.address());
    let page = Page::open_unwatched(&browser, &url).await?;
    page.wait_for_video(SETTLED).await?;
    if !prepare.is_empty() {
        page.run(prepare).await?;
    }
    let trace = browser.trace().await?;
    tokio::time::sleep(MINUTE).await;
    let main = trace.end().await?;
    // It has played, and not stood still.
    page.wait_for_video(SETTLED + MINUTE.as_secs_f64() * 0.9).await?;
    Ok(main)
}
