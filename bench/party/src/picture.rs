//! Drift over time, a strip for each scenario, with the corrections on it.

use std::fmt::Write;

use crate::outcome::Outcome;
use crate::scenario::SCENARIOS;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 20.0;
const HEIGHT: f64 = 110.0;
const BETWEEN: f64 = 56.0;
/// The least and the most that the scale shows, in milliseconds.
const SCALE: (f64, f64) = (50.0, 500.0);

/// Those outcomes that have a drift.
#[must_use]
pub fn picture(outcomes: &[Outcome]) -> String {
    let mut body = String::new();
    let mut top = 40.0;
    for scenario in SCENARIOS {
        let drawn = outcomes.iter().find(|outcome| outcome.name == scenario.name && !outcome.drift.is_empty());
        let Some(outcome) = drawn else { continue };
        strip(&mut body, scenario.title, outcome, top);
        top += HEIGHT + BETWEEN;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"18\">How far apart the furthest two are, in ms: mostly (line) and at worst (grey) in each second. \
         Ticks: rates changed; triangles: seeks.</text>\n{body}</svg>\n",
        top - BETWEEN + 30.0
    )
}

fn strip(body: &mut String, title: &str, outcome: &Outcome, top: f64) {
    let last = outcome.drift.last().map_or(1.0, |point| point[0]).max(1.0);
    let worst = outcome.drift.iter().map(|point| point[2]).fold(SCALE.0, f64::max).min(SCALE.1);
    let bottom = top + HEIGHT;
    let x = |second: f64| LEFT + second / last * (WIDTH - LEFT - RIGHT);
    let y = |apart: f64| bottom - apart.min(worst) / worst * (HEIGHT - 16.0);
    // Writing into a text does not fail.
    let _ = writeln!(body, "<text x=\"10\" y=\"{}\" font-weight=\"bold\">{title}</text>", top + 6.0);
    for level in [0.0, 20.0, 40.0, worst] {
        if level > 0.0 && level < worst && worst > 200.0 && level < 40.0 {
            continue; // No room for its name.
        }
        let _ = writeln!(
            body,
            "<path d=\"M{LEFT} {0:.1}H{1}\" stroke=\"#ddd\"/><text x=\"{2}\" y=\"{3:.1}\" text-anchor=\"end\" fill=\"#666\">{level:.0}</text>",
            y(level),
            WIDTH - RIGHT,
            LEFT - 6.0,
            y(level) + 4.0
        );
    }
    let bars: String = outcome.drift.iter().fold(String::new(), |mut bars, [at, middle, most]| {
        let _ = write!(bars, "M{:.1} {:.1}V{:.1}", x(*at), y(*middle), y(*most));
        bars
    });
    let _ = writeln!(body, "<path d=\"{bars}\" stroke=\"#bbb\" fill=\"none\"/>");
    // Where a second is missing, nobody knows.
    let mut line = String::new();
    let mut before = f64::NEG_INFINITY;
    for [at, middle, _] in &outcome.drift {
        let _ = write!(line, "{}{:.1} {:.1}", if at - before > 1.5 { 'M' } else { 'L' }, x(*at), y(*middle));
        before = *at;
    }
    let _ = writeln!(body, "<path d=\"{line}\" stroke=\"#2563ad\" stroke-width=\"1.5\" fill=\"none\"/>");
    for correction in outcome.corrections.iter().filter(|correction| (0.0..=last).contains(&correction.at)) {
        let at = x(correction.at);
        let mark = if correction.is_seek {
            format!("<path d=\"M{at:.1} {bottom}l-4 9h8z\" fill=\"#c2410c\"/>")
        } else {
            format!("<path d=\"M{at:.1} {bottom}v6\" stroke=\"#d98a3d\"/>")
        };
        let _ = writeln!(body, "{mark}");
    }
    let minutes = (last / 60.0 * 10.0).round() / 10.0;
    let _ = writeln!(
        body,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#666\">{minutes} min</text>",
        WIDTH - RIGHT,
        bottom + 20.0
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Correction;

    #[test]
    fn a_strip_has_its_line_and_its_corrections() {
        let corrections = [(1.0, false), (2.0, true), (99.0, true)].map(|(at, is_seek)| Correction { at, is_seek });
        let outcome = Outcome {
            name: "steady".into(),
            drift: vec![[0.0, 5.0, 9.0], [1.0, 6.0, 700.0], [4.0, 5.0, 8.0]],
            corrections: corrections.to_vec(),
            ..Outcome::default()
        };
        let svg = picture(&[outcome, Outcome { name: "join".into(), ..Outcome::default() }]);
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        assert_eq!(svg.matches("font-weight").count(), 1, "what has no drift has no strip");
        assert_eq!(svg.matches("<path d=\"M").count() - 3, 2 + 2, "{svg}");
        assert!(!svg.contains("NaN"), "{svg}");
        assert_eq!(svg.matches("#c2410c").count(), 1, "what came later is not drawn");
    }
}
