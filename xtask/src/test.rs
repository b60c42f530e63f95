//! Every check and every test, and a count of them that is true.

mod count;
mod end_to_end;
mod steps;

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::{report, setup};
use count::Count;

pub(crate) use end_to_end::Browser;

/// Runs them all, or all end-to-end tests in one browser, whatever fails, and closes with the count.
pub(crate) fn run(browser: Option<Browser>) -> Result<()> {
    let begin = Instant::now();
    setup::run(setup::Purpose::Test)?;
    let mut total = Count::default();
    let mut broken = Vec::new();
    for step in browser.map_or_else(steps::all, steps::in_browser)? {
        report::headline(step.title);
        let begin = Instant::now();
        let title = step.title;
        let count = step.run();
        report::line(&format!("    {title}: {count} ({})", report::span(begin.elapsed())));
        if count.failed > 0 {
            broken.push(title);
        }
        total += count;
    }
    report::headline(&format!("All of it took {}.", report::span(begin.elapsed())));
    for title in &broken {
        report::line(&format!("FAILED: {title}"));
    }
    for (test, why) in browser.into_iter().flat_map(Browser::left_out) {
        report::line(&format!("not run: …{test}…: {why}"));
    }
    report::line(&total.to_string());
    ensure!(broken.is_empty(), "not everything passed");
    Ok(())
}
