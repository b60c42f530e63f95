//! `cargo xtask bench renditions`: measures, and writes the results.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use lexopt::Arg::{Long, Value};
use player_bench::Built;
use renditions_bench::{ALL, Act, Bench, Contender, LARGE, Outcome, SMALL, Set, Turn, of_start, own, read, uneven};

const USAGE: &str = "\
Usage: cargo xtask bench renditions [OPTIONS] [links] [starts]

Plays one ladder of renditions in hls.js, shaka-player, dash.js and this project's player, in Chromium, over links that change
as recorded ones do, and reads every frame's rendition from a mark in its picture. `links` plays over the links, `starts` begins a
film of 22 Mbit/s and seeks in it over 50 and 8 Mbit/s; without either, both. Writes docs/renditions.json, docs/renditions.svg and the
tables in docs/adaptation.md; what is not measured stays as it is. The whole takes some two hours.

  --links DIR     folders of links, as `bench abr --traces` takes them (otherwise five that are made up)
  --traces N      so many of them, of each folder in turn the most uneven ones (12)
  --seconds N     of the film that are played over each, 150 at most (120)
  --runs N        turns of each player in `starts` (7)
  --at-once N     players that play at the same time, each in a browser and namespaces of its own (2)
  --only TEXT     only players whose name holds the text; writes nothing
  --write         writes tables and picture anew from the JSON, and measures nothing
";

struct Arguments {
    links: Option<PathBuf>,
    traces: usize,
    seconds: f64,
    runs: u32,
    at_once: usize,
    only: Option<String>,
    writes_only: bool,
    parts: Vec<String>,
}

/// What is written beside the documentation.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Kept {
    /// How the sessions over links came about, for people.
    links: String,
    /// Likewise of starts and seeks.
    starts: String,
    outcomes: Vec<Outcome>,
}

fn main() -> Result<()> {
    let Some(arguments) = parse(lexopt::Parser::from_env())? else {
        say(USAGE.trim_end());
        return Ok(());
    };
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let workspace = workspace.ancestors().nth(2).context("this package is two directories below the workspace")?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let docs = workspace.join("docs");
    let mut kept = known(&docs)?;
    if arguments.writes_only {
        return write(&docs, &kept);
    }
    let built = Built {
        splitter: target.join("release/splitter"),
        package: target.join("package/watchparty-player"),
        before: None,
        npm: target.join("tools/npm/node_modules"),
        nginx: env::var_os("NGINX").map_or_else(|| "/usr/sbin/nginx".into(), PathBuf::from),
    };
    let bench = Bench::prepare(&target.join("bench/renditions"), built)?;
    let interrupted = interrupts()?;
    let mut told = |line: &str| {
        say(line);
        ensure!(!interrupted.load(Ordering::Relaxed), "interrupted: nothing is kept");
        Ok(())
    };
    let is_wanted = |part: &str| arguments.parts.is_empty() || arguments.parts.iter().any(|name| name == part);
    let holds = |contender: &Contender| arguments.only.as_ref().is_none_or(|text| contender.name().contains(text));
    let contenders: Vec<Contender> = ALL.iter().copied().filter(holds).collect();
    let keeps = arguments.only.is_none();
    if is_wanted("links") {
        let outcomes = over_links(&bench, &arguments, &contenders, &mut told)?;
        kept.outcomes.retain(Outcome::is_start);
        kept.outcomes.extend(outcomes);
        kept.links = about(&arguments);
        if keeps {
            write(&docs, &kept)?;
        }
    }
    if is_wanted("starts") {
        let outcomes = starts(&bench, &arguments, &contenders, &mut told)?;
        kept.outcomes.retain(|outcome| !outcome.is_start());
        kept.outcomes.extend(outcomes);
        let load = player_bench::load().unwrap_or(0.0);
        kept.starts = format!("Starts and seeks: one player at a time, load average {load:.1} on two cores.");
        if keeps {
            write(&docs, &kept)?;
        }
    }
    say(&format!("\n{}", renditions_bench::tables(&kept.outcomes)));
    Ok(())
}

fn over_links(
    bench: &Bench,
    arguments: &Arguments,
    contenders: &[Contender],
    told: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<Vec<Outcome>> {
    let sets: Vec<Set> = match &arguments.links {
        Some(directory) => read(directory)?,
        None => own()?,
    };
    told("Making the film, the first time")?;
    let film = bench.film(&SMALL)?;
    let lines = uneven(&sets, arguments.traces, arguments.seconds, film.takes());
    let mut turns = Vec::new();
    for (round, line) in lines.iter().enumerate() {
        for turn in 0..contenders.len() {
            // The order turns, so that nobody always follows the same one.
            let contender = contenders[(round + turn) % contenders.len()];
            turns.push(Turn { contender, act: Act::Play(arguments.seconds), line, film: &film });
        }
    }
    bench.play(&turns, arguments.at_once, told)
}

fn starts(
    bench: &Bench,
    arguments: &Arguments,
    contenders: &[Contender],
    told: &mut dyn FnMut(&str) -> Result<()>,
) -> Result<Vec<Outcome>> {
    /// Where places are sought, in hundredths of the film.
    const PLACES: [u32; 7] = [50, 80, 60, 85, 55, 70, 90];
    told("Making the film, the first time")?;
    let film = bench.film(&LARGE)?;
    let lines = of_start();
    let mut turns = Vec::new();
    for run in 0..arguments.runs {
        for line in &lines {
            for turn in 0..contenders.len() {
                let contender = contenders[(run as usize + turn) % contenders.len()];
                let place = PLACES[run as usize % PLACES.len()];
                turns.push(Turn { contender, act: Act::Start(place), line, film: &film });
            }
        }
    }
    // One at a time: what is measured are milliseconds.
    bench.play(&turns, 1, told)
}

fn about(arguments: &Arguments) -> String {
    format!(
        "{} s of the film over each link, {} players at a time, load average {:.1} on two cores.",
        arguments.seconds,
        arguments.at_once,
        player_bench::load().unwrap_or(0.0)
    )
}

/// Set by Ctrl-C and by a request to end, which wait for the turns under way: then servers, browsers and namespaces are put away.
fn interrupts() -> Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let noted = interrupted.clone();
    ctrlc::set_handler(move || noted.store(true, Ordering::Relaxed)).context("cannot listen for Ctrl-C")?;
    Ok(interrupted)
}

fn known(docs: &Path) -> Result<Kept> {
    let file = docs.join("renditions.json");
    match fs::read(&file) {
        Ok(text) => serde_json::from_slice(&text).with_context(|| format!("{} is damaged", file.display())),
        Err(_) => Ok(Kept::default()),
    }
}

fn write(docs: &Path, kept: &Kept) -> Result<()> {
    fs::write(docs.join("renditions.json"), serde_json::to_string(kept)?)?;
    fs::write(docs.join("renditions.svg"), renditions_bench::picture(&kept.outcomes))?;
    let page = docs.join("adaptation.md");
    let text = fs::read_to_string(&page).with_context(|| format!("cannot read {}", page.display()))?;
    let about = format!("{} {}", kept.links, kept.starts);
    let text = renditions_bench::into_page(&text, &kept.outcomes, "renditions.svg", about.trim());
    let text = text.with_context(|| format!("{} has no place for the figures", page.display()))?;
    fs::write(&page, text).with_context(|| format!("cannot write {}", page.display()))
}

fn parse(mut parser: lexopt::Parser) -> Result<Option<Arguments>> {
    let mut arguments = Arguments {
        links: None,
        traces: 12,
        seconds: 120.0,
        runs: 7,
        at_once: 2,
        only: None,
        writes_only: false,
        parts: Vec::new(),
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") => return Ok(None),
            Long("links") => arguments.links = Some(parser.value()?.into()),
            Long("traces") => arguments.traces = number(&mut parser, "--traces", 1.0..=1e4)? as usize,
            Long("seconds") => arguments.seconds = number(&mut parser, "--seconds", 1.0..=150.0)?,
            Long("runs") => arguments.runs = number(&mut parser, "--runs", 1.0..=100.0)? as u32,
            Long("at-once") => arguments.at_once = number(&mut parser, "--at-once", 1.0..=16.0)? as usize,
            Long("only") => arguments.only = Some(parser.value()?.to_string_lossy().into_owned()),
            Long("write") => arguments.writes_only = true,
            Value(name) if name == "links" || name == "starts" => {
                arguments.parts.push(name.to_string_lossy().into_owned());
            }
            Value(name) => bail!("there is no part {}; there are: links, starts", name.display()),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(arguments))
}

fn number(parser: &mut lexopt::Parser, name: &str, range: std::ops::RangeInclusive<f64>) -> Result<f64> {
    let value = parser.value()?;
    let number = value.to_str().and_then(|text| text.parse().ok()).filter(|number| range.contains(number));
    number.with_context(|| format!("{name} takes a number from {} to {}", range.start(), range.end()))
}

#[expect(clippy::print_stdout, reason = "what the person at the terminal reads")]
fn say(text: &str) {
    println!("{text}");
}
