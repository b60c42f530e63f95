//! Links as they were recorded, scaled to a film.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use player_bench::{Course, LOOPBACK, Network, Step};
use serde::Deserialize;

/// One link.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The set that it is of.
    pub set: String,
    /// Its own name.
    pub name: String,
    /// None where the browser is beside the server.
    steps: Vec<Step>,
}

/// Links that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Set {
    lines: Vec<Line>,
    /// Bits in a second of the highest rung of the film that they were put beside.
    top: f64,
}

/// A stretch of time in which a link does not change, as files have it.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Period {
    duration_ms: f64,
    bandwidth_kbps: f64,
    latency_ms: f64,
}

/// A film that links are put beside, as files have it.
#[derive(Deserialize)]
struct Beside {
    bitrates_kbps: Vec<f64>,
}

/// What a film takes of a link, in bits a second.
#[derive(Clone, Copy, Debug)]
pub struct Takes {
    /// In its highest rung.
    pub most: f64,
    /// In its lowest, with the sound.
    pub least: f64,
}

/// What a full packet takes on the wire for each byte of the film in it: 66 of 1,514 bytes are headers of Ethernet, IP and TCP.
const ON_THE_WIRE: f64 = 1_514.0 / 1_448.0;

/// How long a group plays, in seconds, where it is asked whether a link can be played over.
const GROUP: f64 = 2.0;
/// The most that lies ready there, in seconds.
const READY: f64 = 25.0;

/// Share of a second for which a link's queue takes what the link carries on average.
const QUEUE: f64 = 0.2;

impl Line {
    fn steady(name: &str, rate: u64, round_trip: Duration) -> Self {
        let step = Step { lasts: Duration::from_secs(3_600), rate, delay: round_trip / 2 };
        Self { set: "steady".to_owned(), name: name.to_owned(), steps: vec![step] }
    }

    /// How it changes.
    ///
    /// # Errors
    /// When nothing comes through.
    pub fn course(&self) -> Result<Course> {
        Course::new(self.steps.clone()).with_context(|| format!("{}: nothing comes through", self.name))
    }

    /// How it is within the first `length` seconds, step by step: how long each lasts, and what it is like.
    fn within(&self, length: f64) -> Vec<(f64, Step)> {
        let mut left = length;
        let mut parts = Vec::new();
        for step in self.steps.iter().cycle() {
            let lasts = step.lasts.as_secs_f64().min(left);
            parts.push((lasts, *step));
            left -= lasts;
            if left <= 0.0 {
                break;
            }
        }
        parts
    }

    /// Whether a film of that rate, once it has begun, plays without a stall within the first `length` seconds.
    fn is_enough_for(&self, rate: f64, length: f64) -> bool {
        let (mut ready, mut has_begun) = (0.0_f64, false);
        for (lasts, step) in self.within(length) {
            // A group takes an answer's way there and back, too.
            let speed = GROUP / (GROUP * rate / step.rate as f64 + 2.0 * step.delay.as_secs_f64());
            let begins = if has_begun { 0.0 } else { ((GROUP - ready) / speed).min(lasts) };
            ready = (ready + begins * speed + (lasts - begins) * (speed - 1.0)).min(READY);
            has_begun |= begins < lasts;
            if ready < 0.0 {
                return false;
            }
        }
        has_begun
    }

    /// How many seconds behind a film would be at most whose rate is what comes within the first `length` on average.
    fn backlog(&self, length: f64) -> f64 {
        let parts: Vec<_> = self.within(length).into_iter().map(|(lasts, step)| (lasts, step.rate as f64)).collect();
        let mean = parts.iter().map(|(lasts, rate)| lasts * rate).sum::<f64>() / length;
        let (mut behind, mut most) = (0.0_f64, 0.0_f64);
        for (lasts, rate) in parts {
            behind = (behind + lasts * (1.0 - rate / mean.max(1.0))).max(0.0);
            most = most.max(behind);
        }
        most
    }

    /// Makes it.
    pub(crate) fn lay(&self) -> Result<Network> {
        if self.steps.is_empty() {
            return Network::lay(&LOOPBACK);
        }
        let course = self.course()?;
        let queue = (course.mean() / 8.0 * QUEUE) as u64;
        Network::lay_course(course, queue.max(64_000))
    }
}

/// Nothing between browser and server.
#[must_use]
pub fn loopback() -> Line {
    Line { set: "loopback".to_owned(), name: "loopback".to_owned(), steps: Vec::new() }
}

/// The links over which films are begun and places in them are sought.
#[must_use]
pub fn of_start() -> [Line; 2] {
    [
        Line::steady("50 Mbit/s, 30 ms", 50_000_000, Duration::from_millis(30)),
        Line::steady("8 Mbit/s, 60 ms", 8_000_000, Duration::from_millis(60)),
    ]
}

/// The link in the middle of the first set, scaled to a film whose highest rung has `top` bits in a second.
#[must_use]
pub fn middle(sets: &[Set], top: f64) -> Option<Line> {
    let set = sets.first()?;
    set.lines.get(set.lines.len() / 2).map(|line| scaled(line, top / set.top))
}

/// `count` links, of each set in turn those that are the most uneven within the first `seconds`, scaled likewise: over an even one no
/// player ever stalls. Nor is one of any use over which all do, whatever they choose.
#[must_use]
pub fn uneven(sets: &[Set], count: usize, seconds: f64, film: Takes) -> Vec<Line> {
    let sorted = sets.iter().map(|set| {
        let lines = set.lines.iter().map(|line| scaled(line, film.most / set.top));
        let mut lines: Vec<Line> = lines.filter(|line| line.is_enough_for(film.least * ON_THE_WIRE, seconds)).collect();
        lines.sort_by(|one, other| other.backlog(seconds).total_cmp(&one.backlog(seconds)));
        lines
    });
    let sorted: Vec<Vec<Line>> = sorted.collect();
    let rounds = sorted.iter().map(Vec::len).max().unwrap_or(0);
    let in_turn = (0..rounds).flat_map(|round| sorted.iter().filter_map(move |lines| lines.get(round)));
    in_turn.take(count).cloned().collect()
}

fn scaled(line: &Line, factor: f64) -> Line {
    let steps = line.steps.iter().map(|step| Step { rate: (step.rate as f64 * factor) as u64, ..*step });
    Line { steps: steps.collect(), ..line.clone() }
}

/// The project's own links, all of them made up.
///
/// # Errors
/// When one is none.
pub fn own() -> Result<Vec<Set>> {
    let files = [
        ("steady", include_str!("../../adaptation/traces/steady.json")),
        ("train", include_str!("../../adaptation/traces/train.json")),
        ("tunnel", include_str!("../../adaptation/traces/tunnel.json")),
        ("shared", include_str!("../../adaptation/traces/shared.json")),
        ("falling", include_str!("../../adaptation/traces/falling.json")),
    ];
    let lines = files.into_iter().map(|(name, text)| line("made up", name, text)).collect::<Result<_>>()?;
    Ok(vec![Set { lines, top: OWN_TOP }])
}

/// The highest rung of the film that the project's own links are for.
const OWN_TOP: f64 = 14e6;

/// What lies in a directory: folders of links, and the films that they are put beside, of which each set has the one whose highest
/// rung is nearest to what the set carries.
///
/// # Errors
/// When it holds no folders of links, or something else.
pub fn read(directory: &Path) -> Result<Vec<Set>> {
    let (mut tops, mut folders) = (Vec::new(), Vec::new());
    for path in sorted(directory)? {
        if path.is_dir() {
            let set = name(&path);
            let files =
                sorted(&path)?.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "json"));
            let lines = files.map(|file| line(&set, &name(&file), &text(&file)?)).collect::<Result<Vec<_>>>()?;
            folders.extend((!lines.is_empty()).then_some(lines));
        } else if let Ok(film) = serde_json::from_str::<Beside>(&text(&path)?) {
            tops.extend(film.bitrates_kbps.into_iter().reduce(f64::max).map(|top| top * 1e3));
        }
    }
    ensure!(!folders.is_empty(), "{} has no folders of links", directory.display());
    let set = |lines: Vec<Line>| {
        let means = lines.iter().filter_map(|line| Some(Course::new(line.steps.clone())?.mean()));
        let mean = means.sum::<f64>() / lines.len() as f64;
        let distance = |top: &f64| (top / mean).ln().abs();
        let top = tops.iter().copied().min_by(|one, other| distance(one).total_cmp(&distance(other)));
        Set { lines, top: top.unwrap_or(OWN_TOP) }
    };
    Ok(folders.into_iter().map(set).collect())
}

fn line(set: &str, name: &str, text: &str) -> Result<Line> {
    let periods: Vec<Period> = serde_json::from_str(text).with_context(|| format!("{name} is no link"))?;
    let step = |period: Period| {
        let numbers = [period.duration_ms, period.bandwidth_kbps, period.latency_ms];
        let are_sound = numbers.iter().all(|number| (0.0..1e9).contains(number));
        are_sound.then(|| Step {
            lasts: Duration::from_secs_f64(period.duration_ms / 1e3),
            rate: (period.bandwidth_kbps * 1e3) as u64,
            delay: Duration::from_secs_f64(period.latency_ms / 2e3),
        })
    };
    let steps: Option<Vec<Step>> = periods.into_iter().map(step).collect();
    let steps = steps.with_context(|| format!("{name}: a number is none of a link's"))?;
    ensure!(Course::new(steps.clone()).is_some(), "{name} never carries anything");
    Ok(Line { set: set.to_owned(), name: name.trim_end_matches(".json").to_owned(), steps })
}

fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn sorted(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each with so many seconds of nothing in ten.
    fn set(name: &str, seconds: &[u64], top: f64) -> Set {
        let line = |&seconds: &u64| {
            let step = |lasts, rate| Step { lasts: Duration::from_secs(lasts), rate, delay: Duration::ZERO };
            let steps = vec![step(10 - seconds, 1_000), step(seconds, 0)];
            Line { set: name.to_owned(), name: format!("{name}{seconds}"), steps }
        };
        Set { lines: seconds.iter().map(line).collect(), top }
    }

    #[test]
    fn the_most_uneven_links_are_taken_of_each_set_in_turn_and_scaled() {
        let sets = [set("a", &[1, 3, 9, 2, 0], 500.0), set("b", &[5], 2_000.0)];
        let film = Takes { most: 1_000.0, least: 225.0 };
        let lines = uneven(&sets, 4, 60.0, film);
        let names: Vec<_> = lines.iter().map(|line| (line.name.as_str(), line.steps[0].rate)).collect();
        assert_eq!(names, [("a3", 2_000), ("b5", 500), ("a2", 2_000), ("a1", 2_000)]);
        assert_eq!(middle(&sets, 500.0).map(|line| line.name), Some("a9".to_owned()));
        assert_eq!(middle(&[], 500.0), None);
    }

    #[test]
    fn a_link_is_enough_for_a_film_that_plays_without_a_stall_once_it_has_begun() {
        let line = |seconds| set("a", &[seconds], 1.0).lines[0].clone();
        assert!(line(3).is_enough_for(650.0, 60.0), "six seconds lie ready when nothing comes");
        assert!(!line(3).is_enough_for(750.0, 60.0), "in the long run it is too slow");
        assert!(line(3).is_enough_for(750.0, 10.0), "that shows later");
        assert!(!line(10).is_enough_for(1.0, 60.0), "it never begins");
        let far = Step { lasts: Duration::from_secs(60), rate: 1_000, delay: Duration::from_secs(1) };
        assert!(!Line { steps: vec![far], ..line(0) }.is_enough_for(100.0, 60.0), "each answer is late");
    }

    #[test]
    fn a_backlog_is_of_what_comes_while_it_is_played() {
        let line = &set("a", &[1], 1.0).lines[0];
        assert!((line.backlog(10.0) - 1.0).abs() < 1e-9, "{}", line.backlog(10.0));
        assert!(line.backlog(9.0).abs() < 1e-9, "nothing is missing before: {}", line.backlog(9.0));
        assert!((line.backlog(1e3) - 1.0).abs() < 1e-9, "it begins again: {}", line.backlog(1e3));
    }

    #[test]
    fn the_projects_own_links_are_links() {
        assert_eq!(uneven(&own().expect("links"), 12, 120.0, Takes { most: OWN_TOP, least: 5e5 }).len(), 5);
    }
}
