//! Runs a compiled WebAssembly test in headless Chromium, in cargo's place.
//!
//! `wasm-bindgen-test-runner` looks for `webdriver.json` where it is started, which cargo makes the package's own
//! directory: this starts it where one file serves every package.

use std::{env, ffi::OsString, fs, path::Path};

use anyhow::{Context, Result};

use crate::{command, workspace};

/// The command that cargo is told to run.
pub(crate) const COMMAND: &str = "wasm-runner";

/// The value for cargo's runner variable.
pub(crate) fn runner() -> Result<OsString> {
    let mut runner = env::current_exe().context("cannot tell where xtask is")?.into_os_string();
    runner.push(" ");
    runner.push(COMMAND);
    Ok(runner)
}

/// Writes the browser's options, once before cargo starts any test.
pub(crate) fn prepare(browser: &Path) -> Result<()> {
    let directory = directory();
    fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    let flags: Vec<String> = test_browsers::CHROMIUM_FLAGS.iter().map(|flag| format!("{flag:?}")).collect();
    let options = format!(
        "{{ \"goog:chromeOptions\": {{ \"binary\": {:?}, \"args\": [{}] }} }}\n",
        browser.to_string_lossy(),
        flags.join(", ")
    );
    let file = directory.join("webdriver.json");
    fs::write(&file, options).with_context(|| format!("cannot write {}", file.display()))
}

/// Runs one test program; `arguments` are the program and what cargo hands on.
pub(crate) fn run(arguments: &[OsString]) -> Result<()> {
    command::run(command::program("wasm-bindgen-test-runner").args(arguments).current_dir(directory()))
}

fn directory() -> std::path::PathBuf {
    workspace::target().join("webdriver")
}
