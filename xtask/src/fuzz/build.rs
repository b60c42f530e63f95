//! The program of all targets, with libFuzzer's counters in it.
//!
//! Only this project's crates have them, and are optimized: cargo calls this program in place of the compiler (`RUSTC_WRAPPER`), which adds
//! flags where the crate is one of ours. Other people's crates are built as for tests, which takes a fraction of the time.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use crate::{command, workspace};

/// Has this program act as the compiler; its value is the directory with our crates.
const OURS: &str = "WATCHPARTY_FUZZ_OURS";

/// What counts which code an input reaches, and looks at what it compares. Of addresses nothing is watched: there is no unsafe code,
/// and so the compiler of this checkout will do. What overflows is a fault that a release would hide.
const FLAGS: [&str; 8] = [
    "--cfg=fuzzing",
    "-Copt-level=3",
    "-Cdebug-assertions=on",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// Builds it with the versions of libraries that everything else has, and says where it is.
pub(super) fn build() -> Result<PathBuf> {
    let directory = workspace::root().join("fuzz");
    // The workspace apart has no versions of its own; libFuzzer is added to these.
    let lock = directory.join("Cargo.lock");
    fs::copy(workspace::root().join("Cargo.lock"), &lock)
        .with_context(|| format!("cannot write {}", lock.display()))?;
    let target = workspace::target().join("fuzz/build");
    let mut cargo = command::cargo();
    cargo.args(["build", "--manifest-path"]).arg(directory.join("Cargo.toml")).arg("--target-dir").arg(&target);
    cargo.env("RUSTC_WRAPPER", env::current_exe()?).env(OURS, workspace::root());
    command::run(&mut cargo)?;
    Ok(target.join("debug/fuzz").with_extension(env::consts::EXE_EXTENSION))
}

/// Acts as the compiler, where cargo calls it as one; `None` otherwise.
pub(crate) fn as_compiler() -> Option<ExitCode> {
    let ours = env::var_os(OURS)?;
    let arguments: Vec<_> = env::args_os().skip(1).collect();
    let (rustc, arguments) = arguments.split_first()?;
    let mut command = Command::new(rustc);
    command.args(arguments);
    if env::var_os("CARGO_MANIFEST_DIR").is_some_and(|directory| is_counted(&directory, &ours, arguments)) {
        command.args(FLAGS);
    }
    let code = command.status().ok().and_then(|status| u8::try_from(status.code()?).ok());
    Some(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Whether a crate is one of ours, and no script of its build.
fn is_counted(directory: &OsStr, ours: &OsStr, arguments: &[OsString]) -> bool {
    Path::new(directory).starts_with(ours) && !arguments.iter().any(|argument| argument == "build_script_build")
}
