//! What came of a scenario, held against what is due.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use test_film::Film;

use super::{fault::Fault, line::Line, table::Scenario};
use crate::{Cut, Event, Frame};

/// Seconds for which a film may stand still on top of what its fault withholds: to begin and to seek, with many players on few
/// processors.
const SLACK: f64 = 8.0;

/// The most that may be missing between two pictures, or at either end: a busy machine drops some. What the player itself has left out is
/// counted by it.
const LONGEST_GAP: f64 = 8.0;

/// What each picture looks like, by its number: digests of a reduced copy.
#[derive(Clone, Debug, Default)]
pub struct Pictures(BTreeMap<u32, BTreeSet<u32>>);

impl Pictures {
    /// Learns from a film that nothing has befallen.
    pub(super) fn learn(&mut self, told: &Told) {
        for frame in &told.frames {
            if let Some((number, picture)) = frame.number().zip(frame.picture) {
                self.0.entry(number).or_default().insert(picture);
            }
        }
    }

    /// Whether this is no picture of the film. Of one that has never been seen nothing is known.
    fn is_damaged(&self, frame: &Frame) -> bool {
        let Some(number) = frame.number() else { return true };
        self.0.get(&number).is_some_and(|known| frame.picture.is_some_and(|picture| !known.contains(&picture)))
    }
}

/// What a frame of the page has told.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Told {
    pub(super) is_done: bool,
    is_ended: bool,
    state: String,
    at: f64,
    stood: f64,
    errors: Vec<Mishap>,
    duration: Option<f64>,
    #[serde(default)]
    frames: Vec<Frame>,
    #[serde(default)]
    events: Vec<Event>,
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
struct Mishap {
    code: String,
    action: String,
    fatal: bool,
    message: String,
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
    /// How many blocks of the film came damaged.
    pub damaged: usize,
    /// What is not as it is to be.
    pub wrong: Vec<String>,
}

/// Share of a chunk by which the place of a picture among its bytes may be another than its place in time.
const UNEVEN: f64 = 0.15;

/// Whether a picture was shown before its fragment had come whole and was found damaged: the playhead had come to it by then.
fn was_under_way(frame: &Frame, cut: &Cut, events: &[Event]) -> bool {
    let starts = cut.video_chunk_starts();
    let Some(chunk) = starts.iter().rposition(|start| *start <= frame.time + 1e-3) else { return false };
    let pictures = cut.document().streams.iter().find(|stream| stream.kind != manifest::Kind::Audio);
    let Some(entry) = pictures.and_then(|stream| stream.chunks.get(chunk)) else { return false };
    let end = starts.get(chunk + 1).copied().unwrap_or(starts[chunk] + 2.0);
    let place = (frame.time - starts[chunk]) / (end - starts[chunk]);
    let of_it = events.iter().filter_map(|event| Some((event.at, event.damaged.as_ref()?)));
    let mut of_it = of_it.filter(|(_, damaged)| {
        let share = |byte: u64| byte as f64 / entry.bytes as f64;
        damaged.url.ends_with(&entry.url)
            && share(damaged.start) - UNEVEN <= place
            && place <= share(damaged.end) + UNEVEN
    });
    of_it.any(|(at, _)| at >= frame.time - 0.05)
}

impl Verdict {
    /// As a row of a table: name, error, seconds, requests, damaged blocks, pictures, what is wrong.
    #[must_use]
    pub fn row(&self) -> String {
        let Self { name, error, stood, asked, pictures, damaged, wrong } = self;
        let error = error.as_deref().unwrap_or("–");
        format!("| {name} | {error} | {stood:.1} s | {asked} | {damaged} | {pictures} | {} |", wrong.join("; "))
    }

    pub(super) fn new(
        scenario: &Scenario,
        (film, cut): (&Film, &Cut),
        known: &Pictures,
        told: Option<&Told>,
        line: &Line,
    ) -> Self {
        let mut verdict = Self {
            name: scenario.name(),
            error: None,
            stood: 0.0,
            asked: line.asked(),
            pictures: 0,
            damaged: line.damaged(),
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
        let is_late = |frame: &&Frame| known.is_damaged(frame) && !was_under_way(frame, cut, &told.events);
        let damaged: Vec<_> = told.frames.iter().filter(is_late).collect();
        if scenario.has_eyes() && !damaged.is_empty() {
            verdict.wrong.push(format!("{} pictures of damaged bytes were shown: {:?}", damaged.len(), damaged[0]));
        }
        if told.is_ended {
            verdict.judge_pictures(scenario, film, told);
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
        if found != due {
            let said: Vec<_> = fatal.iter().map(|error| error.message.as_str()).collect();
            self.wrong.push(format!("it told {found:?} instead of {due:?}: {said:?}"));
        }
    }

    fn judge_pictures(&mut self, scenario: &Scenario, film: &Film, told: &Told) {
        let wrong = told.frames.iter().filter_map(|frame| frame.fault(film));
        self.wrong.extend(wrong.take(3));
        let times: Vec<f64> = told.frames.iter().map(|frame| frame.time).collect();
        let (Some(first), Some(last)) = (times.first(), times.last()) else {
            self.wrong.push("no picture was shown".to_owned());
            return;
        };
        let end = told.duration.unwrap_or_else(|| f64::from(film.seconds));
        if *first > LONGEST_GAP || *last < end - LONGEST_GAP {
            self.wrong.push(format!("pictures from {first} s to {last} s of {end} s were shown"));
        }
        if let Some(stats) = told.stats.filter(|stats| stats.holes > 0.0) {
            self.wrong.push(format!("the player stepped over {} gaps", stats.holes));
        }
        let seeks = told.events.iter().filter(|event| event.source == "video" && event.kind == "seeking").count();
        let gaps = times.windows(2).filter(|pair| pair[1] - pair[0] > LONGEST_GAP || pair[1] < pair[0] - 1e-3);
        let gaps: Vec<_> = gaps.collect();
        let due = usize::from(scenario.seeks()) + usize::from(scenario.row.fault == Fault::Hidden);
        if gaps.len() > due {
            self.wrong.push(format!("pictures are missing or went back: {gaps:?}, with {seeks} seeks"));
        }
    }
}
