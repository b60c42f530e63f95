//! `cargo xtask bench player`: measures, and writes the results.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use lexopt::Arg::{Long, Value};
use player_bench::{
    BEFORE_AND_NOW, Bench, Built, Contender, EACH_ONCE, EVERYBODY, FAST, FULL_PLAYERS, Film, Kind, LOOPBACK, Link,
    Part, Plan, SIX_SECONDS, SLOW, STEPS, WHOLE_CHUNKS,
};

const USAGE: &str = "\
Usage: cargo xtask bench player [--runs N] [--seconds N] [--more] [--only TEXT] [--trace] [--before PACKAGE] [PART…]

Measures the parts named, or all of them, and writes docs/performance.json, .md and .svg; parts that are not measured
stay as they are. After so many --seconds no further run of a part begins; --more adds to the values that
are there. --only measures the contenders whose name holds the text, and --trace tells what each page
does and when; neither writes anything. --before measures this package and another build of it, which lies
unpacked in the directory PACKAGE (target/package/watchparty-player of another checkout), and nobody else; it
writes nothing. --write writes page and picture anew from the JSON, and measures nothing.
";

/// A part that can be asked for by its name.
struct Entry {
    name: &'static str,
    kind: Kind,
    link: &'static Link,
    film: &'static str,
    contenders: &'static [Contender],
    runs: usize,
}

const fn entry(
    name: &'static str,
    kind: Kind,
    link: &'static Link,
    film: &'static str,
    contenders: &'static [Contender],
    runs: usize,
) -> Entry {
    Entry { name, kind, link, film, contenders, runs }
}

const PARTS: &[Entry] = &[
    entry("start-fast-1080p", Kind::Start, &FAST, "1080p", EVERYBODY, 7),
    entry("start-slow-720p", Kind::Start, &SLOW, "720p", EVERYBODY, 7),
    entry("start-fast-720p", Kind::Start, &FAST, "720p", EVERYBODY, 7),
    entry("start-loopback-1080p", Kind::Start, &LOOPBACK, "1080p", EVERYBODY, 7),
    entry("cold-fast-1080p", Kind::Cold, &FAST, "1080p", EVERYBODY, 7),
    entry("cold-slow-720p", Kind::Cold, &SLOW, "720p", EVERYBODY, 7),
    entry("play-loopback-1080p", Kind::Play, &LOOPBACK, "1080p", FULL_PLAYERS, 3),
    entry("play-loopback-720p", Kind::Play, &LOOPBACK, "720p", FULL_PLAYERS, 7),
    entry("stalls-steps-720p", Kind::Stalls, &STEPS, "720p", EACH_ONCE, 3),
    entry("border-loopback-1080p", Kind::Border, &LOOPBACK, "1080p", EACH_ONCE, 3),
    entry("six-fast-1080p", Kind::First, &FAST, "1080p", SIX_SECONDS, 7),
    entry("whole-fast-1080p", Kind::First, &FAST, "1080p", WHOLE_CHUNKS, 3),
];

#[derive(Default)]
struct Arguments {
    runs: Option<usize>,
    only: Option<String>,
    before: Option<PathBuf>,
    traces: bool,
    limit: Option<Duration>,
    adds: bool,
    writes_only: bool,
    parts: Vec<String>,
}

fn main() -> Result<()> {
    let arguments = parse(lexopt::Parser::from_env())?;
    let Some(arguments) = arguments else {
        say(USAGE.trim_end());
        return Ok(());
    };
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let workspace = workspace.parent().context("this package is a directory of the workspace")?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let built = Built {
        splitter: target.join("release/splitter"),
        package: target.join("package/watchparty-player"),
        before: arguments.before.clone(),
        npm: target.join("tools/npm/node_modules"),
        nginx: env::var_os("NGINX").map_or_else(|| "/usr/sbin/nginx".into(), PathBuf::from),
    };
    let bench = Bench::new(&target.join("bench/player"), built);
    let interrupted = interrupts()?;
    let docs = workspace.join("docs");
    if arguments.writes_only {
        return write(&docs, &known(&docs)?);
    }
    for entry in PARTS {
        if !arguments.parts.is_empty() && !arguments.parts.iter().any(|name| name == entry.name) {
            continue;
        }
        let film = film(&bench, entry.film, &target.join("films"))?;
        let wanted =
            |contender: &&Contender| arguments.only.as_ref().is_none_or(|text| contender.name().contains(text));
        let all = if arguments.before.is_some() { BEFORE_AND_NOW } else { entry.contenders };
        let contenders: Vec<Contender> = all.iter().filter(wanted).copied().collect();
        let runs = arguments.runs.unwrap_or(entry.runs);
        let plan = Plan {
            key: entry.name,
            kind: entry.kind,
            link: entry.link,
            film: &film,
            contenders: &contenders,
            runs,
            limit: arguments.limit.unwrap_or(Duration::MAX),
            traces: arguments.traces,
        };
        say(&format!("\n==> {} ({}, {})", entry.name, film.title, entry.link.name));
        let mut told = |line: &str| {
            say(line);
            ensure!(!interrupted.load(Ordering::Relaxed), "interrupted: of {} nothing is kept", entry.name);
            Ok(())
        };
        let part = bench.run(&plan, &mut told)?;
        say(&format!("\n{}", player_bench::table(&part)));
        if arguments.only.is_none() && arguments.before.is_none() && !arguments.traces {
            keep(&docs, part, arguments.adds)?;
        }
    }
    Ok(())
}

/// Set by Ctrl-C and by a request to end, which wait for the turn under way: then server, browser and namespaces are put
/// away.
fn interrupts() -> Result<Arc<AtomicBool>> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let noted = interrupted.clone();
    ctrlc::set_handler(move || noted.store(true, Ordering::Relaxed)).context("cannot listen for Ctrl-C")?;
    Ok(interrupted)
}

fn known(docs: &Path) -> Result<Vec<Part>> {
    let file = docs.join("performance.json");
    match fs::read(&file) {
        Ok(text) => serde_json::from_slice(&text).with_context(|| format!("{} is damaged", file.display())),
        Err(_) => Ok(Vec::new()),
    }
}

/// Puts `part` beside the others, in the place of what it was before or, if it `adds`, together with that.
fn keep(docs: &Path, part: Part, adds: bool) -> Result<()> {
    let mut parts = known(docs)?;
    let before = parts.iter().position(|known| known.key == part.key).map(|at| parts.swap_remove(at));
    parts.push(match before.filter(|_| adds) {
        Some(before) => before.and(&part),
        None => part,
    });
    parts.sort_by_key(|part| PARTS.iter().position(|entry| entry.name == part.key));
    fs::write(docs.join("performance.json"), serde_json::to_string(&parts)?)?;
    write(docs, &parts)
}

fn write(docs: &Path, parts: &[Part]) -> Result<()> {
    fs::write(docs.join("performance.md"), player_bench::page(include_str!("about.md"), parts))?;
    fs::write(docs.join("performance.svg"), player_bench::picture(parts)).context("cannot write the picture")
}

fn film(bench: &Bench, name: &str, films: &Path) -> Result<Film> {
    match name {
        "1080p" => bench.film("1080p", &test_film::BIG.cached(films)?),
        _ => bench.film("720p", &test_film::MODEST.cached(films)?),
    }
}

fn parse(mut parser: lexopt::Parser) -> Result<Option<Arguments>> {
    let mut arguments = Arguments::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") => return Ok(None),
            Long("runs") => {
                let number = parser.value()?;
                let number = number.to_str().and_then(|text| text.parse().ok());
                arguments.runs = Some(number.context("--runs takes a number")?);
            }
            Long("seconds") => {
                let number = parser.value()?;
                let number = number.to_str().and_then(|text| text.parse().ok()).map(Duration::from_secs);
                arguments.limit = Some(number.context("--seconds takes a number")?);
            }
            Long("write") => arguments.writes_only = true,
            Long("more") => arguments.adds = true,
            Long("trace") => arguments.traces = true,
            Long("before") => arguments.before = Some(std::path::absolute(parser.value()?)?),
            Long("only") => arguments.only = Some(parser.value()?.to_string_lossy().into_owned()),
            Value(name) => {
                let name = name.to_string_lossy().into_owned();
                if !PARTS.iter().any(|entry| entry.name == name) {
                    let names: Vec<&str> = PARTS.iter().map(|entry| entry.name).collect();
                    bail!("there is no part {name}; there are: {}", names.join(", "));
                }
                arguments.parts.push(name);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(arguments))
}

#[expect(clippy::print_stdout, reason = "what the person at the terminal reads")]
fn say(text: &str) {
    println!("{text}");
}
