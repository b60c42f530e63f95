//! What the viewers of each scenario do, and what is measured of it.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use player_bench::quantile;
use test_film::Film;

use crate::drift;
use crate::outcome::{Correction, Outcome};
use crate::scenario::{self as measure, Act, Scenario};
use crate::screen::Screen;
use crate::stage::{Built, Stage};
use crate::track::Track;
use crate::window::{Kind, Steer, Viewer};
use crate::{Slow, Told, ladder};

/// Time after a start, a seek or a newcomer until what is steady begins.
const SETTLE: Duration = Duration::from_secs(10);

/// Plays a scenario and measures it.
pub(crate) fn play(
    scenario: &Scenario,
    minutes: f64,
    (built, media, site): (&Built, &Path, &Path),
    (film, slow): (&Film, &Slow),
    told: Told<'_>,
) -> Result<Outcome> {
    let time = Duration::from_secs_f64(minutes * 60.0);
    let (last, others) = scenario.windows.split_last().expect("somebody watches");
    let direct = if matches!(scenario.act, Act::Watch | Act::Command | Act::Look) { scenario.windows } else { others };
    if scenario.act == Act::Ladder {
        let mut outcome = ladder::play(scenario, time, (built, media, site), slow, told)?;
        outcome.load = player_bench::load();
        return Ok(Outcome { name: scenario.name.to_owned(), minutes, ..outcome });
    }
    let screen = (scenario.act == Act::Look).then(Screen::open).transpose()?;
    let mut stage = Stage::set(built, media, site, scenario.link, (direct, screen))?;
    let mut outcome = Outcome { name: scenario.name.to_owned(), minutes, ..Outcome::default() };
    match scenario.act {
        Act::Watch => watch(&mut stage, time, &mut outcome, told)?,
        Act::Join => join(&mut stage, *last, time, &mut outcome, told)?,
        Act::Lose(span) => lose(&mut stage, *last, (time, span), &mut outcome, told)?,
        Act::Command => commands(&mut stage, time, &mut outcome, told)?,
        Act::Look => look(&mut stage, time, film, &mut outcome, told)?,
        Act::Ladder => {}
        Act::Starve => starve(&mut stage, *last, time, &mut outcome, told)?,
    }
    outcome.load = player_bench::load();
    Ok(outcome)
}

fn watch(stage: &mut Stage, time: Duration, outcome: &mut Outcome, told: Told<'_>) -> Result<()> {
    stage.play()?;
    stage.watch(SETTLE.min(time), told)?;
    let (from, to) = stage.watch(time, told)?;
    draw(&stage.viewers, from, to, outcome);
    for (name, part) in [(measure::P50, 0.5), (measure::P95, 0.95), (measure::P99, 0.99), (measure::WORST, 1.0)] {
        outcome.put(name, apart(&stage.viewers, from, to, part));
    }
    let frames = stage.viewers.iter().map(|viewer| viewer.track.count(from, to) as f64 / ((to - from) / 1e3));
    outcome.put(measure::FRAMES, frames.reduce(f64::min));
    let calm = stage.viewers.iter().map(|viewer| drift::share_near_one(&viewer.rates, 0.01, from, to) * 100.0);
    outcome.put(measure::CALM, calm.reduce(f64::min));
    let seeks = outcome.corrections.iter().filter(|correction| correction.is_seek).count();
    let changes = outcome.corrections.len() - seeks;
    outcome.put(measure::SEEKS, Some(seeks as f64));
    outcome.put(measure::CHANGES, Some(changes as f64 / stage.viewers.len() as f64 / ((to - from) / 60e3)));
    Ok(())
}

/// Somebody comes, over and over: from entering the room with the library there.
fn join(stage: &mut Stage, kind: Kind, time: Duration, outcome: &mut Outcome, told: Told<'_>) -> Result<()> {
    /// Time that a browser has to itself once it has been started: it still has much to do.
    const REST: Duration = Duration::from_secs(3);
    stage.play()?;
    let (begun, _) = stage.watch(SETTLE, told)?;
    let mut after = Vec::new();
    let end = Instant::now() + time;
    while Instant::now() < end {
        let at = stage.open(kind)?;
        thread::sleep(REST);
        let began = stage.enter(at)?;
        stage.watch(SETTLE, told)?;
        after.push(in_band(stage, at, began, told)?);
        stage.viewers.pop();
    }
    let until = stage.now()?;
    draw(&stage.viewers, begun, until, outcome);
    outcome.put(measure::JOINED, quantile(&after, 0.95));
    outcome.put("joins", Some(after.len() as f64));
    Ok(())
}

/// One has no network for a `span`, over and over.
fn lose(
    stage: &mut Stage,
    kind: Kind,
    (time, span): (Duration, Duration),
    outcome: &mut Outcome,
    told: Told<'_>,
) -> Result<()> {
    let (at, gate) = stage.open_behind(kind)?;
    stage.enter(at)?;
    stage.play()?;
    let (begun, _) = stage.watch(SETTLE, told)?;
    let (mut after, mut connected) = (Vec::new(), Vec::new());
    let end = Instant::now() + time;
    while Instant::now() < end {
        gate.close();
        stage.watch(span, told)?;
        let back = stage.now()?;
        gate.reopen();
        // As a browser tells its pages.
        stage.viewers[at].evaluate("window.dispatchEvent(new Event('online'))")?;
        stage.wait_for(at, "bench.isIn")?;
        connected.push((stage.now()? - back) / 1e3);
        stage.watch(SETTLE * 2, told)?;
        after.push(in_band(stage, at, back, told)?);
    }
    let until = stage.now()?;
    draw(&stage.viewers, begun, until, outcome);
    outcome.put(measure::CAME_BACK, quantile(&after, 0.95));
    outcome.put(measure::CONNECTED, quantile(&connected, 0.95));
    outcome.put("times that it was away", Some(after.len() as f64));
    Ok(())
}

/// Seconds from `since` until one is in the band of those before it. As long as has passed, where it is not. Where that is long, says
/// what took it.
fn in_band(stage: &mut Stage, at: usize, since: f64, told: Told<'_>) -> Result<f64> {
    /// Seconds above which people want to know more.
    const LONG: f64 = 2.5;
    let until = stage.now()?;
    let entry = drift::entry(&stage.viewers[at].track, &tracks(&stage.viewers[..at]), since, until);
    let after = entry.unwrap_or(until - since) / 1e3;
    let is_in = if entry.is_some() { "in the band" } else { "not in the band" };
    told(&format!("{is_in} after {after:.2} s"))?;
    if after > LONG {
        told(&format!("  {}", course(&stage.viewers[at], &tracks(&stage.viewers[..at]), since, after)))?;
    }
    Ok(after)
}

/// What was done to a newcomer's player, and how far it was ahead of the others, each with the second since `since`, up to `after` seconds.
fn course(newcomer: &Viewer, others: &[&Track], since: f64, after: f64) -> String {
    /// Milliseconds between two looks.
    const LOOK: f64 = 250.0;
    let looks = (0..=(after * 1e3 / LOOK) as u32).map(|look| f64::from(look) * LOOK + since);
    let ahead =
        looks.filter_map(|wall| Some((wall, format!("{:+.0} ms", drift::ahead(&newcomer.track, others, wall)?))));
    let steers = newcomer.steers.iter().map(|Steer(wall, action, reason)| (*wall, format!("{action} ({reason})")));
    let rates = newcomer.rates.iter().map(|(wall, rate)| (*wall, format!("× {rate:.3}")));
    let mut lines: Vec<_> = ahead.chain(steers.chain(rates)).filter(|(wall, _)| *wall >= since).collect();
    lines.sort_by(|one, other| one.0.total_cmp(&other.0));
    let lines = lines.iter().map(|(wall, what)| format!("{:.2} s {what}", (wall - since) / 1e3));
    lines.collect::<Vec<_>>().join("; ")
}

/// Each in turn goes to another place, where nothing is buffered; then one pauses and another plays.
fn commands(stage: &mut Stage, time: Duration, outcome: &mut Outcome, told: Told<'_>) -> Result<()> {
    const PAUSE: Duration = Duration::from_secs(2);
    const PLACES: [u32; 7] = [700, 1_500, 300, 1_100, 1_900, 500, 1_300];
    stage.play()?;
    let (begun, _) = stage.watch(SETTLE, told)?;
    let (mut seeks, mut plays) = (Vec::new(), Vec::new());
    let end = Instant::now() + time;
    let count = stage.viewers.len();
    for turn in (0..).take_while(|_| Instant::now() < end) {
        // Some frames into a group, by turns.
        let to = f64::from(PLACES[turn % PLACES.len()]) + (turn % 11) as f64 * 3.7;
        let at = stage.viewers[turn % count].moment(&format!("bench.seek({to})"))?;
        thread::sleep(PAUSE);
        stage.all_move()?;
        stage.watch(PAUSE, told)?;
        let apart = drift::start_spread(&tracks(&stage.viewers), at, Some(to));
        told(&format!("{} seeks: first frames {} ms apart", stage.viewers[turn % count].name, shown(apart)))?;
        seeks.extend(apart);
        stage.viewers[(turn + 1) % count].moment("bench.pause()")?;
        stage.watch(PAUSE, told)?;
        let at = stage.viewers[(turn + 2) % count].moment("bench.play()")?;
        thread::sleep(PAUSE);
        stage.all_move()?;
        stage.watch(PAUSE, told)?;
        let apart = drift::start_spread(&tracks(&stage.viewers), at, None);
        told(&format!("{} plays: first frames {} ms apart", stage.viewers[(turn + 2) % count].name, shown(apart)))?;
        plays.extend(apart);
    }
    let until = stage.now()?;
    draw(&stage.viewers, begun, until, outcome);
    outcome.put(measure::SEEK_START, quantile(&seeks, 0.95));
    outcome.put("seeks", Some(seeks.len() as f64));
    outcome.put(measure::PLAY_START, quantile(&plays, 0.95));
    outcome.put("plays", Some(plays.len() as f64));
    Ok(())
}

/// Both are on one screen, and what that shows is held against what each says of itself.
fn look(stage: &mut Stage, time: Duration, film: &Film, outcome: &mut Outcome, told: Told<'_>) -> Result<()> {
    const PAUSE: Duration = Duration::from_millis(700);
    stage.play()?;
    let (begun, _) = stage.watch(SETTLE, told)?;
    let places = stage.viewers.iter_mut().map(Viewer::place).collect::<Result<Vec<_>>>()?;
    let (mut apart, mut looks) = (Vec::new(), 0_u32);
    let end = Instant::now() + time;
    while Instant::now() < end {
        stage.watch(PAUSE, told)?;
        let screen = stage.screen.as_ref().context("there is no screen")?;
        let shot = screen.shoot()?;
        looks += 1;
        let numbers: Option<Vec<u32>> = places.iter().map(|place| shot.number(*place)).collect();
        if let Some([one, other]) = numbers.as_deref() {
            apart.push(f64::from(film.steps(*one, *other).min(film.steps(*other, *one))));
        }
    }
    let until = stage.now()?;
    draw(&stage.viewers, begun, until, outcome);
    outcome.put("pictures of the screen", Some(f64::from(looks)));
    outcome.put("of them with two whole numbers", Some(apart.len() as f64));
    let same = apart.iter().filter(|apart| **apart == 0.0).count();
    outcome.put("of those with one and the same, %", Some(same as f64 * 100.0 / apart.len().max(1) as f64));
    outcome.put(measure::FRAMES_APART, quantile(&apart, 0.95));
    outcome.put("frames apart on the screen, at most", quantile(&apart, 1.0));
    Ok(())
}

/// For most of the time one gets less than the film needs; then its browser dies, and the others go on for the rest.
fn starve(stage: &mut Stage, kind: Kind, time: Duration, outcome: &mut Outcome, told: Told<'_>) -> Result<()> {
    /// Bits per second of a link that starves a viewer: about half of what the film has.
    const TOO_LITTLE: u64 = 220_000;
    let (at, gate) = stage.open_behind(kind)?;
    stage.enter(at)?;
    stage.play()?;
    stage.watch(SETTLE, told)?;
    gate.narrow(TOO_LITTLE);
    let begun = stage.now()?;
    stage.watch(time.mul_f64(0.65), told)?;
    let killed = stage.now()?;
    stage.viewers.pop().expect("it is the last").kill();
    told("its browser is dead")?;
    stage.watch(SETTLE, told)?;
    let calm = stage.now()?;
    stage.watch(time.mul_f64(0.35).saturating_sub(SETTLE).max(SETTLE), told)?;
    let until = stage.now()?;
    let stood = stage.viewers[0].track.stood(begun, until);
    told(&format!("the others stood for {stood:.0?} ms at a time"))?;
    outcome.put(measure::STOOD, Some(stood.iter().sum::<f64>() / 1e3));
    outcome.put("times that they stood", Some(stood.len() as f64));
    outcome.put(measure::P95_STARVED, apart(&stage.viewers, begun + 20_000.0, killed, 0.95));
    outcome.put(measure::P95_KILLED, apart(&stage.viewers, calm, until, 0.95));
    // At least nine tenths of the time went into the film.
    let shown = |viewer: &&Viewer| {
        let at = |wall: f64| viewer.track.last_before(wall).map_or(0.0, |frame| frame.media);
        (at(until) - at(calm)) * 1e3 >= (until - calm) * 0.9
    };
    outcome.put(measure::PLAYS_ON, Some(stage.viewers.iter().filter(shown).count() as f64));
    draw(&stage.viewers, begun, until, outcome);
    Ok(())
}

/// A whole number, for people; where somebody never moved there is none.
fn shown(milliseconds: Option<f64>) -> String {
    milliseconds.map_or_else(|| "?".to_owned(), |milliseconds| format!("{milliseconds:.0}"))
}

fn tracks(viewers: &[Viewer]) -> Vec<&Track> {
    viewers.iter().map(|viewer| &viewer.track).collect()
}

fn apart(viewers: &[Viewer], from: f64, to: f64, part: f64) -> Option<f64> {
    let samples = drift::spread(&tracks(viewers), from, to);
    quantile(&samples.iter().map(|sample| sample.1).collect::<Vec<_>>(), part)
}

/// What the picture needs.
fn draw(viewers: &[Viewer], from: f64, to: f64, outcome: &mut Outcome) {
    let samples = drift::spread(&tracks(viewers), from, to);
    outcome.drift = drift::by_span(&samples, from, 1_000.0);
    let steers = viewers.iter().flat_map(|viewer| &viewer.steers).filter(|steer| (from..to).contains(&steer.0));
    let correction = |steer: &Steer| {
        let is_seek = steer.is_corrective_seek();
        (is_seek || steer.1 == "rate").then(|| Correction { at: (steer.0 - from) / 1e3, is_seek })
    };
    outcome.corrections = steers.filter_map(correction).collect();
    outcome.corrections.sort_by(|one, other| one.at.total_cmp(&other.at));
}
