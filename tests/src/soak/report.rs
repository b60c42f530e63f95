//! The outcomes as a table.

use std::fmt::Write;

use super::{Measure, Outcome};

/// Between these lines of the page stands what was measured.
const PLACE: [&str; 2] = ["<!-- figures: written by `cargo xtask soak --write` -->\n", "<!-- end of the figures -->\n"];

/// For each browser what was watched, and every measure.
#[must_use]
pub fn table(outcomes: &[Outcome]) -> String {
    let mut text = String::from(
        "| | measure | median | most | rise | rise that may be | |\n| --- | --- | ---: | ---: | ---: | ---: | --- |\n",
    );
    for outcome in outcomes {
        let mut title = outcome.browser.clone();
        for verdict in outcome.verdicts() {
            let (measure, slope) = (&verdict.measure, verdict.slope);
            let [rise, lowest, highest] = [slope.estimate, slope.lowest, slope.highest].map(|one| one * verdict.span);
            let rises = format!("{} to {}", signed(measure, lowest), signed(measure, highest));
            let grows = if verdict.grows() { "**grows**" } else { "flat" };
            let (median, most) = (amount(measure, verdict.median), amount(measure, verdict.most));
            // Writing into a text does not fail.
            let _ = writeln!(
                text,
                "| {title} | {} | {median} | {most} | {} | {rises} | {grows} |",
                measure.name,
                signed(measure, rise)
            );
            title.clear();
        }
    }
    text
}

/// What was watched.
#[must_use]
pub fn summary(outcome: &Outcome) -> String {
    let received = outcome.samples.last().map_or(0.0, |sample| sample.received);
    format!(
        "{}: {:.1} min of a film of {:.2} GB, {} seeds, {:.1} GB received; {} pictures as they played and {} after seeks, all with the right \
         number; {} stalls beside seeks.",
        outcome.browser,
        outcome.minutes(),
        outcome.bytes as f64 / 1e9,
        outcome.samples.len(),
        received / 1e9,
        outcome.pictures,
        outcome.probes,
        outcome.stalls
    )
}

/// The page with the figures in their place; `None` where it has no such place. `picture` is the address of the picture.
#[must_use]
pub fn into_page(page: &str, outcomes: &[Outcome], picture: &str) -> Option<String> {
    let summaries: String = outcomes.iter().map(|outcome| format!("- {}\n", summary(outcome))).collect();
    let figures = format!("\n{summaries}\n{}\n![What the page held, over time]({picture})\n\n", table(outcomes));
    player_bench::put_between(page, PLACE, &figures)
}

fn amount(measure: &Measure, amount: f64) -> String {
    let (one, name) = measure.scale;
    if one > 1.0 { format!("{:.2}{name}", amount / one) } else { format!("{amount}{name}") }
}

fn signed(measure: &Measure, rise: f64) -> String {
    // Neither a rise nor a fall.
    let rise = if rise == 0.0 { 0.0 } else { rise };
    let (one, name) = measure.scale;
    format!("{:+.2}{name}", rise / one)
}

#[cfg(test)]
mod tests {
    use super::super::outcome::tests::watched;
    use super::*;

    #[test]
    fn what_grows_stands_out_and_the_page_keeps_what_is_around() {
        let page = format!("a\n{}old\n{}b\n", PLACE[0], PLACE[1]);
        let new = into_page(&page, &[watched(1_000.0)], "soak.svg").expect("there is a place");
        assert!(new.starts_with("a\n") && new.ends_with("b\n") && !new.contains("old"), "{new}");
        assert_eq!(new.matches("**grows**").count(), 1, "{new}");
        assert!(new.contains("| WebAssembly | 1.31 MB | 1.31 MB | +0.00 MB | +0.00 MB to +0.00 MB | flat |"), "{new}");
        let real = include_str!("../../../docs/reliability.md");
        assert!(into_page(real, &[watched(0.0)], "soak.svg").is_some(), "docs/reliability.md has a place");
    }
}
