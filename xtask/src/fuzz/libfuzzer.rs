//! Runs of libFuzzer, and what it says of them.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};

use crate::command;

/// Longest time for one input, in seconds, and most megabytes that all of it may take. Inputs take milliseconds, but a program of the lowest
/// priority may stand still for long.
const LIMITS: [&str; 2] = ["-timeout=60", "-rss_limit_mb=1024"];

/// How a run ended.
pub(super) struct Run {
    /// Whether nothing broke.
    pub(super) is_fine: bool,
    /// How many inputs there were.
    pub(super) inputs: u64,
    /// What it wrote, its messages at the end.
    pub(super) said: String,
}

/// libFuzzer around a target.
pub(super) struct LibFuzzer<'a> {
    pub(super) program: &'a Path,
    pub(super) target: &'a str,
}

impl LibFuzzer<'_> {
    /// Looks for inputs for so long. What is new goes into the first directory; what breaks the target below `broken`.
    pub(super) fn look(&self, time: Duration, broken: &Path, directories: [&Path; 2]) -> Result<Run> {
        let mut command = self.command();
        command.arg(format!("-max_total_time={}", time.as_secs().max(1)));
        command.arg(format!("-artifact_prefix={}/", broken.display()));
        self.run(command.args(directories))
    }

    /// Shortens an input that breaks the target; `to` is not written where that cannot be done.
    pub(super) fn shorten(&self, input: &Path, to: &Path) -> Result<Run> {
        let mut command = self.command();
        command.args(["-minimize_crash=1", "-max_total_time=60"]);
        self.run(command.arg(format!("-exact_artifact_path={}", to.display())).arg(input))
    }

    /// Adds to a directory what reaches code that nothing in there does, in as few files as it takes.
    pub(super) fn merge(&self, into: &Path, from: &Path) -> Result<Run> {
        let mut command = self.command();
        // How often code is reached makes no difference here.
        self.run(command.args(["-set_cover_merge=1", "-use_counters=0"]).args([into, from]))
    }

    fn command(&self) -> Command {
        // Whoever works at this machine notices nothing of it.
        let mut command = command::program("nice");
        command.args(["-n", "19"]).arg(self.program);
        command.env("FUZZ_TARGET", self.target).args(LIMITS).args(["-print_final_stats=1"]);
        // Targets that read files write them again for each input.
        let memory = Path::new("/dev/shm");
        if memory.is_dir() {
            command.env("TMPDIR", memory);
        }
        command
    }

    fn run(&self, command: &mut Command) -> Result<Run> {
        let output = command.stdin(Stdio::null()).output();
        let output = output.with_context(|| format!("cannot start {}", command::describe(command)))?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(Run { is_fine: output.status.success(), inputs: inputs(&said), said })
    }
}

/// How many inputs there were, by what it says at its end.
fn inputs(said: &str) -> u64 {
    let line = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    line.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_counted_by_what_it_says() {
        let said = "#2\tINITED cov: 2 ft: 2\nDone 52331 runs in 2 second(s)\n\
                    stat::number_of_executed_units: 52331\nstat::average_exec_per_sec:     26165\n";
        assert_eq!((inputs(said), inputs("cannot start")), (52_331, 0));
    }
}
