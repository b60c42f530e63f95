//! The splitter as a program.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The splitter, with the terminal's answers out of the way.
pub(crate) fn splitter() -> Command {
    Command::new(env!("CARGO_BIN_EXE_splitter"))
}

/// The command that cuts a film.
pub(crate) fn cut(film: &Path, out: &Path, options: &[&str]) -> Command {
    let mut command = splitter();
    command.arg(film).arg("--out").arg(out).args(options);
    command
}

/// Runs a command that must succeed.
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    assert!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Runs a command that must fail with exit status 1; what it says about that.
pub(crate) fn fail(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
    said
}

/// Sends a signal to a program, which may have ended by itself.
pub(crate) fn send(signal: &str, child: &Child) {
    let _ = Command::new("kill").args(["-s", signal, &child.id().to_string()]).stderr(Stdio::null()).status();
}

/// The JSON that a command prints.
pub(crate) fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

/// What `splitter verify` finds: the kinds of problems with their files and offsets.
pub(crate) fn findings(place: impl AsRef<OsStr>) -> Vec<(String, String, Option<u64>)> {
    let mut verify = splitter();
    let output = verify.arg("verify").arg(place).arg("--json").output().expect("it starts");
    let verdict = json(&output);
    let findings = verdict["findings"].as_array().expect("a list");
    assert_eq!(output.status.code(), Some(i32::from(!findings.is_empty())), "{verdict}");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let finding = |finding: &Value| (text(&finding["problem"]), text(&finding["file"]), finding["offset"].as_u64());
    findings.iter().map(finding).collect()
}
