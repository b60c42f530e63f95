//! Tables, and what they say about the goals.

use std::fmt::Write;

use player_bench::quantile;

use crate::contender::OURS;
use crate::outcome::{
    BEGAN, FIRST_FRAME, KBPS, KBPS_AT_FIRST, KBPS_AT_SEEK, MISSED, MISSED_AT_SWITCHES, Outcome, SEEK, STALLED, STALLS,
    SWITCHES, THROWN_AWAY,
};

/// Between these lines of the page stands what was measured.
const PLACE: [&str; 2] =
    ["<!-- figures: written by `cargo xtask bench renditions` -->\n", "<!-- end of the figures -->\n"];

/// Columns of the table over recorded links: a measure, and how many digits behind the point it has.
const PLAYED: &[(&str, usize)] = &[
    (STALLED, 2),
    (STALLS, 1),
    (KBPS, 0),
    (SWITCHES, 1),
    (MISSED, 1),
    (MISSED_AT_SWITCHES, 1),
    (THROWN_AWAY, 2),
    (FIRST_FRAME, 0),
    (BEGAN, 0),
];

/// Likewise of starts and seeks.
const BEGUN: &[(&str, usize)] = &[(FIRST_FRAME, 0), (KBPS_AT_FIRST, 0), (SEEK, 0), (KBPS_AT_SEEK, 0)];

/// One contender's outcomes.
struct Row<'a> {
    name: &'a str,
    outcomes: Vec<&'a Outcome>,
}

impl<'a> Row<'a> {
    fn values(&self, measure: &str) -> Vec<f64> {
        self.outcomes.iter().filter_map(|outcome| outcome.measures.get(measure).copied()).collect()
    }

    fn mean(&self, measure: &str) -> Option<f64> {
        let values = self.values(measure);
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    fn median(&self, measure: &str) -> Option<f64> {
        quantile(&self.values(measure), 0.5)
    }
}

/// In the order in which they came.
fn rows<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for outcome in outcomes {
        match rows.iter_mut().find(|row| row.name == outcome.contender) {
            Some(row) => row.outcomes.push(outcome),
            None => rows.push(Row { name: &outcome.contender, outcomes: vec![outcome] }),
        }
    }
    // What stands first is what the others are held against.
    rows.sort_by_key(|row| (row.name != OURS, row.name));
    rows
}

/// Everything that was measured.
#[must_use]
pub fn tables(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let played: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.is_start()).collect();
    if !played.is_empty() {
        let links = distinct(played.iter().map(|outcome| outcome.link.as_str()));
        let _ = writeln!(text, "**Means of a session, over {} links**\n", links.len());
        table(&mut text, &rows(played.iter().copied()), PLAYED, Row::mean);
        for set in distinct(played.iter().map(|outcome| outcome.set.as_str())) {
            let of_set = || played.iter().copied().filter(|outcome| outcome.set == set);
            let links = distinct(of_set().map(|outcome| outcome.link.as_str()));
            let _ = writeln!(text, "\n{set}: {}\n", links.join(", "));
            table(&mut text, &rows(of_set()), &[(STALLED, 2), (KBPS, 0), (SWITCHES, 1)], Row::mean);
        }
    }
    let begun: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.is_start()).collect();
    for link in distinct(begun.iter().map(|outcome| outcome.link.as_str())) {
        let rows = rows(begun.iter().copied().filter(|outcome| outcome.link == link));
        let turns = rows.iter().map(|row| row.outcomes.len()).max().unwrap_or(0);
        let _ = writeln!(text, "\n**Starts and seeks over {link}, medians of {turns}**\n");
        table(&mut text, &rows, BEGUN, Row::median);
    }
    let _ = writeln!(text, "\n{}", goals(&played, &begun));
    for outcome in outcomes {
        if let Some(failure) = &outcome.failure {
            let _ =
                writeln!(text, "{} failed over {} ({}): {failure}.\n", outcome.contender, outcome.link, outcome.set);
        }
    }
    text
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut known = Vec::new();
    for name in names {
        if !known.contains(&name) {
            known.push(name);
        }
    }
    known
}

fn table<'a>(text: &mut String, rows: &[Row<'a>], columns: &[(&str, usize)], value: fn(&Row<'a>, &str) -> Option<f64>) {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let _ = writeln!(text, "| | {} |\n| --- |{}", names.join(" | "), " ---: |".repeat(names.len()));
    for row in rows {
        let cell = |(name, digits): &(&str, usize)| {
            value(row, name).map_or_else(|| "–".to_owned(), |value| format!("{:.digits$}", value.max(0.0)))
        };
        let cells: Vec<String> = columns.iter().map(cell).collect();
        let _ = writeln!(text, "| {} | {} |", row.name, cells.join(" | "));
    }
}

/// A line for each goal.
fn goals(played: &[&Outcome], begun: &[&Outcome]) -> String {
    let mut text = String::from("| | ours | against | | goal | |\n| --- | ---: | ---: | ---: | --- | --- |\n");
    let mut goal = |what: &str, ours: f64, (other, name): (f64, &str), most: f64, at_least: bool| {
        let factor = if other > 0.0 { format!("{:.2} ×", ours / other) } else { "–".to_owned() };
        let holds = if at_least { ours >= most * other } else { ours <= most * other };
        let _ = writeln!(
            text,
            "| {what} | {ours:.2} | {other:.2} ({name}) | {factor} | {} {most} × | {} |",
            if at_least { "≥" } else { "≤" },
            if holds { "reached" } else { "**missed**" }
        );
    };
    let rows_played = rows(played.iter().copied());
    if let Some(((ours, peers), best)) =
        split(&rows_played).and_then(|all| Some((all, least(all.1, STALLED, Row::mean)?)))
    {
        let mean = |row: &Row<'_>, measure| row.mean(measure).unwrap_or(0.0);
        let steadiest = peers.iter().find(|row| row.name == best.1).map_or(0.0, |row| mean(row, KBPS));
        goal("stalled, s a session", mean(ours, STALLED), best, 0.5, false);
        goal("kbit/s shown, beside who stalls least", mean(ours, KBPS), (steadiest, best.1), 1.0, true);
        goal("thrown away, %", mean(ours, THROWN_AWAY), (2.0, "limit"), 1.0, false);
        goal("frames missed at switches", mean(ours, MISSED_AT_SWITCHES), (0.0, "limit"), 1.0, false);
    }
    for link in distinct(begun.iter().map(|outcome| outcome.link.as_str())) {
        let rows = rows(begun.iter().copied().filter(|outcome| outcome.link == link));
        let Some((ours, peers)) = split(&rows) else { continue };
        for measure in [FIRST_FRAME, SEEK] {
            if let Some((value, best)) = ours.median(measure).zip(least(peers, measure, Row::median)) {
                goal(&format!("{measure}, {link}"), value, best, 0.5, false);
            }
        }
    }
    text
}

/// Ours, and the others.
fn split<'a, 'b>(rows: &'b [Row<'a>]) -> Option<(&'b Row<'a>, &'b [Row<'a>])> {
    rows.split_first().filter(|(first, _)| first.name == OURS)
}

fn least<'a>(rows: &[Row<'a>], measure: &str, value: fn(&Row<'a>, &str) -> Option<f64>) -> Option<(f64, &'a str)> {
    let values = rows.iter().filter_map(|row| Some((value(row, measure)?, row.name)));
    values.min_by(|a, b| a.0.total_cmp(&b.0))
}

/// The page with the figures in the place of those that it has; `None` where it has no such place. `picture` is the address of the
/// picture, `about` says how they came about.
#[must_use]
pub fn into_page(page: &str, outcomes: &[Outcome], picture: &str, about: &str) -> Option<String> {
    let figures = format!(
        "\n{about}\n\n{}\n![Renditions and what lay ready, over time, of each player]({picture})\n\n",
        tables(outcomes)
    );
    player_bench::put_between(page, PLACE, &figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(contender: &str, measures: &[(&str, f64)]) -> Outcome {
        let measures = measures.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        Outcome {
            contender: contender.to_owned(),
            set: "3g".to_owned(),
            link: "bus".to_owned(),
            measures,
            ..Outcome::default()
        }
    }

    #[test]
    fn ours_is_held_against_the_best_of_the_others() {
        let all = [
            outcome("hls.js", &[(STALLED, 4.0), (KBPS, 900.0)]),
            outcome(OURS, &[(STALLED, 2.0), (KBPS, 1_000.0), (THROWN_AWAY, 2.5), (MISSED_AT_SWITCHES, 0.0)]),
            outcome("dash.js", &[(STALLED, 6.0), (KBPS, 1_100.0)]),
        ];
        let text = tables(&all);
        assert!(
            text.contains("| stalled, s a session | 2.00 | 4.00 (hls.js) | 0.50 × | ≤ 0.5 × | reached |"),
            "{text}"
        );
        assert!(text.contains("| 1000.00 | 900.00 (hls.js) | 1.11 × | ≥ 1 × | reached |"), "{text}");
        assert!(text.contains("| thrown away, % | 2.50 | 2.00 (limit) | 1.25 × | ≤ 1 × | **missed** |"), "{text}");
        assert!(text.contains("| frames missed at switches | 0.00 | 0.00 (limit)"), "{text}");
    }

    #[test]
    fn starts_are_held_against_each_other_by_link() {
        let start = |contender, first: f64| Outcome {
            set: "steady".to_owned(),
            ..outcome(contender, &[(FIRST_FRAME, first), (SEEK, first * 2.0)])
        };
        let text = tables(&[start("hls.js", 300.0), start(OURS, 100.0)]);
        assert!(
            text.contains("| first frame, ms, bus | 100.00 | 300.00 (hls.js) | 0.33 × | ≤ 0.5 × | reached |"),
            "{text}"
        );
        assert!(text.contains("Starts and seeks over bus, medians of 1"), "{text}");
    }

    #[test]
    fn the_page_has_a_place_for_the_figures() {
        let real = include_str!("../../../docs/adaptation.md");
        assert!(into_page(real, &[outcome(OURS, &[(STALLED, 1.0)])], "renditions.svg", "").is_some());
    }
}
