//! Tables.

use std::fmt::Write;

use crate::outcome::Outcome;
use crate::scenario::{Bound, SCENARIOS, Scenario};

/// Between these lines of the page stands what was measured.
const PLACE: [&str; 2] = ["<!-- figures: written by `cargo xtask bench party` -->\n", "<!-- end of the figures -->\n"];

/// Load average above which something else ran: the windows alone have two cores' work to do.
const BUSY: f64 = 6.0;

/// Every measure of every outcome, and whether it is what it must be.
#[must_use]
pub fn table(outcomes: &[Outcome]) -> String {
    let mut text = String::from("| | measure | | must be | |\n| --- | --- | ---: | ---: | --- |\n");
    for (scenario, outcome) in in_order(outcomes) {
        let mut title = format!("{}, {} min", scenario.title, outcome.minutes);
        if let Some(failure) = &outcome.failure {
            let _ = writeln!(text, "| {title} | | | | **failed**: {failure} |");
        }
        for (measure, value) in &outcome.measures {
            let shown = value.map_or_else(|| "–".to_owned(), number);
            let goal = scenario.goals.iter().find(|goal| goal.measure == measure);
            let bound = goal.map_or_else(String::new, |goal| match goal.bound {
                Bound::AtMost(most) => format!("≤ {most}"),
                Bound::AtLeast(least) => format!("≥ {least}"),
            });
            let verdict = goal.map_or("", |goal| match value {
                Some(value) if goal.bound.holds(*value) => "reached",
                _ => "**missed**",
            });
            let _ = writeln!(text, "| {title} | {measure} | {shown} | {bound} | {verdict} |");
            title.clear();
        }
    }
    text
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

fn in_order(outcomes: &[Outcome]) -> impl Iterator<Item = (&'static Scenario, &Outcome)> {
    let of = |scenario: &'static Scenario| Some((scenario, outcomes.iter().find(|one| one.name == scenario.name)?));
    SCENARIOS.iter().filter_map(of)
}

/// The page with the figures in the place of those that it has; `None` where it has no such place. `picture` is the address of the
/// picture.
#[must_use]
pub fn into_page(page: &str, outcomes: &[Outcome], picture: &str) -> Option<String> {
    let busy: Vec<String> = in_order(outcomes)
        .filter_map(|(scenario, outcome)| Some((scenario, outcome.load.filter(|load| *load > BUSY)?)))
        .map(|(scenario, load)| format!("`{}` (load average {load:.1})", scenario.name))
        .collect();
    let doubts = match busy.as_slice() {
        [] => String::new(),
        busy => format!("\n**Provisional**: the machine had much else to do during {}.\n", busy.join(", ")),
    };
    let figures =
        format!("\n{}\n![How far apart the furthest two were, over time]({picture})\n{doubts}\n", table(outcomes));
    player_bench::put_between(page, PLACE, &figures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{P95, P99};

    fn outcome() -> Outcome {
        let mut outcome = Outcome { name: "steady".into(), minutes: 10.0, load: Some(9.0), ..Outcome::default() };
        outcome.put(P95, Some(20.04));
        outcome.put(P99, Some(12.0));
        outcome
    }

    #[test]
    fn what_is_beyond_its_bound_is_missed() {
        let text = table(&[outcome()]);
        assert!(text.contains("10 min | drift p95, ms | 20.0 | ≤ 20 | **missed** |"), "{text}");
        assert!(text.contains("|  | drift p99, ms | 12 | ≤ 40 | reached |"), "{text}");
    }

    #[test]
    fn the_page_keeps_what_is_around_the_figures() {
        let page = format!("a\n{}old\n{}b\n", PLACE[0], PLACE[1]);
        let new = into_page(&page, &[outcome()], "party.svg").expect("there is a place");
        assert!(new.starts_with("a\n") && new.ends_with("b\n") && !new.contains("old"), "{new}");
        assert!(new.contains("**Provisional**") && new.contains("(party.svg)"), "{new}");
        assert_eq!(into_page("a", &[], ""), None);
        let real = include_str!("../../../docs/party.md");
        assert!(into_page(real, &[outcome()], "party.svg").is_some(), "docs/party.md has a place");
    }
}
