//! Programs that cargo installs, at the versions that this workspace is known to work with.
//!
//! They are built without optimisation, which takes a third of the time and is fast enough for what they do here; but
//! not what is measured.

use std::fs;

use anyhow::{Context, Result};

use super::{Purpose, step::Step};
use crate::{command, workspace};

struct Tool {
    package: &'static str,
    /// How to ask for its version.
    question: &'static [&'static str],
    version: String,
    /// Versions that begin so are accepted where they are on the path.
    accepted: String,
    expected: &'static str,
    is_measured: bool,
}

/// The steps that install what is missing.
pub(super) fn missing(purpose: Purpose) -> Result<Vec<Step>> {
    let tools = match purpose {
        Purpose::Demo => vec![bindgen()?, trunk()],
        Purpose::Package => vec![bindgen()?],
        Purpose::Test => vec![bindgen()?, trunk(), deny(), geckodriver()],
        Purpose::Bench => vec![static_web_server()],
        Purpose::Publish => vec![],
        Purpose::Coverage => vec![llvm_cov()],
    };
    Ok(tools.into_iter().filter(|tool| !tool.is_there()).map(Tool::step).collect())
}

fn trunk() -> Tool {
    Tool {
        package: "trunk",
        question: &["trunk", "--version"],
        version: "0.21.14".to_owned(),
        accepted: "trunk 0.21.".to_owned(),
        expected: "4 min",
        is_measured: false,
    }
}

/// It must match the library to the letter: the two share an unversioned format.
fn bindgen() -> Result<Tool> {
    let version = locked_version("wasm-bindgen")?;
    Ok(Tool {
        package: "wasm-bindgen-cli",
        question: &["wasm-bindgen", "--version"],
        accepted: format!("wasm-bindgen {version}"),
        version,
        expected: "1 min",
        is_measured: false,
    })
}

fn deny() -> Tool {
    Tool {
        package: "cargo-deny",
        question: &["cargo-deny", "--version"],
        version: "0.20.2".to_owned(),
        accepted: "cargo-deny 0.20.".to_owned(),
        expected: "2 min",
        is_measured: false,
    }
}

fn geckodriver() -> Tool {
    Tool {
        package: "geckodriver",
        question: &["geckodriver", "--version"],
        version: "0.37.1".to_owned(),
        accepted: "geckodriver 0.37.".to_owned(),
        expected: "1 min",
        is_measured: false,
    }
}

fn llvm_cov() -> Tool {
    Tool {
        package: "cargo-llvm-cov",
        question: &["cargo-llvm-cov", "llvm-cov", "--version"],
        version: "0.9.1".to_owned(),
        accepted: "cargo-llvm-cov 0.9.".to_owned(),
        expected: "1 min",
        is_measured: false,
    }
}

fn static_web_server() -> Tool {
    Tool {
        package: "static-web-server",
        question: &["static-web-server", "--version"],
        version: "2.44.1".to_owned(),
        accepted: "Version:      2.44.1".to_owned(),
        expected: "5 min",
        is_measured: true,
    }
}

impl Tool {
    fn is_there(&self) -> bool {
        let (program, arguments) = self.question.split_first().expect("a question begins with a program");
        let answer = command::output(command::program(program).args(arguments));
        answer.is_some_and(|answer| {
            let answer = answer.lines().next().unwrap_or_default();
            // `0.2.12` must not pass for `0.2.128`.
            answer == self.accepted || (self.accepted.ends_with('.') && answer.starts_with(&self.accepted))
        })
    }

    fn step(self) -> Step {
        let Self { package, version, expected, is_measured, .. } = self;
        Step {
            title: format!("{package} {version}"),
            means: format!("cargo install into {}", workspace::tools().display()),
            expected,
            work: Box::new(move |journal| {
                // One build directory for all, so that what they have in common is compiled once.
                let build = workspace::tools().join("build");
                let mut cargo = command::cargo();
                cargo.args(["install", package, "--version", &version, "--locked", "--root"]).arg(workspace::tools());
                if !is_measured {
                    cargo.arg("--debug");
                }
                cargo.env("CARGO_TARGET_DIR", build).env("CARGO_PROFILE_DEV_DEBUG", "0");
                journal
                    .run(&mut cargo)
                    .with_context(|| format!("install by hand: cargo install {package} --version {version} --locked"))
            }),
        }
    }
}

fn locked_version(package: &str) -> Result<String> {
    let lock = workspace::root().join("Cargo.lock");
    let text = fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let mut lines = text.lines().skip_while(|line| *line != format!("name = {package:?}"));
    let version = lines.nth(1).and_then(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    Ok(version.with_context(|| format!("{} has no {package}", lock.display()))?.to_owned())
}
