//! A film of several renditions, and one of the viewers behind a slow link: how long the others stand still for that one.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::outcome::Outcome;
use crate::scenario::{self as measure, Scenario};
use crate::stage::{Built, Stage};
use crate::track::Track;
use crate::{Slow, Told};

/// The number of the highest rendition: the manifest's first stream.
const HIGHEST: usize = 0;

/// In one room first. Then that viewer has the highest rendition alone, over the same link from its beginning on: for so long would
/// everybody stand who waited for it.
pub(crate) fn play(
    scenario: &Scenario,
    time: Duration,
    (built, media, site): (&Built, &Path, &Path),
    slow: &Slow,
    told: Told<'_>,
) -> Result<Outcome> {
    let (film, line) = slow.prepare(media, built)?;
    told(&format!("its link: {}, of the set {}", line.name, line.set))?;
    let (last, others) = scenario.windows.split_last().expect("somebody watches");
    let mut outcome = Outcome::default();
    let (stood, own) = {
        let mut stage = Stage::set(built, &film.directory, site, scenario.link, (others, None))?;
        let (at, gate) = stage.open_behind(*last)?;
        stage.enter(at)?;
        gate.follow(line.course()?);
        stage.play()?;
        let (from, to) = stage.watch(time, told)?;
        let stood = |at: usize| stood_for(&stage.viewers[at].track, from, to);
        ((0..at).map(stood).sum::<f64>() / at as f64, stood(at))
    };
    told(&format!("the others stood for {stood:.1} s, the one for {own:.1} s"))?;
    outcome.put(measure::STOOD, Some(stood));
    outcome.put("the one behind the slow link stood, s", Some(own));
    let mut stage = Stage::set(built, &film.directory, site, scenario.link, (&[], None))?;
    let (at, gate) = stage.open_behind(*last)?;
    stage.enter(at)?;
    stage.wait_for(at, &format!("bench.hold({HIGHEST})"))?;
    gate.follow(line.course()?);
    stage.play()?;
    let (from, to) = stage.watch(time, told)?;
    let alone = stood_for(&stage.viewers[at].track, from, to);
    outcome.put(measure::ALONE, Some(alone));
    outcome.put(measure::STOOD_OF_ALONE, (alone > 0.0).then(|| stood / alone * 100.0));
    Ok(outcome)
}

/// Seconds without a picture, those at the end among them.
fn stood_for(track: &Track, from: f64, to: f64) -> f64 {
    let since_the_last = track.last_before(to).map_or(to - from, |last| to - last.wall.max(from));
    (track.stood(from, to).iter().sum::<f64>() + since_the_last) / 1e3
}
