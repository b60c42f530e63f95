//! `cargo xtask bench abr`: rate adaptation over recorded links.
//!
//! Every rule plays the same film over the same links in one small world (`session`), as does an oracle that knows each link
//! beforehand. What is printed are means over the links of a set.

mod film;
mod link;
mod oracle;
mod ours;
mod report;
mod rules;
mod session;
mod sets;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use lexopt::Arg::{Long, Short, Value};

use film::Film;
use link::Trace;
use session::{Outcome, Rule};
use sets::{Half, Set};

const USAGE: &str = "\
Usage: cargo xtask bench abr [OPTIONS]

  --traces DIR       play the links in DIR in place of the project's own: in each of its folders, or in itself, files of
                     [{duration_ms, bandwidth_kbps, latency_ms}, …]. Films of DIR are its files of
                     {segment_duration_ms, bitrates_kbps, segment_sizes_bits}; each folder is played with the one whose
                     highest rung is nearest to what its links carry.
  --half even|odd    play only every second link of each set, to try on one half what was found with the other
  --buffer SECONDS   the most that a player keeps (25)
  --json FILE        also write what is printed, and every single session, to FILE";

/// Names of the rules that play, in the order of the table.
const PLAYERS: [&str; 8] = ["throughput", "bba", "bola", "bola-e", "dynamic", "dynamic-dash", "this project", "oracle"];

struct Options {
    traces: Option<PathBuf>,
    half: Half,
    buffer: f64,
    json: Option<PathBuf>,
}

fn main() -> Result<()> {
    let Some(options) = parse(lexopt::Parser::from_env())? else {
        report::line(USAGE);
        return Ok(());
    };
    let sets = match &options.traces {
        Some(directory) => sets::read(directory)?,
        None => sets::own()?,
    };
    let tables: Vec<_> = sets.iter().map(|set| table(&set.half(options.half), options.buffer)).collect();
    for table in &tables {
        report::print(table);
    }
    report::line(&format!(
        "\nOne group of this project's takes {:.1} µs, the world included.",
        cost(&sets, options.buffer)
    ));
    if let Some(file) = options.json {
        let text = serde_json::to_string_pretty(&tables)?;
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

fn parse(mut arguments: lexopt::Parser) -> Result<Option<Options>> {
    let mut options = Options { traces: None, half: Half::Both, buffer: 25_000.0, json: None };
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("traces") => options.traces = Some(arguments.value()?.into()),
            Long("json") => options.json = Some(arguments.value()?.into()),
            Long("half") => {
                options.half = match arguments.value()?.to_str() {
                    Some("even") => Half::Even,
                    Some("odd") => Half::Odd,
                    _ => bail!("--half takes `even` or `odd`"),
                }
            }
            Long("buffer") => {
                let value = arguments.value()?;
                let seconds = value.to_str().and_then(|text| text.parse::<f64>().ok());
                let seconds = seconds.filter(|seconds| (1.0..=3600.0).contains(seconds));
                options.buffer = 1e3 * seconds.context("--buffer takes a number of seconds from 1 to 3600")?;
            }
            Value(_) | Short(_) | Long(_) => return Err(argument.unexpected().into()),
        }
    }
    Ok(Some(options))
}

/// Plays a set with everybody.
fn table(set: &Set, buffer: f64) -> report::Table {
    let film = &set.film;
    // A buffer has to take the group that plays and the one that comes.
    let capacity = buffer.max(2.0 * film.group_ms);
    let rows = PLAYERS.iter().map(|name| {
        let sessions = set.links.iter().map(|(_, trace)| play(name, film, trace, capacity)).collect();
        (*name, sessions)
    });
    report::Table::new(set, rows.collect())
}

/// What a group costs in microseconds: its choice, its looks while it is under way, and the world around them. Of three times
/// the fastest counts, for nothing makes a machine faster than it is.
fn cost(sets: &[Set], buffer: f64) -> f64 {
    let (mut seconds, mut groups) = (0.0, 0);
    for set in sets {
        for (_, trace) in &set.links {
            let took = [(); 3].map(|()| {
                let begin = Instant::now();
                play("this project", &set.film, trace, buffer.max(2.0 * set.film.group_ms));
                begin.elapsed().as_secs_f64()
            });
            seconds += took.into_iter().fold(f64::INFINITY, f64::min);
            groups += set.film.bits.len();
        }
    }
    seconds * 1e6 / groups.max(1) as f64
}

fn play(name: &str, film: &Film, trace: &Trace, capacity: f64) -> Outcome {
    let mut rule: Box<dyn Rule> = match name {
        "throughput" => Box::new(rules::throughput::Throughput::new()),
        "bba" => Box::new(rules::bba::Bba::default()),
        "bola" => Box::new(rules::bola::Bola::new()),
        "bola-e" => Box::new(rules::bola_e::BolaE::new(film, capacity)),
        "dynamic" => Box::new(rules::dynamic::Dynamic::new()),
        "dynamic-dash" => Box::new(rules::dynamic::DynamicDash::new(film, capacity)),
        "oracle" => return oracle::play(film, trace, capacity),
        _ => Box::new(ours::Ours::new(film)),
    };
    session::play(film, trace, capacity, rule.as_mut())
}
