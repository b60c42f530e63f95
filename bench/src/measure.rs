//! What is measured in one turn of one contender.

use std::thread;
use std::time::Duration;

use crate::Told;
use crate::browser::{Browser, Cost, Page};
use crate::contender::Contender;
use crate::film::Film;
use anyhow::Result;

/// What a part of the benchmark does with each page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The library is there: first frame, its bytes, and seeks.
    Start,
    /// From navigation on: first frame.
    Cold,
    /// 60 s of film at four times its speed: memory, main thread, bytes.
    Play,
    /// 60 s of film at twice its speed: stalls, bytes.
    Stalls,
    /// From one chunk into the next.
    Border,
    /// The first frame alone, without the rest.
    First,
}

impl Kind {
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Start => "Start with the library there, and seeks",
            Self::Cold => "From navigation on, an empty browser cache",
            Self::Play => "60 s of film at four times its speed",
            Self::Stalls => "60 s of film at twice its speed",
            Self::Border => "From the first chunk into the second",
            Self::First => "The first frame, other units",
        }
    }
}

/// A measure and what it came to.
pub(crate) type Sample = (&'static str, f64);

/// TCP forgets its window after a pause: the size of the library must not help anybody.
const PAUSE: Duration = Duration::from_millis(600);

/// Within groups of 2 s, in frames: near the beginning, in the middle, near the end.
const WITHIN: [u32; 3] = [5, 25, 41];

/// One turn. `begin` is called when the film is about to be loaded.
pub(crate) fn once(
    browser: &mut Browser,
    origin: &str,
    (kind, film, contender, run): (Kind, &Film, &Contender, usize),
    begin: &dyn Fn(),
    trace: Option<Told<'_>>,
) -> Result<Vec<Sample>> {
    let cold = if kind == Kind::Cold { "cold&" } else { "" };
    let traced = if trace.is_some() { "trace" } else { "" };
    let mut page = browser.open(&format!("{origin}/{}?{cold}{traced}", contender.page(film)), true)?;
    let samples = take(&mut page, (kind, film, run), begin);
    if let Some(trace) = trace {
        trace(page.evaluate("bench.notes()")?.as_str().unwrap_or_default())?;
    }
    samples
}

fn take(
    page: &mut Page<&mut Browser>,
    (kind, film, run): (Kind, &Film, usize),
    begin: &dyn Fn(),
) -> Result<Vec<Sample>> {
    let answer = page.await_ready()?;
    if kind == Kind::Cold {
        return Ok(vec![("cold start, ms", answer.as_f64().unwrap_or(f64::NAN))]);
    }
    thread::sleep(PAUSE);
    begin();
    let (before, bytes_before) = (page.cost()?, page.traffic().bytes);
    let started = page.number("bench.start()")?;
    let at_frame = page.traffic().at_mark.unwrap_or(0).saturating_sub(bytes_before);
    let mut samples = vec![("first frame, ms", started), ("bytes at the first frame", at_frame as f64)];
    match kind {
        Kind::Cold | Kind::First => {}
        Kind::Start => {
            thread::sleep(PAUSE);
            samples.push(("seek, ms", page.number(&format!("bench.seekTo({})", position(film, run)))?));
        }
        Kind::Play => {
            let mut most = Cost::default();
            page.evaluate("bench.playTo(30, 4)")?;
            samples.push(("bytes after 30 s of film", page.traffic().bytes.saturating_sub(bytes_before) as f64));
            page.evaluate("void (bench.rest = bench.playTo(60, 4))")?;
            while page.number("video.currentTime")? < 60.0 {
                most.script_bytes = most.script_bytes.max(page.cost()?.script_bytes);
                thread::sleep(Duration::from_millis(400));
            }
            let after = page.cost()?;
            samples.extend([
                ("peak renderer memory, bytes", after.peak_memory as f64),
                ("script memory, bytes", most.script_bytes.max(after.script_bytes) as f64),
                ("main thread, ms", (after.task_seconds - before.task_seconds) * 1e3),
                ("scripts, ms", (after.script_seconds - before.script_seconds) * 1e3),
            ]);
        }
        Kind::Stalls => {
            page.evaluate("bench.playTo(60, 2)")?;
            let report = page.evaluate("bench.report()")?;
            let bytes = page.traffic().bytes.saturating_sub(bytes_before) as f64;
            let end = report["buffered"].as_array().and_then(|ranges| ranges.last()?[1].as_f64()).unwrap_or(60.0);
            samples.extend([
                ("stalls", report["stalls"].as_f64().unwrap_or(f64::NAN)),
                ("stalled, ms", report["stalled"].as_f64().unwrap_or(f64::NAN)),
                ("bytes a buffered second", bytes / end),
            ]);
        }
        Kind::Border => {
            page.number(&format!("bench.seekTo({})", film.border - 2.0))?;
            thread::sleep(Duration::from_secs(1));
            let before = page.evaluate("(bench.watchFrames(), bench.report())")?;
            page.evaluate(&format!("bench.playTo({})", film.border + 2.0))?;
            let after = page.evaluate("bench.report()")?;
            let number = |report: &serde_json::Value, name: &str| report[name].as_f64().unwrap_or(f64::NAN);
            let ranges = after["buffered"].as_array().map_or(0, Vec::len);
            samples.extend([
                ("dropped frames", number(&after, "dropped") - number(&before, "dropped")),
                ("longest step, ms", number(&after, "gap") * 1e3),
                ("stalls", number(&after, "stalls")),
                ("ranges", ranges as f64),
            ]);
        }
    }
    Ok(samples)
}

/// Outside what is buffered, spread over the film and over the groups, the same for every contender of a run.
fn position(film: &Film, run: usize) -> f64 {
    const PLACES: [u32; 7] = [40, 75, 57, 82, 48, 66, 90];
    let group = film.seconds * PLACES[run % PLACES.len()] / 100 / 2;
    let frame = group * 2 * film.frame_rate + WITHIN[run % WITHIN.len()];
    (f64::from(frame) + 0.5) / f64::from(film.frame_rate)
}
