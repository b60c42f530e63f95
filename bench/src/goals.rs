//! What must come out, and whether it does.

use std::fmt::Write;

use crate::doubts::is_provisional;
use crate::results::{Part, number};

/// The most that is allowed, as a multiple of what another needs.
struct Goal {
    part: &'static str,
    measure: &'static str,
    against: Against,
    most: f64,
}

enum Against {
    BestPeer,
    Barest,
    Nothing,
}

const OURS: &str = "watchparty-player";
const BAREST: &str = "barest page";

const fn goal(part: &'static str, measure: &'static str, against: Against, most: f64) -> Goal {
    Goal { part, measure, against, most }
}

use Against::{Barest, BestPeer, Nothing};

const GOALS: &[Goal] = &[
    goal("start-fast-1080p", "first frame, ms", BestPeer, 0.6),
    goal("start-fast-1080p", "first frame, ms", Barest, 1.15),
    goal("start-slow-720p", "first frame, ms", BestPeer, 0.75),
    goal("start-slow-720p", "first frame, ms", Barest, 1.15),
    goal("start-fast-720p", "first frame, ms", BestPeer, 0.75),
    goal("start-fast-720p", "first frame, ms", Barest, 1.15),
    goal("start-loopback-1080p", "first frame, ms", BestPeer, 0.9),
    goal("start-loopback-1080p", "first frame, ms", Barest, 1.15),
    goal("cold-fast-1080p", "cold start, ms", BestPeer, 0.8),
    goal("cold-slow-720p", "cold start, ms", BestPeer, 0.8),
    goal("start-fast-1080p", "seek, ms", BestPeer, 0.7),
    goal("start-fast-1080p", "seek, ms", Barest, 1.15),
    goal("start-slow-720p", "seek, ms", BestPeer, 0.85),
    goal("start-slow-720p", "seek, ms", Barest, 1.15),
    goal("start-fast-720p", "seek, ms", BestPeer, 0.85),
    goal("start-fast-720p", "seek, ms", Barest, 1.15),
    goal("start-fast-1080p", "bytes at the first frame", BestPeer, 1.0),
    goal("start-slow-720p", "bytes at the first frame", BestPeer, 1.0),
    goal("play-loopback-1080p", "bytes after 30 s of film", BestPeer, 1.0),
    goal("play-loopback-720p", "bytes after 30 s of film", BestPeer, 1.0),
    goal("whole-fast-1080p", "first frame, ms", BestPeer, 0.2),
    goal("play-loopback-1080p", "peak renderer memory, bytes", BestPeer, 1.0),
    goal("play-loopback-720p", "peak renderer memory, bytes", BestPeer, 1.0),
    goal("play-loopback-1080p", "script memory, bytes", Nothing, 64e6),
    goal("play-loopback-1080p", "main thread, ms", BestPeer, 0.8),
    goal("play-loopback-720p", "main thread, ms", BestPeer, 0.8),
    goal("stalls-steps-720p", "stalled, ms", BestPeer, 1.0),
    goal("stalls-steps-720p", "bytes a buffered second", BestPeer, 1.0),
    goal("border-loopback-1080p", "dropped frames", Nothing, 0.0),
    goal("border-loopback-1080p", "longest step, ms", Nothing, 42.0),
];

/// A line for each goal.
pub(crate) fn table(parts: &[Part]) -> String {
    let mut text = String::from("| | measure | ours | against | goal | |\n| --- | --- | ---: | ---: | ---: | --- |\n");
    for goal in GOALS {
        let Some(part) = parts.iter().find(|part| part.key == goal.part) else {
            let _ = writeln!(text, "| `{}` | {} | | | | not measured |", goal.part, goal.measure);
            continue;
        };
        let Some(ours) = part.row(OURS).and_then(|row| row.median(goal.measure)) else { continue };
        let shown = |value: f64| number(goal.measure, value);
        let (against, limit, reached) = match goal.against {
            Nothing => ("–".to_owned(), format!("≤ {}", shown(goal.most)), ours <= goal.most),
            Barest | BestPeer => {
                let other = match goal.against {
                    Barest => part.row(BAREST).and_then(|row| Some((row, row.median(goal.measure)?))),
                    BestPeer | Nothing => part.best_peer(goal.measure),
                };
                let Some((row, other)) = other else { continue };
                let against = format!("{} ({})", shown(other), row.name);
                let factor = if other > 0.0 { format!("{:.2} ×, ", ours / other) } else { String::new() };
                (against, format!("{factor}≤ {} ×", goal.most), ours <= other * goal.most)
            }
        };
        let verdict = if reached { "reached" } else { "**missed**" };
        let verdict = if is_provisional(part) { format!("{verdict}, provisionally") } else { verdict.to_owned() };
        let _ =
            writeln!(text, "| {} | {} | {} | {against} | {limit} | {verdict} |", part.title, goal.measure, shown(ours));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Row;

    #[test]
    fn a_goal_is_missed_by_what_is_beyond_it() {
        let row = |name: &str, is_peer, value: f64| Row {
            name: name.into(),
            is_peer,
            samples: [("first frame, ms".to_owned(), vec![value])].into(),
            failures: Vec::new(),
        };
        let rows = vec![row(OURS, false, 70.0), row(BAREST, false, 60.0), row("a", true, 100.0), row("b", true, 120.0)];
        let part = Part { key: "start-fast-1080p".into(), rows, ..Part::default() };
        let text = table(&[part]);
        assert!(text.contains("| 70 | 100 (a) | 0.70 ×, ≤ 0.6 × | **missed**, provisionally |"), "{text}");
        assert!(text.contains("| 70 | 60 (barest page) | 1.17 ×, ≤ 1.15 × | **missed**, provisionally |"), "{text}");
    }
}
