//! Tables, what they say about the goals, and a picture.

use std::fmt::Write;

use crate::doubts::doubts;
use crate::goals;
use crate::results::{Part, Row, number};

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
    if low.to_bits() == high.to_bits() {
        return number(measure, median);
    }
    format!("{} ({}–{})", number(measure, median), number(measure, low), number(measure, high))
}

/// Everything that was measured, as a page that begins with `about`.
#[must_use]
pub fn page(about: &str, parts: &[Part]) -> String {
    let mut text = format!("{about}\n## What must come out, and what does\n\n{}", goals::table(parts));
    for part in parts {
        let _ = write!(text, "\n## {} ({}, n = {})\n\n{}", part.heading, part.title, part.runs(), doubts(part));
        text.push_str(&table(part));
        for row in part.rows.iter().filter(|row| !row.failures.is_empty()) {
            let _ = writeln!(text, "\n{} failed {} times: {}.", row.name, row.failures.len(), row.failures[0]);
        }
    }
    text
}

/// A text with `figures` in the place of what stands between two of its lines; `None` where it has not got these.
#[must_use]
pub fn put_between(text: &str, [begin, end]: [&str; 2], figures: &str) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some([before, begin, figures, end, after].concat())
}

const WIDTH: f64 = 900.0;
const LEFT: f64 = 270.0;
const BAR: f64 = 17.0;

/// Times until the first frame: a bar for the median, a line from the first to the third quartile.
#[must_use]
pub fn picture(parts: &[Part]) -> String {
    let mut body = String::new();
    let mut y = 20.0;
    for part in parts {
        let measure =
            ["first frame, ms", "cold start, ms"].into_iter().find(|measure| part.measures().contains(measure));
        let Some(measure) = measure else { continue };
        y = chart(&mut body, part, measure, y);
        if part.measures().contains(&"seek, ms") {
            y = chart(&mut body, part, "seek, ms", y);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" font-family=\"sans-serif\" \
         font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n"
    )
}

fn chart(body: &mut String, part: &Part, measure: &str, top: f64) -> f64 {
    let rows: Vec<(&Row, f64, (f64, f64))> =
        part.rows.iter().filter_map(|row| Some((row, row.median(measure)?, row.quartiles(measure)?))).collect();
    let most = rows.iter().map(|(_, _, (_, high))| *high).fold(1.0, f64::max);
    let scale = (WIDTH - LEFT - 70.0) / most;
    // Writing into a text does not fail.
    let _ = writeln!(
        body,
        "<text x=\"10\" y=\"{}\" font-size=\"14\" font-weight=\"bold\">{}: {measure}</text>",
        top + 12.0,
        part.title
    );
    let mut y = top + 24.0;
    for (row, median, (low, high)) in rows {
        let colour = if row.is_peer {
            "#8fb5e3"
        } else if row.name.starts_with("barest") {
            "#bbb"
        } else {
            "#d98a3d"
        };
        let (middle, end) = (y + BAR / 2.0, LEFT + high.max(median) * scale + 6.0);
        let _ = writeln!(
            body,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{LEFT}\" y=\"{y}\" width=\"{:.1}\" height=\"{}\" fill=\"{colour}\"/>\
             <path d=\"M{:.1} {middle}H{:.1}\" stroke=\"#333\"/><text x=\"{end:.1}\" y=\"{}\">{median:.0}</text>",
            LEFT - 8.0,
            y + BAR - 5.0,
            row.name,
            median * scale,
            BAR - 3.0,
            LEFT + low * scale,
            LEFT + high * scale,
            y + BAR - 5.0,
        );
        y += BAR;
    }
    y + 22.0
}
