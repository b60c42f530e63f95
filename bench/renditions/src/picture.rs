//! A picture: for some links, and each contender, which rung was shown and how much lay ready, over time.

use std::fmt::Write;

use crate::outcome::Outcome;

const LEFT: f64 = 150.0;
const TOP: f64 = 44.0;
const WIDTH: f64 = 230.0;
const HEIGHT: f64 = 58.0;
const GAP: f64 = 14.0;

/// The most links that are shown.
const LINKS: usize = 4;

/// Seconds that fill the height.
const READY: f64 = 40.0;

/// Of the first link of each set; of the next ones where there are few sets.
#[must_use]
pub fn picture(outcomes: &[Outcome]) -> String {
    let played: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.is_start()).collect();
    let mut links: Vec<(&str, &str)> = Vec::new();
    for of_new_sets in [true, false] {
        for outcome in &played {
            let link = (outcome.set.as_str(), outcome.link.as_str());
            let is_new = links.iter().all(|(set, _)| *set != link.0);
            if links.len() < LINKS && !links.contains(&link) && (is_new || !of_new_sets) {
                links.push(link);
            }
        }
    }
    let mut names: Vec<&str> = Vec::new();
    for outcome in &played {
        if !names.contains(&outcome.contender.as_str()) {
            names.push(&outcome.contender);
        }
    }
    let longest =
        played.iter().flat_map(|outcome| outcome.ready.last()).map(|(at, _)| f64::from(*at)).fold(1.0, f64::max);
    let rungs = played.iter().flat_map(|outcome| &outcome.rungs).map(|(_, rung)| *rung).max().unwrap_or(0) + 1;
    let mut body = String::new();
    for (column, (set, link)) in links.iter().enumerate() {
        let left = LEFT + column as f64 * (WIDTH + GAP);
        // Writing into a text does not fail.
        let _ = writeln!(body, "<text x=\"{left}\" y=\"34\">{set}: {}</text>", short(link));
        for (row, name) in names.iter().enumerate() {
            let top = TOP + row as f64 * (HEIGHT + GAP);
            if column == 0 {
                let (x, y) = (LEFT - 10.0, top + HEIGHT / 2.0 + 4.0);
                let _ = writeln!(body, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\">{name}</text>");
            }
            let is_it = |outcome: &&&Outcome| {
                outcome.contender == *name && (outcome.set.as_str(), outcome.link.as_str()) == (*set, *link)
            };
            if let Some(outcome) = played.iter().find(is_it) {
                panel(&mut body, outcome, (left, top), (longest, f64::from(rungs)));
            }
        }
    }
    let (width, height) = (LEFT + links.len() as f64 * (WIDTH + GAP), TOP + names.len() as f64 * (HEIGHT + GAP));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" \
         font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"16\" font-size=\"13\">Line: the rendition shown, from the lowest to the highest. Area: what lay ready, \
         {READY} s to the top. {longest:.0} s across.</text>\n{body}</svg>\n"
    )
}

fn short(name: &str) -> String {
    name.chars().take(32).collect()
}

fn panel(body: &mut String, outcome: &Outcome, (left, top): (f64, f64), (longest, rungs): (f64, f64)) {
    let x = |at: f32| left + f64::from(at) / longest * WIDTH;
    let bottom = top + HEIGHT;
    let _ = writeln!(body, "<rect x=\"{left}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#f4f4f4\"/>");
    let Some((end, _)) = outcome.ready.last() else { return };
    let mut area = format!("M{:.1} {bottom}", x(outcome.ready[0].0));
    for (at, ready) in &outcome.ready {
        let _ = write!(area, "L{:.1} {:.1}", x(*at), bottom - (f64::from(*ready) / READY).min(1.0) * HEIGHT);
    }
    let _ = writeln!(body, "<path d=\"{area}L{:.1} {bottom}Z\" fill=\"#bcd3ee\"/>", x(*end));
    let mut line = String::new();
    for (at, rung) in &outcome.rungs {
        let y = bottom - (f64::from(*rung) + 0.5) / rungs * HEIGHT;
        let _ =
            if line.is_empty() { write!(line, "M{:.1} {y:.1}", x(*at)) } else { write!(line, "H{:.1}V{y:.1}", x(*at)) };
    }
    let _ = writeln!(body, "<path d=\"{line}H{:.1}\" fill=\"none\" stroke=\"#c2541b\" stroke-width=\"1.6\"/>", x(*end));
}
