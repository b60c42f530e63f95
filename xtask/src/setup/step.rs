//! One thing to get, and how several are got side by side.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow};

use crate::{command, report, workspace};

/// What gets it.
pub(super) type Work = Box<dyn FnOnce(&Journal) -> Result<()> + Send>;

/// One thing to get.
pub(super) struct Step {
    /// What it is, for people and for the journal's file name.
    pub(super) title: String,
    /// How it is got.
    pub(super) means: String,
    /// How long that takes, as measured on two cores.
    pub(super) expected: &'static str,
    /// Gets it.
    pub(super) work: Work,
}

/// Where the programs of a step write what nobody wants to read, unless the step fails.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

impl Journal {
    fn open(title: &str) -> Result<Self> {
        let directory = workspace::target().join("set-up");
        fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
        let name: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let path = directory.join(name).with_extension("log");
        let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, file })
    }

    /// Runs a program to its end.
    pub(super) fn run(&self, command: &mut Command) -> Result<()> {
        command::run(self.redirect(command)?)
    }

    /// Runs a program that may hang.
    pub(super) fn run_within(&self, limit: Duration, command: &mut Command) -> Result<()> {
        command::run_within(limit, self.redirect(command)?)
    }

    fn redirect<'a>(&self, command: &'a mut Command) -> Result<&'a mut Command> {
        Ok(command.stdin(Stdio::null()).stdout(self.file.try_clone()?).stderr(self.file.try_clone()?))
    }

    fn end(&self) -> String {
        let text = fs::read(&self.path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        format!("{}\n  (all of it: {})", lines[lines.len().saturating_sub(15)..].join("\n"), self.path.display())
    }
}

/// Says what [`run`] is about to do.
pub(super) fn announce(strands: &[Vec<Step>]) {
    for Step { title, means, expected, .. } in strands.iter().flatten() {
        report::line(&format!("    {title}: {means}, about {expected}"));
    }
}

/// Takes the steps of each strand in order, and the strands side by side.
pub(super) fn run(strands: [Vec<Step>; 2]) -> Result<()> {
    let results = thread::scope(|scope| {
        let strands = strands.map(|steps| scope.spawn(|| steps.into_iter().try_for_each(take)));
        strands.map(|strand| strand.join().unwrap_or_else(|_| Err(anyhow!("a step of the set-up panicked"))))
    });
    results.into_iter().collect()
}

fn take(step: Step) -> Result<()> {
    let begin = Instant::now();
    let journal = Journal::open(&step.title)?;
    (step.work)(&journal).with_context(|| format!("{} cannot be got:\n{}", step.title, journal.end()))?;
    report::line(&format!("    {} is there ({})", step.title, report::span(begin.elapsed())));
    Ok(())
}
