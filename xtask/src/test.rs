//! Every check and every test, and a count of them that is true.

mod count;
mod steps;

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::{report, setup};
use count::Count;

/// Runs them all, whatever fails, and closes with the count.
pub(crate) fn run() -> Result<()> {
    let begin = Instant::now();
    setup::run(setup::Purpose::Test)?;
    let mut total = Count::default();
    let mut broken = Vec::new();
    for step in steps::all()? {
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
    report::line(&total.to_string());
    ensure!(broken.is_empty(), "not everything passed");
    Ok(())
}
