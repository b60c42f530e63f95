//! The outcomes as a picture.

use std::fmt::Write;

use super::{Outcome, report, sample::MEASURES};

const WIDTH: f64 = 860.0;
const LEFT: f64 = 170.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 28.0;
const HEIGHT: f64 = 74.0;

/// An SVG document: for each browser a strip for each measure, from zero, over the same time.
#[must_use]
pub fn picture(outcomes: &[Outcome]) -> String {
    let (mut body, mut top) = (String::new(), TOP);
    for outcome in outcomes {
        // Writing into a text does not fail.
        let _ = writeln!(body, "<text x=\"10\" y=\"{top}\" font-weight=\"bold\">{}</text>", report::summary(outcome));
        let last = outcome.samples.last().map_or(1.0, |sample| sample.seconds);
        for measure in MEASURES {
            let points: Vec<_> =
                outcome.samples.iter().filter_map(|sample| Some((sample.seconds, (measure.of)(sample)?))).collect();
            if points.is_empty() {
                continue;
            }
            top += HEIGHT;
            strip(&mut body, measure.name, measure.scale, &points, (last, top));
        }
        let _ = writeln!(
            body,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#666\">{:.0} min</text>",
            WIDTH - RIGHT,
            top + 18.0,
            last / 60.0
        );
        top += 52.0;
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n",
        top - 20.0
    )
}

fn strip(body: &mut String, name: &str, (one, unit): (f64, &str), points: &[(f64, f64)], (last, bottom): (f64, f64)) {
    let most = points.iter().map(|point| point.1).fold(0.0, f64::max);
    let place = |&(seconds, amount): &(f64, f64)| {
        let x = LEFT + seconds / last * (WIDTH - LEFT - RIGHT);
        format!("{x:.1},{:.1}", bottom - amount / most.max(f64::MIN_POSITIVE) * (HEIGHT - 22.0))
    };
    let line = points.iter().map(place).collect::<Vec<_>>().join(" ");
    let middle = bottom - HEIGHT / 2.0 + 11.0;
    let shown = if one > 1.0 { format!("{:.1}", most / one) } else { format!("{most}") };
    let _ = writeln!(
        body,
        "<text x=\"10\" y=\"{middle}\">{name}</text><text x=\"10\" y=\"{}\" fill=\"#666\">at most {shown}{unit}</text>",
        middle + 15.0
    );
    let _ = writeln!(body, "<path d=\"M{LEFT} {bottom}H{}\" stroke=\"#ddd\"/>", WIDTH - RIGHT);
    let _ = writeln!(body, "<polyline points=\"{line}\" fill=\"none\" stroke=\"#2563ad\" stroke-width=\"1.5\"/>");
}

#[cfg(test)]
mod tests {
    use super::super::outcome::tests::watched;
    use super::*;

    #[test]
    fn every_measure_has_its_strip_and_what_a_browser_does_not_tell_has_none() {
        let svg = picture(&[watched(0.0)]);
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{svg}");
        assert_eq!(svg.matches("<polyline").count(), MEASURES.len());
        let mut silent = watched(0.0);
        for sample in &mut silent.samples {
            (sample.scripts, sample.listeners) = (None, None);
        }
        assert_eq!(picture(&[silent]).matches("<polyline").count(), MEASURES.len() - 2);
    }
}
