//! `cargo xtask bench party`: measures, and writes the results.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use lexopt::Arg::{Long, Value};
use party_bench::{Bench, Built, Outcome, SCENARIOS, Scenario, Slow};

const USAGE: &str = "\
Usage: cargo xtask bench party [--minutes N] [--links DIR] [--write] [SCENARIO…]

Plays the scenarios named, or all of them, in real browsers in one room of the real relay, and writes docs/party-figures.json,
docs/party-figures.svg and the table in docs/party.md; scenarios that are not played stay as they are. With --minutes each takes
so long, and what comes out is written to target/bench/party instead. --write writes table and picture anew from the JSON, and
plays nothing. `--scenario NAME` is another way to name one. --links names folders of links, of which `ladder` takes one.

Scenarios, and how long each takes:
";

#[derive(Default)]
struct Arguments {
    minutes: Option<f64>,
    links: Option<PathBuf>,
    writes_only: bool,
    scenarios: Vec<&'static Scenario>,
}

fn main() -> Result<()> {
    let Some(arguments) = parse(lexopt::Parser::from_env())? else {
        let lines = SCENARIOS.iter().map(|one| format!("  {:<24} {:>4} min  {}\n", one.name, one.minutes, one.title));
        say(format!("{USAGE}{}", lines.collect::<String>()).trim_end());
        return Ok(());
    };
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let workspace = workspace.ancestors().nth(2).context("this package is two directories below the workspace")?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let place = target.join("bench/party");
    let kept = Kept { directory: if arguments.minutes.is_some() { place.clone() } else { workspace.join("docs") } };
    if arguments.writes_only {
        return kept.write(&kept.known()?);
    }
    let built = Built {
        origin: target.join("release/origin"),
        splitter: target.join("release/splitter"),
        package: target.join("package/watchparty-player"),
    };
    let interrupted = Arc::new(AtomicBool::new(false));
    let noted = interrupted.clone();
    // What is under way ends in order, with its browsers and namespaces.
    ctrlc::set_handler(move || noted.store(true, Ordering::Relaxed)).context("cannot listen for Ctrl-C")?;
    say("Making the film, the first time");
    let bench = Bench::prepare(&place, &test_film::LIGHT.cached(&target.join("films"))?, built)?;
    let bench = bench.with_slow(Slow { links: arguments.links.clone() });
    let all: Vec<&Scenario> = SCENARIOS.iter().collect();
    let wanted = if arguments.scenarios.is_empty() { &all } else { &arguments.scenarios };
    for scenario in wanted {
        let minutes = arguments.minutes.unwrap_or(scenario.minutes);
        say(&format!("\n==> {}: {}, {minutes} min", scenario.name, scenario.title));
        let mut told = |line: &str| {
            ensure!(!interrupted.load(Ordering::Relaxed), "interrupted: of {} nothing is kept", scenario.name);
            if !line.is_empty() {
                say(line);
            }
            Ok(())
        };
        let outcome = bench.run(scenario, minutes, &mut told);
        ensure!(!interrupted.load(Ordering::Relaxed), "interrupted");
        let outcome = outcome.unwrap_or_else(|error| Outcome {
            name: scenario.name.to_owned(),
            minutes,
            failure: Some(format!("{error:#}")),
            ..Outcome::default()
        });
        say(&format!("\n{}", party_bench::table(std::slice::from_ref(&outcome))));
        kept.keep(outcome)?;
    }
    Ok(())
}

/// Where results are.
struct Kept {
    directory: PathBuf,
}

impl Kept {
    fn file(&self, ending: &str) -> PathBuf {
        self.directory.join("party-figures").with_extension(ending)
    }

    fn known(&self) -> Result<Vec<Outcome>> {
        let file = self.file("json");
        match fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text).with_context(|| format!("{} is damaged", file.display())),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Puts an outcome in the place of what it was before.
    fn keep(&self, outcome: Outcome) -> Result<()> {
        let mut outcomes = self.known()?;
        outcomes.retain(|known| known.name != outcome.name);
        outcomes.push(outcome);
        outcomes.sort_by_key(|outcome| SCENARIOS.iter().position(|scenario| scenario.name == outcome.name));
        fs::write(self.file("json"), serde_json::to_string(&outcomes)?)?;
        self.write(&outcomes)
    }

    fn write(&self, outcomes: &[Outcome]) -> Result<()> {
        fs::write(self.file("svg"), party_bench::picture(outcomes))?;
        let page = self.directory.join("party.md");
        match fs::read_to_string(&page) {
            Ok(text) => {
                let text = party_bench::into_page(&text, outcomes, "party-figures.svg");
                let text = text.with_context(|| format!("{} has no place for the figures", page.display()))?;
                fs::write(&page, text).with_context(|| format!("cannot write {}", page.display()))
            }
            Err(_) => write_table(&self.file("md"), outcomes),
        }
    }
}

fn write_table(file: &Path, outcomes: &[Outcome]) -> Result<()> {
    fs::write(file, party_bench::table(outcomes)).with_context(|| format!("cannot write {}", file.display()))
}

fn parse(mut parser: lexopt::Parser) -> Result<Option<Arguments>> {
    let mut arguments = Arguments::default();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("help") => return Ok(None),
            Long("minutes") => {
                let number = parser.value()?;
                let number = number.to_str().and_then(|text| text.parse().ok()).filter(|number| *number > 0.0);
                arguments.minutes = Some(number.context("--minutes takes a number")?);
            }
            Long("links") => arguments.links = Some(parser.value()?.into()),
            Long("write") => arguments.writes_only = true,
            Long("scenario") => arguments.scenarios.push(named(&parser.value()?.to_string_lossy())?),
            Value(name) => arguments.scenarios.push(named(&name.to_string_lossy())?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(arguments))
}

fn named(name: &str) -> Result<&'static Scenario> {
    let Some(scenario) = SCENARIOS.iter().find(|scenario| scenario.name == name) else {
        let names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        bail!("there is no scenario {name}; there are: {}", names.join(", "));
    };
    Ok(scenario)
}

#[expect(clippy::print_stdout, reason = "what the person at the terminal reads")]
fn say(text: &str) {
    println!("{text}");
}
