//! What a page has noted, and what it comes to.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::film::Film;
use crate::outcome::{BEGAN, KBPS, MISSED, MISSED_AT_SWITCHES, STALLED, STALLS, SWITCHES, UNREAD};

/// Every frame that was shown, and what lay ready.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Notes {
    frames: Vec<Frame>,
    ready: Vec<Ready>,
}

/// Milliseconds since the film was loaded, seconds of the film, the rung by its mark (below zero where there was none), and how many
/// had been shown by then.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Frame(f64, f64, i32, u32);

/// Milliseconds since the film was loaded, seconds of the film, and seconds that lie ready from there on.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Ready(f64, f64, f64);

const FRAME_RATE: f64 = 24.0;

/// The most seconds of the film that one frame counts for: a step beyond that is a jump.
const LONGEST: f64 = 1.0;

/// Share of the time between two looks below which a film that moved stood still.
const STOOD: f64 = 0.5;

/// Frames behind a switch that what is missing is still counted for.
const AFTER: usize = 3;

impl Notes {
    /// All measures of a session.
    pub(crate) fn measures(&self, film: &Film) -> BTreeMap<String, f64> {
        let steps: Vec<(Frame, Frame)> = self.frames.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let (mut shown, mut bits, mut missed, mut at_switches, mut switches) = (0.0, 0.0, 0.0, 0.0, 0);
        let (mut near, mut last) = (0, -1);
        for (before, frame) in &steps {
            let passed = (frame.1 - before.1).clamp(0.0, LONGEST);
            if let Some(rung) = usize::try_from(before.2).ok().and_then(|rung| film.rungs.get(rung)) {
                shown += passed;
                bits += passed * rung.rate;
                last = before.2;
            }
            if frame.2 >= 0 && last >= 0 && frame.2 != last {
                switches += 1;
                near = AFTER;
            }
            let missing = (passed * FRAME_RATE).round() - f64::from(frame.3.saturating_sub(before.3));
            missed += missing.max(0.0);
            at_switches += if near > 0 { missing.max(0.0) } else { 0.0 };
            near = near.saturating_sub(1);
        }
        let unread = self.frames.iter().filter(|frame| frame.2 < 0).count();
        let measures = [
            (BEGAN, self.began().map_or(0.0, |frame| frame.0)),
            (STALLED, self.stalled()),
            (STALLS, f64::from(self.stalls())),
            (KBPS, if shown > 0.0 { bits / shown / 1e3 } else { 0.0 }),
            (SWITCHES, f64::from(switches)),
            (MISSED, missed),
            (MISSED_AT_SWITCHES, at_switches),
            (UNREAD, unread as f64),
        ];
        measures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The frame at which the film moves: a first one may stand before it, in some players for long.
    fn began(&self) -> Option<&Frame> {
        self.frames.windows(2).find(|pair| pair[1].1 > pair[0].1).map(|pair| &pair[1])
    }

    /// The looks since the film moves, two after each other, and whether it went on between them.
    fn looks(&self) -> impl Iterator<Item = (&Ready, &Ready, bool)> {
        let began = self.began().map_or(f64::INFINITY, |frame| frame.0);
        let since = self.ready.windows(2).filter(move |pair| pair[0].0 >= began);
        since.map(|pair| (&pair[0], &pair[1], (pair[1].1 - pair[0].1) * 1e3 > (pair[1].0 - pair[0].0) * STOOD))
    }

    /// Seconds in which the film stood.
    fn stalled(&self) -> f64 {
        let stood = self.looks().filter(|(.., goes)| !goes);
        stood.map(|(one, other, _)| ((other.0 - one.0) / 1e3 - (other.1 - one.1)).max(0.0)).sum()
    }

    /// How often it stopped.
    fn stalls(&self) -> u32 {
        let (mut count, mut went) = (0, true);
        for (.., goes) in self.looks() {
            count += u32::from(went && !goes);
            went = goes;
        }
        count
    }

    /// For each group the rung that most of its frames were of.
    pub(crate) fn shown(&self, film: &Film) -> Vec<Option<usize>> {
        let groups = film.rungs.first().map_or(&[][..], |rung| &rung.groups);
        let mut counts = vec![BTreeMap::<usize, usize>::new(); groups.len()];
        for frame in &self.frames {
            // Times of frames are rounded, some down.
            let group = groups.partition_point(|group| group.start <= frame.1 + 1e-3).checked_sub(1);
            if let (Some(group), Ok(rung)) = (group, usize::try_from(frame.2)) {
                *counts[group].entry(rung).or_default() += 1;
            }
        }
        let most =
            |count: &BTreeMap<usize, usize>| count.iter().max_by_key(|(_, frames)| **frames).map(|(rung, _)| *rung);
        counts.iter().map(most).collect()
    }

    /// When which rung came, in seconds.
    pub(crate) fn course(&self) -> Vec<(f32, i32)> {
        let mut course: Vec<(f32, i32)> = Vec::new();
        for frame in self.frames.iter().filter(|frame| frame.2 >= 0) {
            if course.last().is_none_or(|(_, rung)| *rung != frame.2) {
                course.push((tenths(frame.0 / 1e3), frame.2));
            }
        }
        course
    }

    /// What lay ready each second: when, and how many seconds.
    pub(crate) fn ready(&self) -> Vec<(f32, f32)> {
        let mut ready: Vec<(f32, f32)> = Vec::new();
        for look in &self.ready {
            if ready.last().is_none_or(|(at, _)| look.0 / 1e3 >= f64::from(*at) + 1.0) {
                ready.push((tenths(look.0 / 1e3), tenths(look.2)));
            }
        }
        ready
    }
}

fn tenths(number: f64) -> f32 {
    ((number * 10.0).round() / 10.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::film::{Group, Rung};

    fn film() -> Film {
        let group = |at: u32| Group { start: f64::from(at) * 2.0, ..Group::default() };
        let rung = |rate| Rung { rate, groups: (0..3).map(group).collect() };
        Film {
            key: "film",
            seconds: 6,
            directory: "film".into(),
            size: (640, 360),
            marks: vec!["100", "010"],
            rungs: vec![rung(1e6), rung(3e6)],
            sound: 1e5,
        }
    }

    /// Two seconds of the lowest rung, a halt of one, and two of the other, of whose first frames one is missing.
    fn notes() -> Notes {
        let frame = |at: u32| {
            let second = f64::from(at) / FRAME_RATE;
            let halt = if at >= 48 { 1_000.0 } else { 0.0 };
            Frame(500.0 + second * 1e3 + halt, second, i32::from(at >= 48), at + 1 - u32::from(at >= 49))
        };
        let frames = (0..96).filter(|at| *at != 49).map(frame).collect();
        let ready = (0..20).map(|at| {
            let passed = f64::from(at) * 0.25;
            let at = if passed <= 2.0 { passed } else { (passed - 1.0).max(2.0) };
            Ready(500.0 + passed * 1e3, at, 4.0)
        });
        Notes { frames, ready: ready.collect() }
    }

    #[test]
    fn a_first_frame_that_stands_is_a_late_beginning_and_no_stall() {
        let notes = notes();
        let first = Frame(200.0, notes.frames[0].1, 0, 1);
        let early = Notes { frames: [&[first], &notes.frames[1..]].concat(), ready: notes.ready.clone() };
        let (early, on_time) = (early.measures(&film()), notes.measures(&film()));
        assert!((on_time[BEGAN] - 541.7).abs() < 0.1, "{on_time:?}");
        assert_eq!(early, on_time);
    }

    #[test]
    fn what_was_shown_is_counted_by_its_marks() {
        let measures = notes().measures(&film());
        let near = |name: &str, value: f64| assert!((measures[name] - value).abs() < 0.05, "{name}: {measures:?}");
        near(STALLED, 1.0);
        near(STALLS, 1.0);
        assert!((1_950.0..2_000.0).contains(&measures[KBPS]), "half of each: {measures:?}");
        near(SWITCHES, 1.0);
        near(MISSED, 1.0);
        near(MISSED_AT_SWITCHES, 1.0);
        near(UNREAD, 0.0);
        assert_eq!(notes().shown(&film()), [Some(0), Some(1), None]);
        assert_eq!(notes().course(), [(0.5, 0), (3.5, 1)]);
        assert_eq!(notes().ready().len(), 5);
    }
}
