//! Looks for inputs that make a target of `fuzz` panic, hang, or take a gigabyte.
//!
//! 1. Build it with libFuzzer's counters in it.
//! 2. Run each target for its share of the time, as many at once as there are processors or as are asked for, at the lowest priority.
//!    Inputs that reach something new are kept below `target/fuzz`, and the next run goes on from there.
//! 3. Shorten what broke a target, and put it into `fuzz/corpus`: the test that replays all of it fails until that is cured.
//! 4. Put into `fuzz/corpus`, too, what reaches code that nothing there does, the shortest first and not much of it.

mod build;
mod libfuzzer;
mod target;

use std::{
    collections::VecDeque,
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::{report, workspace};
pub(crate) use build::as_compiler;
use target::{Found, Target};

/// What to do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    /// How long all of it takes, once it is built.
    pub(crate) minutes: f64,
    /// How many targets run at once; none for as many as there are processors.
    pub(crate) jobs: Option<NonZero<usize>>,
    /// Names of targets; none for all of them.
    pub(crate) targets: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { minutes: 10.0, jobs: None, targets: Vec::new() }
    }
}

/// Builds, looks, and fails where anything broke.
pub(crate) fn run(options: Options) -> Result<()> {
    let targets = chosen(options.targets)?;
    report::headline("Building the targets with libFuzzer's counters");
    let program = build::build()?;
    let jobs = options.jobs.or(thread::available_parallelism().ok()).map_or(1, NonZero::get).min(targets.len());
    let share = Duration::from_secs_f64(options.minutes * 60.0 * jobs as f64 / targets.len() as f64);
    let spans = (report::span(share), targets.len());
    report::headline(&format!("Looking for {} in each of {} targets, {jobs} at once", spans.0, spans.1));
    let found = side_by_side(jobs, targets, |name| {
        let found = Target::new(&program, name).look(share)?;
        report::line(&found.to_string());
        Ok(found)
    })?;
    let total: u64 = found.iter().map(|found| found.runs).sum();
    report::line(&format!("{total} inputs in all"));
    let broken: Vec<_> = found.into_iter().flat_map(|found| found.broken).collect();
    ensure!(
        broken.is_empty(),
        "what broke a target lies in {}; `cargo test -p fuzz-targets` plays it:\n{}",
        corpora().display(),
        broken.join("\n")
    );
    Ok(())
}

/// Where the inputs of each target lie that are part of the repository, in a directory of its name.
fn corpora() -> PathBuf {
    workspace::root().join("fuzz/corpus")
}

/// The targets of these names, or all.
fn chosen(names: Vec<String>) -> Result<Vec<String>> {
    let known = list(&corpora())?;
    let unknown = names.iter().find(|name| !known.contains(name));
    ensure!(
        unknown.is_none(),
        "there is no target {}; there are {}",
        unknown.map_or("", String::as_str),
        known.join(", ")
    );
    Ok(if names.is_empty() { known } else { names })
}

/// The names in a directory, sorted.
fn list(directory: &Path) -> Result<Vec<String>> {
    let context = || format!("cannot list {}", directory.display());
    let entries =
        fs::read_dir(directory).with_context(context)?.collect::<Result<Vec<_>, _>>().with_context(context)?;
    let mut names: Vec<_> = entries.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

/// Does something for each name, some at once.
fn side_by_side(jobs: usize, names: Vec<String>, work: impl Fn(&str) -> Result<Found> + Sync) -> Result<Vec<Found>> {
    let left = Mutex::new(VecDeque::from(names));
    let next = || left.lock().expect("nobody panics while it holds this").pop_front();
    let worker = || std::iter::from_fn(next).map(|name| work(&name)).collect::<Result<Vec<_>>>();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(worker)).collect();
        let done = workers.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        Ok(done.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    })
}
