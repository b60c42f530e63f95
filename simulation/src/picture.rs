//! The same as a picture: how long viewers wait for the first frame, and what the origin sends.

use std::fmt::Write;

use crate::party::{Outcome, Party, Scenario};
use crate::report::percentile;

const WIDTH: f64 = 860.0;
const ROW: f64 = 46.0;
const LEFT: f64 = 170.0;

/// An SVG document.
pub(crate) fn draw(party: &Party, scenarios: &[Scenario], outcomes: &[Outcome]) -> String {
    let height = 90.0 + ROW * scenarios.len() as f64;
    let worst = outcomes.iter().map(|outcome| percentile(&outcome.startups, 0.99).as_secs_f64()).fold(0.1, f64::max);
    let most = outcomes.iter().map(|outcome| outcome.traffic.origin_bytes as f64).fold(1.0, f64::max);
    let (half, gap) = ((WIDTH - LEFT) / 2.0, 90.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"26\" font-size=\"16\" font-weight=\"bold\">{} viewers, one film, one edge</text>\n\
         <text x=\"{LEFT}\" y=\"54\" fill=\"#555\">first frame: median, 95 %, 99 %</text>\n\
         <text x=\"{}\" y=\"54\" fill=\"#555\">sent by the origin</text>\n",
        party.viewers,
        LEFT + half,
    );
    for (at, (scenario, outcome)) in scenarios.iter().zip(outcomes).enumerate() {
        let y = 66.0 + ROW * at as f64;
        // Writing into a text does not fail.
        let _ = writeln!(svg, "<text x=\"16\" y=\"{}\">{}</text>", y + 20.0, scenario.name);
        for (part, colour) in [(0.99, "#cfe0f5"), (0.95, "#8fb5e3"), (0.5, "#2f6db5")] {
            let width = percentile(&outcome.startups, part).as_secs_f64() / worst * (half - gap);
            let _ =
                writeln!(svg, "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"28\" fill=\"{colour}\"/>");
        }
        let [median, most_wait] = [0.5, 0.99].map(|part| percentile(&outcome.startups, part));
        let end = LEFT + most_wait.as_secs_f64() / worst * (half - gap) + 6.0;
        let label = format!("{} / {} ms", median.as_millis(), most_wait.as_millis());
        let _ = writeln!(svg, "<text x=\"{end:.1}\" y=\"{}\" fill=\"#333\">{label}</text>", y + 20.0);
        let bytes = outcome.traffic.origin_bytes as f64;
        let width = bytes / most * (half - gap);
        let left = LEFT + half;
        let _ = writeln!(svg, "<rect x=\"{left}\" y=\"{y}\" width=\"{width:.1}\" height=\"28\" fill=\"#d98a3d\"/>");
        let label = format!("{:.2} GB", bytes / 1e9);
        let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{}\" fill=\"#333\">{label}</text>", left + width + 6.0, y + 20.0);
    }
    svg.push_str("</svg>\n");
    svg
}
