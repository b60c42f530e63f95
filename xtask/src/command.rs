//! Starting programs: in the workspace's root, with the set-up's own tools first on the path.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace;

/// A program to start.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(workspace::root()).env("PATH", search_path());
    // Whether the target is there is this program's own concern: rustup must not go for it half-way through a build.
    command.env("RUSTUP_AUTO_INSTALL", "0");
    command
}

/// Cargo with the toolchain that runs this program.
pub(crate) fn cargo() -> Command {
    let mut cargo = program("cargo");
    // What `cargo xtask` is told of this package is nothing to others: ring's build script asks for it, and all that is built on ring
    // would be built again whenever somebody calls cargo by turns through this program and by hand.
    let told = |name: &OsStr| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
    };
    for (name, _) in env::vars_os().filter(|(name, _)| told(name)) {
        cargo.env_remove(name);
    }
    cargo
}

/// Runs a program to its end, its output on this terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", describe(command)))?;
    ensure!(status.success(), "{} failed ({status})", describe(command));
    Ok(())
}

/// What a program prints, or `None` when it is not there or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a program that may hang, and ends it at the limit.
pub(crate) fn run_within(limit: Duration, command: &mut Command) -> Result<()> {
    let mut child = command.spawn().with_context(|| format!("cannot start {}", describe(command)))?;
    let end = Instant::now() + limit;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() > end {
            stop(&mut child);
            bail!("{} did not end within {} s", describe(command), limit.as_secs());
        }
        thread::sleep(Duration::from_millis(100));
    };
    ensure!(status.success(), "{} failed ({status})", describe(command));
    Ok(())
}

/// Kills a program and takes leave of it.
pub(crate) fn stop(child: &mut Child) {
    // It may have ended by itself in the meantime; either way it is gone afterwards.
    let _ = child.kill();
    let _ = child.wait();
}

/// Where a program is on the path, the set-up's own tools included.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    env::split_paths(&search_path())
        .map(|directory| directory.join(name).with_extension(env::consts::EXE_EXTENSION))
        .find(|candidate| candidate.is_file())
}

/// The command as one would type it.
pub(crate) fn describe(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    format!("`{}`", words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" "))
}

fn search_path() -> OsString {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let own = workspace::tools().join("bin");
    env::join_paths([own].into_iter().chain(env::split_paths(&inherited))).unwrap_or(inherited)
}
