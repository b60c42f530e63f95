//! What is checked and tested, in order: what fails fast comes first.

use std::{
    fs,
    io::{BufRead, BufReader, PipeReader},
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::{Context, Result};

use super::{
    count::Count,
    end_to_end::{self, Browser, EndToEnd},
};
use crate::{command, demo, package, page, report, size, toolchain, toolchain::Toolchain, wasm_runner, workspace};

/// Packages that are tested as WebAssembly too: the shell, and the crates that run inside it.
const WASM_PACKAGES: &[&str] = &[
    "watchparty-player",
    "watchparty-adaptation",
    "watchparty-playback",
    "watchparty-party",
    "watchparty-party-module",
    "watchparty-room-module",
    "watchparty-manifest",
    "watchparty-isobmff",
    "watchparty-captions",
];

/// Where proptest begins.
const RANDOM_SEED: &str = "PROPTEST_RNG_SEED";

/// Where the splitter's tests leave what they have cut, for the browser to play.
pub(super) const CUTS: &str = "WATCHPARTY_CUTS";

const BUILD: &str = "Page, package and programs in release";

/// One line of the report.
pub(super) struct Step {
    pub(super) title: &'static str,
    kind: Kind,
}

enum Kind {
    /// Passes or fails as a whole.
    Check(Command),
    /// Prints libtest's result lines. Passes only if it ends well and ran at least one test.
    Tests(Command),
    /// The same of several browsers at once, each line behind the browser's name: a browser under test mostly waits.
    Browsers(Vec<(&'static str, Command)>),
    /// The page, the npm package and the programs that the end-to-end tests drive.
    Build(Toolchain),
    /// What the npm package costs on the wire.
    Size,
}

impl Step {
    /// Runs it and counts.
    pub(super) fn run(self) -> Count {
        let outcome = match self.kind {
            Kind::Check(mut command) => command::run(&mut command).map(|()| Count::PASSED),
            Kind::Build(toolchain) => build(toolchain).map(|()| Count::PASSED),
            Kind::Size => size::check().map(|()| Count::PASSED),
            Kind::Tests(command) => run_tests(command, ""),
            Kind::Browsers(commands) => run_side_by_side(commands),
        };
        outcome.unwrap_or_else(|error| {
            report::line(&format!("{error:#}"));
            Count::FAILED
        })
    }
}

/// What the end-to-end tests need, and all of them in one browser.
pub(super) fn in_browser(browser: Browser) -> Result<Vec<Step>> {
    let toolchain = Toolchain::for_wasm().context("the WebAssembly target is missing after the set-up")?;
    let end_to_end = EndToEnd::find(toolchain)?;
    if browser == Browser::WebKit {
        end_to_end.webkit.as_ref().context("WebKitWebDriver is missing: WebKitGTK is for Linux alone")?;
    }
    let mut steps = Vec::new();
    if !cuts().is_dir() {
        let mut oracle = cargo("test --locked --package splitter --test oracle --no-fail-fast");
        oracle.env(CUTS, emptied(&cuts())?);
        steps.push(Step { title: "Films of the splitter's own tests", kind: Kind::Tests(oracle) });
    }
    steps.push(Step { title: BUILD, kind: Kind::Build(toolchain) });
    steps.push(Step { title: "End to end", kind: Kind::Tests(end_to_end.in_browser(browser, &[])) });
    Ok(steps)
}

/// All of them.
pub(super) fn all() -> Result<Vec<Step>> {
    let toolchain = Toolchain::for_wasm().context("the WebAssembly target is missing after the set-up")?;
    let end_to_end = EndToEnd::find(toolchain)?;
    wasm_runner::prepare(&end_to_end.chromium)?;

    let wasm = |arguments: &str| {
        let mut command = cargo(arguments);
        toolchain.select(command.args(["--locked", "--target", toolchain::TARGET]));
        command.args(WASM_PACKAGES.iter().flat_map(|package| ["--package", package]));
        command
    };
    let deny_warnings = |mut command: Command, variable: &str| {
        command.env(variable, "-Dwarnings");
        command
    };

    let format = cargo("fmt --all --check");
    let deny = cargo("deny --locked check bans licenses sources");
    let mut clippy = cargo("clippy --locked --workspace --all-targets");
    clippy.args(["--", "-Dwarnings"]);
    let mut wasm_clippy = wasm("clippy --all-targets");
    wasm_clippy.args(["--", "-Dwarnings"]);
    // The shell is empty natively, and so are the links in its documentation.
    let native_doc = "doc --locked --workspace --exclude watchparty-player --no-deps --document-private-items";
    let doc = deny_warnings(cargo(native_doc), "RUSTDOCFLAGS");
    let wasm_doc = deny_warnings(wasm("doc --no-deps"), "RUSTDOCFLAGS");
    let mut native = cargo("test --locked --workspace --exclude end-to-end --no-fail-fast");
    // A change is judged by the same cases as the one before it. New cases are looked for by hand.
    if std::env::var_os(RANDOM_SEED).is_none() {
        native.env(RANDOM_SEED, "20261125");
    }
    native.env(CUTS, emptied(&cuts())?);
    let mut in_browser = wasm("test --lib --tests --no-fail-fast");
    in_browser.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", wasm_runner::runner()?);
    in_browser.env("CHROMEDRIVER", &end_to_end.chromedriver);

    let mut steps = vec![
        Step { title: "Format", kind: Kind::Check(format) },
        Step { title: "Licences, bans and sources of dependencies", kind: Kind::Check(deny) },
        Step { title: "Clippy", kind: Kind::Check(clippy) },
        Step { title: "Clippy for WebAssembly", kind: Kind::Check(wasm_clippy) },
        Step { title: "Documentation", kind: Kind::Check(doc) },
        Step { title: "Documentation for WebAssembly", kind: Kind::Check(wasm_doc) },
        Step { title: "Native tests", kind: Kind::Tests(native) },
        Step { title: "WebAssembly tests in the browser", kind: Kind::Tests(in_browser) },
        Step { title: BUILD, kind: Kind::Build(toolchain) },
        Step { title: "Size of the package", kind: Kind::Size },
        Step {
            title: "End to end in Chromium and in Firefox",
            kind: Kind::Browsers(vec![
                ("Chromium", end_to_end.in_browser(Browser::Chromium, &[])),
                ("Firefox", end_to_end.in_browser(Browser::Firefox, &[])),
            ]),
        },
    ];
    if end_to_end.webkit.is_some() {
        // By itself: a machine without a card for pictures has enough to do with those of WebKitGTK.
        let command = end_to_end.in_browser(Browser::WebKit, end_to_end::TELLING);
        steps.push(Step { title: "End to end in WebKitGTK", kind: Kind::Tests(command) });
    }
    Ok(steps)
}

pub(super) fn cargo(arguments: &str) -> Command {
    let mut command = command::cargo();
    command.args(arguments.split(' '));
    command
}

/// Where the splitter's own tests leave what they cut.
pub(super) fn cuts() -> PathBuf {
    workspace::target().join("end-to-end/cuts")
}

/// A directory with nothing in it.
fn emptied(directory: &Path) -> Result<&Path> {
    let context = || format!("cannot empty {}", directory.display());
    if directory.exists() {
        fs::remove_dir_all(directory).with_context(context)?;
    }
    fs::create_dir_all(directory).with_context(context)?;
    Ok(directory)
}

/// The programs beside the others, which keep one processor busy for most of their time.
fn build(toolchain: Toolchain) -> Result<()> {
    thread::scope(|scope| {
        let programs = scope.spawn(demo::build_programs);
        let others = page::build(toolchain).and_then(|()| package::build(toolchain).map(drop));
        programs.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).and(others)
    })
}

fn run_side_by_side(commands: Vec<(&'static str, Command)>) -> Result<Count> {
    thread::scope(|scope| {
        let runs = commands.into_iter().map(|(name, command)| scope.spawn(move || run_tests(command, name)));
        // All of them are to run before the first is waited for.
        let runs: Vec<_> = runs.collect();
        let mut total = Count::default();
        for run in runs {
            total += run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(total)
    })
}

/// Both streams go through one pipe, so that the lines stay in order. Lines stand behind `name`, if there is one.
fn run_tests(mut command: Command, name: &str) -> Result<Count> {
    let (reader, writer) = std::io::pipe()?;
    command.stderr(writer.try_clone()?).stdout(writer);
    let mut child = command.spawn().with_context(|| format!("cannot start {}", command::describe(&command)))?;
    // The command keeps its ends of the pipe, and the pipe ends only when all of them are gone.
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut count = pass_on(reader, name);
    let status = child.wait()?;
    if count == Count::default() || (!status.success() && count.failed == 0) {
        // It did not even get to the tests, or died among them.
        count.failed += 1;
    }
    Ok(count)
}

fn pass_on(reader: PipeReader, name: &str) -> Count {
    let mut count = Count::default();
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while let Ok(1..) = reader.read_until(b'\n', &mut line) {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
        if name.is_empty() {
            report::line(text);
        } else {
            report::line(&format!("{name}: {text}"));
        }
        count += Count::of_line(text);
        line.clear();
    }
    count
}
