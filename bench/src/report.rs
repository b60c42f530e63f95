//! Tables and a picture.

use std::fmt::Write;

use crate::results::{Part, Row};

/// A table of one part: medians, and the quartiles beside them.
#[must_use]
pub fn table(part: &Part) -> String {
    let measures = part.measures();
    let mut text = format!("| | {} |\n| --- |{}\n", measures.join(" | "), " ---: |".repeat(measures.len()));
    for row in &part.rows {
        let cells: Vec<String> = measures.iter().map(|measure| cell(row, measure)).collect();
        let _ = writeln!(text, "| {} | {} |", row.name, cells.join(" | "));
    }
    text
}

fn cell(row: &Row, measure: &str) -> String {
    let Some((median, (low, high))) = row.median(measure).zip(row.quartiles(measure)) else { return "–".to_owned() };
    if low == high {
        number(measure, median)
    } else {
        format!("{} ({}–{})", number(measure, median), number(measure, low), number(measure, high))
    }
}

fn number(measure: &str, value: f64) -> String {
    if measure.contains("bytes") { format!("{:.2} MB", value / 1e6) } else { format!("{value:.0}") }
}

/// The page.
#[must_use]
pub fn page(parts: &[Part]) -> String {
    parts.iter().map(|part| format!("## {}\n\n{}\n", part.title, table(part))).collect()
}

/// The picture.
#[must_use]
pub fn picture(_parts: &[Part]) -> String {
    String::new()
}
