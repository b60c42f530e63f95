//! `cargo xtask`: set-up, demo and tests of this workspace.

mod bench;
mod command;
mod coverage;
mod demo;
mod fuzz;
mod in_browsers;
mod package;
mod page;
#[cfg(test)]
mod reliability;
mod report;
mod reproducible;
mod setup;
mod size;
mod test;
mod toolchain;
mod wasm;
mod wasm_runner;
mod workspace;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use lexopt::Arg::{Long, Short, Value};

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  setup [--for demo|package|test|bench]
                            install what is missing; `test` (the default) adds browser, driver, ffmpeg, nginx, node
                            and cargo-deny, `bench` what is measured against
  demo [FILM] [--port N] [--lan] [--example watch-party]
                            build the page, cut FILM (or the sample film) and serve both, with rooms to watch together;
                            `--lan` for every device of this network, with its address as a QR code; `--example` with
                            the page and the server of examples/watch-party in place of ours; Ctrl-C ends it
  package                   build the npm package: the player for pages that install it
  size                      measure what embedding costs on the wire, and write docs/size.md
  test [--browser NAME]     run every check and every test; with a browser (`chromium`, `firefox` or `webkit`) all
                            end-to-end tests in it, and nothing else
  faults [OPTIONS]          play a film behind networks that fail by script, in real browsers; see docs/reliability.md
  fuzz [--minutes N] [--jobs N] [TARGET…]
                            look for inputs that break what reads bytes of strangers, for so long (10) in all, in so many
                            targets at once; what is found goes into fuzz/corpus
  soak [OPTIONS]            watch a film of gigabytes for long, and look at memory and requests; see docs/reliability.md
  coverage                  show which lines of the playback engine its tests reach; at least 95 in 100
  bench abr [OPTIONS]       hold the choice of renditions against other rules and an oracle; see docs/adaptation.md
  bench origin              hold the origin against nginx and static-web-server
  bench page [--before PACKAGE]
                            trace what playing costs the main thread of a page in Chromium, or hold it against another
                            build of the package, unpacked
  bench party [OPTIONS]     measure how far apart browsers are that watch together; see docs/party.md
  bench publish [GB]        hold `splitter FILM --out s3://…` against plain uploads, with a film of so many gigabytes (4)
  bench relay [OPTIONS]     hold the relay of 10,000 members against a bare echo of its WebSocket library; see docs/party.md
  bench renditions [OPTIONS] hold the choice of renditions against those players, over recorded links; see docs/adaptation.md
  bench splitter [GB]       hold the splitter against cp and ffmpeg, with a film of so many gigabytes (4)
  bench player [OPTIONS]    hold the player against hls.js, shaka-player and dash.js; see docs/performance.md
  simulate [OPTIONS]        play thousands of viewers behind a modelled edge cache; see docs/simulation.md
  sample                    make tests/media/sample.mp4 anew with ffmpeg
";

/// What is measured.
enum Bench {
    Abr(Vec<std::ffi::OsString>),
    Origin,
    Page(Vec<std::ffi::OsString>),
    Party(Vec<std::ffi::OsString>),
    Publish { gigabytes: Option<f64> },
    Relay(Vec<std::ffi::OsString>),
    Renditions(Vec<std::ffi::OsString>),
    Splitter { gigabytes: Option<f64> },
    Player(Vec<std::ffi::OsString>),
}

enum Task {
    Help,
    Setup(setup::Purpose),
    Demo(demo::Options),
    Package,
    Size,
    Test(Option<test::Browser>),
    Faults(Vec<std::ffi::OsString>),
    Fuzz(fuzz::Options),
    Soak(Vec<std::ffi::OsString>),
    Coverage,
    Bench(Bench),
    Simulate(Vec<std::ffi::OsString>),
    Sample,
    WasmRunner(Vec<std::ffi::OsString>),
}

fn main() -> Result<ExitCode> {
    if let Some(code) = fuzz::as_compiler() {
        return Ok(code);
    }
    match parse(lexopt::Parser::from_env()).context("see `cargo xtask --help`")? {
        Task::Help => report::line(USAGE.trim_end()),
        Task::Setup(purpose) => setup::run(purpose)?,
        Task::Demo(options) => demo::run(options)?,
        Task::Package => package::run()?,
        Task::Size => size::run()?,
        Task::Test(browser) => test::run(browser)?,
        Task::Faults(arguments) => in_browsers::run("faults", &arguments)?,
        Task::Fuzz(options) => fuzz::run(options)?,
        Task::Soak(arguments) => in_browsers::run("soak", &arguments)?,
        Task::Coverage => coverage::run()?,
        Task::Bench(Bench::Abr(arguments)) => bench::abr::run(&arguments)?,
        Task::Bench(Bench::Origin) => bench::origin::run()?,
        Task::Bench(Bench::Page(arguments)) => bench::page::run(&arguments)?,
        Task::Bench(Bench::Party(arguments)) => bench::party::run(&arguments)?,
        Task::Bench(Bench::Publish { gigabytes }) => bench::publish::run(gigabytes)?,
        Task::Bench(Bench::Relay(arguments)) => bench::relay::run(&arguments)?,
        Task::Bench(Bench::Renditions(arguments)) => bench::renditions::run(&arguments)?,
        Task::Bench(Bench::Splitter { gigabytes }) => bench::splitter::run(gigabytes.unwrap_or(4.0))?,
        Task::Bench(Bench::Player(arguments)) => bench::player::run(&arguments)?,
        Task::Simulate(arguments) => {
            let cargo = ["run", "--quiet", "--release", "--locked", "--package", "simulation", "--"];
            command::run(command::cargo().args(cargo).args(arguments))?;
        }
        Task::Sample => drop(test_film::SAMPLE.make(workspace::sample_film())?),
        Task::WasmRunner(arguments) => wasm_runner::run(&arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn parse(mut arguments: lexopt::Parser) -> Result<Task> {
    let Some(first) = arguments.next()? else { return Ok(Task::Help) };
    let mut task = match first {
        Short('h') | Long("help") => Task::Help,
        Value(command) => match command.to_str() {
            Some("help") => Task::Help,
            Some("setup") => Task::Setup(setup::Purpose::Test),
            Some("demo") => Task::Demo(demo::Options::default()),
            Some("package") => Task::Package,
            Some("size") => Task::Size,
            Some("test") => Task::Test(None),
            Some("faults") => return Ok(Task::Faults(arguments.raw_args()?.collect())),
            Some("fuzz") => Task::Fuzz(fuzz::Options::default()),
            Some("soak") => return Ok(Task::Soak(arguments.raw_args()?.collect())),
            Some("coverage") => Task::Coverage,
            Some("bench") => Task::Bench(parse_bench(&mut arguments)?),
            Some("simulate") => return Ok(Task::Simulate(arguments.raw_args()?.collect())),
            Some("sample") => Task::Sample,
            Some(wasm_runner::COMMAND) => return Ok(Task::WasmRunner(arguments.raw_args()?.collect())),
            _ => bail!("there is no command `{}`", command.display()),
        },
        other => return Err(other.unexpected().into()),
    };
    while let Some(argument) = arguments.next()? {
        match (&mut task, argument) {
            (_, Short('h') | Long("help")) => return Ok(Task::Help),
            (Task::Setup(purpose), Long("for")) => {
                *purpose = match arguments.value()?.to_str() {
                    Some("demo") => setup::Purpose::Demo,
                    Some("package") => setup::Purpose::Package,
                    Some("test") => setup::Purpose::Test,
                    Some("bench") => setup::Purpose::Bench,
                    _ => bail!("--for takes `demo`, `package`, `test` or `bench`"),
                }
            }
            (Task::Test(browser), Long("browser")) => {
                let named = arguments.value()?.to_str().and_then(test::Browser::named);
                *browser = Some(named.context("--browser takes `chromium`, `firefox` or `webkit`")?);
            }
            (Task::Demo(options), Long("port")) => {
                let value = arguments.value()?;
                options.port = value.to_str().and_then(|text| text.parse().ok()).context("--port takes a number")?;
            }
            (Task::Fuzz(options), Long("minutes")) => {
                let value = arguments.value()?.to_str().and_then(|text| text.parse().ok());
                let is_sane = |minutes: &f64| (0.0..1e6).contains(minutes);
                options.minutes = value.filter(is_sane).context("--minutes takes a number below a million")?;
            }
            (Task::Fuzz(options), Long("jobs")) => {
                let value = arguments.value()?.to_str().and_then(|text| text.parse().ok());
                options.jobs = Some(value.context("--jobs takes a number")?);
            }
            (Task::Fuzz(options), Value(name)) => options.targets.push(name.to_string_lossy().into_owned()),
            (Task::Demo(options), Long("lan")) => options.reach = demo::Reach::Network,
            (Task::Demo(options), Long("example")) => options.stage = demo::Stage::example(&arguments.value()?)?,
            (Task::Bench(Bench::Splitter { gigabytes } | Bench::Publish { gigabytes }), Value(number)) => {
                let number = number.to_str().and_then(|text| text.parse().ok()).filter(|number| *number > 0.0);
                *gigabytes = Some(number.context("this takes a number of gigabytes")?);
            }
            (Task::Demo(demo::Options { film: film @ None, .. }), Value(path)) => *film = Some(path.into()),
            (_, other) => return Err(other.unexpected().into()),
        }
    }
    Ok(task)
}

fn parse_bench(arguments: &mut lexopt::Parser) -> Result<Bench> {
    match arguments.next()? {
        Some(Value(what)) if what == "abr" => Ok(Bench::Abr(arguments.raw_args()?.collect())),
        Some(Value(what)) if what == "origin" => Ok(Bench::Origin),
        Some(Value(what)) if what == "page" => Ok(Bench::Page(arguments.raw_args()?.collect())),
        Some(Value(what)) if what == "party" => Ok(Bench::Party(arguments.raw_args()?.collect())),
        Some(Value(what)) if what == "publish" => Ok(Bench::Publish { gigabytes: None }),
        Some(Value(what)) if what == "relay" => Ok(Bench::Relay(arguments.raw_args()?.collect())),
        Some(Value(what)) if what == "renditions" => Ok(Bench::Renditions(arguments.raw_args()?.collect())),
        Some(Value(what)) if what == "splitter" => Ok(Bench::Splitter { gigabytes: None }),
        Some(Value(what)) if what == "player" => Ok(Bench::Player(arguments.raw_args()?.collect())),
        _ => bail!(
            "`bench` takes what to measure: `abr`, `origin`, `page`, `party`, `player`, `publish`, `relay`, `renditions` or `splitter`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demo(arguments: &[&str]) -> Result<demo::Options> {
        match parse(lexopt::Parser::from_args(arguments))? {
            Task::Demo(options) => Ok(options),
            _ => bail!("something else"),
        }
    }

    #[test]
    fn tests_are_run_in_one_browser_where_it_is_named() {
        let browser = |arguments: &[&str]| match parse(lexopt::Parser::from_args(arguments)) {
            Ok(Task::Test(browser)) => Ok(browser),
            Ok(_) => bail!("something else"),
            Err(error) => Err(error),
        };
        assert_eq!(browser(&["test"]).expect("all"), None);
        assert_eq!(browser(&["test", "--browser", "webkit"]).expect("one"), Some(test::Browser::WebKit));
        let refused = browser(&["test", "--browser", "lynx"]).expect_err("there is no such browser");
        assert!(refused.to_string().contains("`webkit`"), "{refused}");
    }

    #[test]
    fn an_example_takes_the_place_of_the_page_if_it_brings_a_server() {
        use demo::{Reach, Stage};
        assert_eq!(demo(&["demo"]).expect("a demo").stage, Stage::Page);
        let options =
            demo(&["demo", "film.mp4", "--example", "watch-party", "--lan", "--port", "8123"]).expect("a demo");
        assert_eq!((options.stage, options.reach, options.port), (Stage::WatchParty, Reach::Network, 8123));
        let refused = demo(&["demo", "--example", "minimal"]).expect_err("any server serves it");
        assert!(refused.to_string().contains("examples/README.md"), "{refused}");
    }

    #[test]
    fn fuzzing_takes_a_time_a_number_and_names() {
        let fuzz = |arguments: &[&str]| match parse(lexopt::Parser::from_args(arguments))? {
            Task::Fuzz(options) => Ok(options),
            _ => bail!("something else"),
        };
        assert_eq!(fuzz(&["fuzz"]).expect("options"), fuzz::Options::default());
        let options = fuzz(&["fuzz", "boxes", "--minutes", "0.5", "film", "--jobs", "1"]).expect("options");
        let targets = ["boxes", "film"].map(str::to_owned).to_vec();
        assert_eq!(options, fuzz::Options { minutes: 0.5, jobs: std::num::NonZero::new(1), targets });
        assert!(["-1", "inf", "1e9"].iter().all(|minutes| fuzz(&["fuzz", "--minutes", minutes]).is_err()));
        assert!(fuzz(&["fuzz", "--jobs", "0"]).is_err());
    }
}
