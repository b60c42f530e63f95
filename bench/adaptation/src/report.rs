//! Tables in Markdown, and the same as JSON.

use std::io::Write as _;

use serde::Serialize;

use crate::session::Outcome;
use crate::sets::Set;

/// What everybody made of a set.
#[derive(Serialize)]
pub(crate) struct Table {
    set: String,
    links: usize,
    rungs_kbps: Vec<f64>,
    rows: Vec<Row>,
}

/// Means over a set's sessions.
#[derive(Serialize)]
struct Row {
    name: String,
    start_s: f64,
    stalled_s: f64,
    stalls: f64,
    /// Of the time from the first request to the last picture.
    stalled_percent: f64,
    /// Rungs' rates over that same time, in which stalls count as nothing.
    kbps: f64,
    /// Of two groups in a row.
    change_kbps: f64,
    switches_a_minute: f64,
    thrown_percent: f64,
    sessions: Vec<Session>,
}

#[derive(Serialize)]
struct Session {
    link: String,
    stalled_s: f64,
    stalls: u32,
    kbps: f64,
    change_kbps: f64,
    rungs: Vec<usize>,
}

impl Table {
    pub(crate) fn new(set: &Set, rows: Vec<(&str, Vec<Outcome>)>) -> Self {
        let rows = rows.into_iter().map(|(name, outcomes)| row(set, name, &outcomes)).collect();
        Self { set: set.name.clone(), links: set.links.len(), rungs_kbps: set.film.kbps.clone(), rows }
    }
}

fn row(set: &Set, name: &str, outcomes: &[Outcome]) -> Row {
    let film = &set.film;
    let mean = |of: &dyn Fn(&Outcome) -> f64| outcomes.iter().map(of).sum::<f64>() / outcomes.len().max(1) as f64;
    let kbps = |outcome: &Outcome| {
        outcome.rungs.iter().map(|rung| film.kbps[*rung]).sum::<f64>() * film.group_ms / outcome.length
    };
    let changes = |outcome: &Outcome| {
        let steps = outcome.rungs.windows(2).map(|pair| (film.kbps[pair[1]] - film.kbps[pair[0]]).abs());
        steps.sum::<f64>() / outcome.rungs.len().saturating_sub(1).max(1) as f64
    };
    let switches = |outcome: &Outcome| {
        let switches = outcome.rungs.windows(2).filter(|pair| pair[0] != pair[1]).count();
        switches as f64 * 60e3 / outcome.length
    };
    let session = |((link, _), outcome): (&(String, _), &Outcome)| Session {
        link: link.clone(),
        stalled_s: outcome.stalled / 1e3,
        stalls: outcome.stalls,
        kbps: kbps(outcome),
        change_kbps: changes(outcome),
        rungs: outcome.rungs.clone(),
    };
    Row {
        name: name.to_owned(),
        start_s: mean(&|outcome| outcome.start) / 1e3,
        stalled_s: mean(&|outcome| outcome.stalled) / 1e3,
        stalls: mean(&|outcome| f64::from(outcome.stalls)),
        stalled_percent: 100.0 * mean(&|outcome| outcome.stalled / outcome.length),
        kbps: mean(&kbps),
        change_kbps: mean(&changes),
        switches_a_minute: mean(&switches),
        thrown_percent: 100.0 * mean(&|outcome| outcome.thrown) / mean(&|outcome| outcome.received),
        sessions: set.links.iter().zip(outcomes).map(session).collect(),
    }
}

/// Writes a table to standard output.
pub(crate) fn print(table: &Table) {
    let Table { set, links, rungs_kbps, .. } = table;
    let highest = rungs_kbps.last().copied().unwrap_or_default();
    line(&format!("\n{set}: {links} links, {} rungs up to {highest} kbit/s\n", rungs_kbps.len()));
    line(
        "| rule | start, s | stalled, s | stalls | stalled, % | kbit/s | change, kbit/s | switches/min | thrown away, % |",
    );
    line("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for row in &table.rows {
        line(&format!(
            "| {} | {:.2} | {:.3} | {:.2} | {:.3} | {:.0} | {:.0} | {:.2} | {:.2} |",
            row.name,
            row.start_s,
            row.stalled_s,
            row.stalls,
            row.stalled_percent,
            row.kbps,
            row.change_kbps,
            row.switches_a_minute,
            row.thrown_percent
        ));
    }
}

/// Writes a line to standard output, and does not mind a reader that has gone.
pub(crate) fn line(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}
