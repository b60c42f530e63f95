//! The table on the terminal.

use std::io::{Write, stdout};
use std::time::Duration;

use crate::party::{self, Outcome, Party, Scenario};

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

/// That part of the sorted values lies at or below the answer.
pub(crate) fn percentile(sorted: &[Duration], part: f64) -> Duration {
    let at = (sorted.len() as f64 * part).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().unwrap_or_default()
}
