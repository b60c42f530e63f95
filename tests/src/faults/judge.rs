//! What came of a scenario, held against what is due.

use serde::Deserialize;
use test_film::Film;

use super::{anatomy::Fragment, fault::Fault, line::Line, pictures::Pictures, table::Scenario, toll::Toll};
use crate::{Event, Frame, Kind};

/// Seconds for which a film may stand still on top of what its fault withholds: to begin and to seek, with many players on few
/// processors.
const SLACK: f64 = 8.0;

/// The most that may be missing between two pictures, or at either end: a busy machine drops some. What the player itself has left out is
/// counted by it.
const LONGEST_GAP: f64 = 8.0;

/// Seconds of film that are shown again at most where a decoder is woken or replaced.
const AGAIN: f64 = 0.25;

/// Seconds that may be missing of what was played, at either end and where it was noted late.
const EDGE: f64 = 0.5;

/// What a frame of the page has told.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    pub(super) is_done: bool,
    pub(super) is_ended: bool,
    pub(super) state: String,
    pub(super) at: f64,
    /// Seconds for which nothing moved.
    pub(super) stood: f64,
    pub(super) errors: Vec<Mishap>,
    duration: Option<f64>,
    #[serde(default)]
    pub(super) frames: Vec<Frame>,
    #[serde(default)]
    pub(super) events: Vec<Event>,
    /// What was played, in seconds.
    #[serde(default)]
    played: Vec<(f64, f64)>,
    #[serde(default)]
    requests: usize,
    stats: Option<Stats>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Stats {
    /// Gaps that the player has stepped over.
    holes: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Mishap {
    code: String,
    action: String,
    pub(super) fatal: bool,
    pub(super) message: String,
}

/// One scenario's outcome.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The scenario's.
    pub name: String,
    /// What the viewer was told, if anything.
    pub error: Option<String>,
    /// Seconds for which the film stood still.
    pub stood: f64,
    /// How many requests for media were sent.
    pub asked: usize,
    /// How many pictures were read.
    pub pictures: usize,
    /// What came of damaged bytes, where the scenario is of them.
    pub toll: Toll,
    /// What is not as it is to be.
    pub wrong: Vec<String>,
}

/// What is known of the film.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) film: Film,
    pub(super) fragments: Vec<Fragment>,
    pub(super) pictures: Pictures,
    /// The browser that plays it.
    pub(super) kind: Kind,
}

impl Verdict {
    /// As a row of a table: name, error, seconds, requests, damaged fragments, pictures, what is wrong.
    #[must_use]
    pub fn row(&self) -> String {
        let Self { name, error, stood, asked, pictures, toll, wrong } = self;
        let (error, damaged) = (error.as_deref().unwrap_or("–"), toll.struck.len());
        format!("| {name} | {error} | {stood:.1} s | {asked} | {damaged} | {pictures} | {} |", wrong.join("; "))
    }

    pub(super) fn new(scenario: &Scenario, known: &Known, told: Option<&Told>, line: &Line) -> Self {
        let mut verdict = Self {
            name: scenario.name(),
            error: None,
            stood: 0.0,
            asked: line.asked(),
            pictures: 0,
            toll: Toll::default(),
            wrong: Vec::new(),
        };
        if !line.strikes().has_begun() {
            verdict.wrong.push("the fault did not strike".to_owned());
        }
        let Some(told) = told else {
            verdict.wrong.push("its page said nothing".to_owned());
            return verdict;
        };
        verdict.stood = told.stood;
        verdict.pictures = told.frames.len();
        verdict.judge_errors(scenario, told);
        if scenario.has_eyes() {
            let is_checked_first =
                scenario.row.options.get("integrity").is_some_and(|integrity| integrity == "required");
            let (toll, wrong) = Toll::take(told, line.struck(), &known.fragments, &known.pictures, is_checked_first);
            verdict.toll = toll;
            verdict.wrong.extend(wrong);
        }
        if told.is_ended {
            let course =
                Course { seeks: scenario.seeks().into(), unseen: (scenario.row.fault == Fault::Hidden).into() };
            // Of damaged bytes even the number may be damaged: that has been judged.
            let is_excused = |frame: &Frame| scenario.has_eyes() && known.pictures.lack(frame);
            verdict.wrong.extend(wrong_pictures(told, (&known.film, known.kind), course, is_excused));
        } else {
            verdict.wrong.push(format!("it did not end: {} at {} s, {:?}", told.state, told.at, told.errors));
        }
        let most = scenario.row.forced + SLACK;
        if told.stood > most {
            verdict.wrong.push(format!("it stood still for {:.1} s, {most} s were due at most", told.stood));
        }
        if told.requests > 0 {
            verdict.wrong.push(format!("{} requests are under way at its end", told.requests));
        }
        verdict
    }

    fn judge_errors(&mut self, scenario: &Scenario, told: &Told) {
        let fatal: Vec<_> = told.errors.iter().filter(|error| error.fatal).collect();
        self.error = fatal.first().map(|error| format!("{} ({})", error.code, error.action));
        let found: Vec<_> = fatal.iter().map(|error| error.code.as_str()).collect();
        let due: Vec<_> = scenario.row.error.iter().map(String::as_str).collect();
        let is_outlasted = scenario.row.outlasts && found == ["network"];
        if found != due && !is_outlasted {
            let said: Vec<_> = fatal.iter().map(|error| error.message.as_str()).collect();
            self.wrong.push(format!("it told {found:?} instead of {due:?}: {said:?}"));
        }
    }
}

/// What a viewer does to whom pictures are missing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Course {
    /// How often he seeks.
    seeks: usize,
    /// How often his page is hidden, which draws no pictures then while the film plays on.
    unseen: usize,
}

/// What is wrong with the pictures of a film that was played to its end: each is the right one, and all of it was played, but for what was
/// sought past.
pub(super) fn wrong_pictures(
    told: &Told,
    (film, kind): (&Film, Kind),
    Course { seeks, unseen }: Course,
    is_excused: impl Fn(&Frame) -> bool,
) -> Vec<String> {
    let faults = told.frames.iter().filter(|frame| !is_excused(frame)).filter_map(|frame| frame.fault(film, kind));
    let mut wrong: Vec<String> = faults.take(3).collect();
    let times: Vec<f64> = told.frames.iter().map(|frame| frame.time).collect();
    if times.is_empty() {
        wrong.push("no picture was shown".to_owned());
        return wrong;
    }
    let end = told.duration.unwrap_or_else(|| f64::from(film.seconds));
    let stretches = stretches(&told.played);
    let is_whole = matches!((stretches.first(), stretches.last()), (Some((from, _)), Some((_, to))) if *from < EDGE && *to > end - EDGE);
    if !is_whole || stretches.len() > seeks + 1 {
        wrong.push(format!("{stretches:?} of {end} s were played"));
    }
    // What was not played has no pictures: a gap is what was played of it.
    let played = |from: f64, to: f64| stretches.iter().map(|s| (s.1.min(to) - s.0.max(from)).max(0.0)).sum::<f64>();
    let places: Vec<f64> = [&[0.0], &times[..], &[end]].concat();
    let gaps: Vec<_> = places.windows(2).filter(|pair| played(pair[0], pair[1]) > LONGEST_GAP).collect();
    if gaps.len() > unseen {
        wrong.push(format!("pictures are missing: {gaps:?}"));
    }
    if let Some(stats) = told.stats.filter(|stats| stats.holes > 0.0) {
        wrong.push(format!("the player stepped over {} gaps", stats.holes));
    }
    // A player that wakes its decoder by a seek, or replaces it, goes on where it was: the picture of that place is shown again.
    let own = |kind: &str| told.events.iter().filter(|event| event.kind == kind).count();
    let again = own("seeking").saturating_sub(seeks).max(own("reopening"));
    let (small, large): (Vec<_>, Vec<_>) =
        times.windows(2).filter(|pair| pair[1] < pair[0] - 1e-3).partition(|pair| pair[1] > pair[0] - AGAIN);
    if !large.is_empty() || small.len() > again {
        wrong.push(format!("pictures went back: {large:?}, {small:?}, with {again} seeks of the player's own"));
    }
    wrong
}

/// What was played in one go each. What is noted ten times a second may lack a little where a decoder was replaced.
fn stretches(played: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut sorted = played.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut stretches: Vec<(f64, f64)> = Vec::new();
    for (from, to) in sorted {
        match stretches.last_mut() {
            Some(last) if from < last.1 + EDGE => last.1 = last.1.max(to),
            _ => stretches.push((from, to)),
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_played_in_one_go_is_one_stretch() {
        assert_eq!(stretches(&[(5.1, 16.0), (0.0, 5.0)]), [(0.0, 16.0)]);
        assert_eq!(stretches(&[(0.0, 5.0), (12.0, 16.0), (3.0, 4.0)]), [(0.0, 5.0), (12.0, 16.0)]);
    }

    /// What is wrong with pictures of such times of a film of 16 s, of which that was played.
    fn wrong(times: &[f64], played: &[(f64, f64)], seeks: usize, events: &[&str]) -> Vec<String> {
        let frames: Vec<_> = times.iter().map(|time| json!({ "time": time, "row": "" })).collect();
        let event = |kind| json!({ "source": "player", "kind": kind, "at": 0, "detail": "" });
        let events: Vec<_> = events.iter().map(event).collect();
        let told = json!({ "isDone": true, "isEnded": true, "state": "ended", "at": 16, "stood": 0, "errors": [], "duration": 16,
            "frames": frames, "events": events, "played": played });
        let told: Told = serde_json::from_value(told).expect("it is complete");
        let film = Film { path: "film.mp4".into(), start: 0.0, seconds: 16, frame_rate: 24, period: 384 };
        wrong_pictures(&told, (&film, Kind::Chromium), Course { seeks, unseen: 0 }, |_| true)
    }

    #[test]
    fn pictures_may_be_missing_only_where_nothing_was_played() {
        let is_right = |times: &[f64], played: &[(f64, f64)], seeks| wrong(times, played, seeks, &[]).is_empty();
        assert!(is_right(&[1.0, 7.0, 13.0], &[(0.0, 16.0)], 0));
        assert!(!is_right(&[1.0, 13.0], &[(0.0, 16.0)], 0) && !is_right(&[9.0], &[(0.0, 16.0)], 0));
        assert!(is_right(&[13.0], &[(0.0, 0.7), (12.0, 16.0)], 1), "he has sought past what has no pictures");
        assert!(!is_right(&[13.0], &[(0.0, 0.7), (12.0, 16.0)], 0) && !is_right(&[13.0], &[(0.0, 16.0)], 1));
        assert!(!is_right(&[1.0, 7.0], &[(0.0, 7.1)], 0), "the end was not played");
    }

    #[test]
    fn pictures_go_back_a_little_and_only_where_the_player_has_sought() {
        let wrong = |times: &[f64], events: &[&str]| wrong(times, &[(0.0, 16.0)], 0, events).len();
        assert_eq!(wrong(&[7.0, 6.95, 13.0], &[]), 1);
        assert_eq!(wrong(&[7.0, 6.95, 13.0], &["reopening", "seeking"]), 0);
        assert_eq!(wrong(&[7.0, 6.95, 6.9, 13.0], &["seeking"]), 1);
        assert_eq!(wrong(&[7.0, 6.0, 13.0], &["seeking"]), 1);
    }
}
