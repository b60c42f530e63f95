//! The table on the terminal.

use std::io::{Write, stdout};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::party::{self, Outcome, Party, Scenario};
use crate::together;

/// Writes a line at once. A closed terminal is no reason to stop.
pub(crate) fn line(text: &str) {
    let mut out = stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

pub(crate) fn head(party: &Party) {
    let Party { viewers, arrival, watching, seekers, seed } = party;
    line(&format!(
        "{viewers} viewers press play within {} s and watch {} s of one film at {} Mbit/s; one in {seekers} seeks. Seed {seed}.\n",
        arrival.as_secs(),
        watching.as_secs(),
        (party::RATE + 16_000) * 8 / 1_000_000,
    ));
    line(
        "| chunks | start p50 | p95 | p99 | stalled | stall s/h | origin GB | origin requests | requests/viewer-hour | hits | collapsed |",
    );
    line("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
}

/// Plays a scenario and writes what came of it.
pub(crate) fn row(scenario: &Scenario, party: &Party) -> Outcome {
    let outcome = party::play(party, scenario);
    let traffic = outcome.traffic;
    let startup = |part| format!("{} ms", percentile(&outcome.startups, part).as_millis());
    let percent = |part: u64| format!("{:.1} %", part as f64 * 100.0 / traffic.requests.max(1) as f64);
    let hours = outcome.watched.as_secs_f64() / 3_600.0;
    let stalls: Duration = outcome.stalls.iter().sum();
    line(&format!(
        "| {} | {} | {} | {} | {:.1} % | {:.1} | {:.2} | {} | {:.0} | {} | {} |",
        scenario.name,
        startup(0.5),
        startup(0.95),
        startup(0.99),
        outcome.stalled as f64 * 100.0 / party.viewers as f64,
        stalls.as_secs_f64() / hours,
        traffic.origin_bytes as f64 / 1e9,
        traffic.origin_requests,
        traffic.requests as f64 / hours,
        percent(traffic.hits),
        percent(traffic.collapsed),
    ));
    outcome
}

/// Has one of five viewers watch over each link of these files, and writes how long the others wait.
pub(crate) fn together(files: impl Iterator<Item = PathBuf>) -> Result<()> {
    line(
        "| link | all wait, one rendition | ten seconds at most, one rendition: the others | the slow one | with renditions: the others | the slow one |",
    );
    line("| --- | ---: | ---: | ---: | ---: | ---: |");
    let (mut count, mut sums) = (0, [Duration::ZERO; 5]);
    for file in files {
        let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let course = together::course(&text).with_context(|| format!("{} is no link", file.display()))?;
        let (one, several) = (together::play(&course, false), together::play(&course, true));
        let spans = [together::alone(&course), one.others, one.slow, several.others, several.slow];
        row_of(&file.file_stem().unwrap_or_default().to_string_lossy(), spans);
        sums.iter_mut().zip(spans).for_each(|(sum, span)| *sum += span);
        count += 1;
    }
    anyhow::ensure!(count > 0, "--together takes files of links");
    row_of("mean", sums.map(|sum| sum / count));
    Ok(())
}

fn row_of(name: &str, spans: [Duration; 5]) {
    let spans = spans.map(|span| format!("{:.1} s", span.as_secs_f64())).join(" | ");
    line(&format!("| {name} | {spans} |"));
}

/// That part of the sorted values lies at or below the answer.
pub(crate) fn percentile(sorted: &[Duration], part: f64) -> Duration {
    let at = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or_default()
}
