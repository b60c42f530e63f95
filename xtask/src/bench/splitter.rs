//! The splitter beside `cp` and beside `ffmpeg -c copy` with `sha256sum`: the same film, turn by turn.
//!
//! 1. On the disk: each turn ends when what was written is on the disk, as publishing demands.
//! 2. In memory (tmpfs), where the disk has no say.
//!
//! Every contestant has its turn in every round, so that what else the machine does hits all of them; each round gives
//! ratios, and the table has their medians. The film is read once before, so that it is in the page cache. The most memory
//! that the splitter holds is what the system says of the process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::{command, demo, report, workspace};

const ROUNDS: usize = 5;
/// Megabytes that the splitter may hold, whatever the film's length.
const MOST_MEGABYTES: f64 = 96.0;

/// One of those that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contestant {
    Splitter,
    Copy,
    Ffmpeg,
}

/// Where films are written to.
struct Place {
    title: &'static str,
    directory: PathBuf,
    /// Whether a turn ends only when everything is on the disk.
    synced: bool,
    /// How many times as long as `cp` the splitter may take.
    most_of_copy: f64,
}

/// Least speed of the splitter, in speeds of ffmpeg and `sha256sum`.
const LEAST_OF_FFMPEG: f64 = 3.0;

/// Measures with a film of about `gigabytes`, and prints the tables.
pub(crate) fn run(gigabytes: f64) -> Result<()> {
    report::headline("Building the splitter");
    demo::build_programs()?;
    report::headline("Making the film");
    let film = film(gigabytes)?;
    let bytes = fs::metadata(&film)?.len();
    // Reads it into the page cache.
    std::io::copy(&mut fs::File::open(&film)?, &mut std::io::sink())?;

    report::headline(&format!("A film of {:.2} GB, medians of {ROUNDS} rounds", bytes as f64 / 1e9));
    report::line("| place | splitter | cp | ffmpeg, sha256sum | splitter / cp | ffmpeg / splitter | peak RSS |");
    report::line("| --- | --- | --- | --- | --- | --- | --- |");
    let disk = workspace::target().join("bench/splitter/out");
    measure(&film, &Place { title: "disk, synced", directory: disk, synced: true, most_of_copy: 1.3 })?;
    let memory = PathBuf::from("/dev/shm");
    ensure!(memory.is_dir(), "there is no tmpfs at {}", memory.display());
    let memory = memory.join(format!("watchparty-bench-{}", std::process::id()));
    measure(&film, &Place { title: "tmpfs", directory: memory, synced: false, most_of_copy: 2.2 })?;
    fs::remove_file(&film).with_context(|| format!("cannot remove {}", film.display()))
}

/// The big film of the tests, over and over.
pub(super) fn film(gigabytes: f64) -> Result<PathBuf> {
    let once = test_film::BIG.cached(&workspace::target().join("films"))?.path;
    let times = (gigabytes * 1e9 / fs::metadata(&once)?.len() as f64).ceil();
    let directory = workspace::target().join("bench/splitter");
    fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    let film = directory.join("film.mp4");
    let mut ffmpeg = command::program("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-y", "-stream_loop", &format!("{}", times - 1.0), "-i"]).arg(once);
    command::run(ffmpeg.args(["-c", "copy"]).arg(&film))?;
    Ok(film)
}

/// One row: every contestant in every round, in an order that turns.
fn measure(film: &Path, place: &Place) -> Result<()> {
    const ALL: [Contestant; 3] = [Contestant::Splitter, Contestant::Copy, Contestant::Ffmpeg];
    let mut seconds = [const { Vec::new() }; ALL.len()];
    let mut peak: f64 = 0.0;
    for round in 0..=ROUNDS {
        for turn in 0..ALL.len() {
            let at = (round + turn) % ALL.len();
            fs::create_dir_all(&place.directory)
                .with_context(|| format!("cannot make {}", place.directory.display()))?;
            let (took, megabytes) = ALL[at].turn(film, place)?;
            fs::remove_dir_all(&place.directory)
                .with_context(|| format!("cannot remove {}", place.directory.display()))?;
            // The first round only warms up.
            if round > 0 {
                seconds[at].push(took.as_secs_f64());
            }
            if ALL[at] == Contestant::Splitter {
                peak = peak.max(megabytes);
            }
        }
    }
    let ratio = |one: usize, other: usize| {
        median(seconds[one].iter().zip(&seconds[other]).map(|(one, other)| one / other).collect())
    };
    let judged =
        |holds: bool, figure: String, goal: String| format!("{figure} ({}{goal})", if holds { "" } else { "MISSES " });
    let (of_copy, of_ffmpeg) = (ratio(0, 1), ratio(2, 0));
    let times = seconds.iter().map(|seconds| format!("{:.2} s", median(seconds.clone())));
    report::line(&format!(
        "| {} | {} | {} | {} | {} |",
        place.title,
        times.collect::<Vec<_>>().join(" | "),
        judged(of_copy <= place.most_of_copy, format!("{of_copy:.2}"), format!("≤ {}", place.most_of_copy)),
        judged(of_ffmpeg >= LEAST_OF_FFMPEG, format!("{of_ffmpeg:.2}"), format!("≥ {LEAST_OF_FFMPEG}")),
        judged(peak <= MOST_MEGABYTES, format!("{peak:.0} MB"), format!("≤ {MOST_MEGABYTES} MB")),
    ));
    Ok(())
}

impl Contestant {
    /// Does the work once: how long it took, and the most memory that its first program held, in megabytes.
    fn turn(self, film: &Path, place: &Place) -> Result<(Duration, f64)> {
        let out = place.directory.join("film.mp4");
        let begin = Instant::now();
        let megabytes = match self {
            Self::Splitter => {
                let mut splitter = command::program(workspace::program("splitter"));
                finish(splitter.arg(film).arg("--out").arg(&place.directory).arg("--quiet"))?
            }
            Self::Copy => finish(command::program("cp").arg(film).arg(&out))?,
            Self::Ffmpeg => {
                let mut ffmpeg = command::program("ffmpeg");
                ffmpeg.args(["-v", "error", "-nostdin", "-i"]).arg(film).args(["-c", "copy", "-movflags"]);
                let held = finish(ffmpeg.arg("frag_keyframe+empty_moov+default_base_moof").arg(&out))?;
                finish(command::program("sha256sum").arg(&out).stdout(Stdio::null()))?;
                held
            }
        };
        if place.synced && self != Self::Splitter {
            finish(command::program("sync").arg(&out))?;
        }
        Ok((begin.elapsed(), megabytes))
    }
}

/// Runs a program to its end and watches its memory, in megabytes.
pub(super) fn finish(command: &mut Command) -> Result<f64> {
    let mut child = command.spawn().with_context(|| format!("cannot start {}", command::describe(command)))?;
    let mut peak = 0.0_f64;
    let status = loop {
        peak = peak.max(peak_megabytes(&child).unwrap_or(0.0));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_millis(2));
    };
    ensure!(status.success(), "{} failed ({status})", command::describe(command));
    Ok(peak)
}

/// What Linux gives as the high-water mark of a process that still runs.
fn peak_megabytes(child: &Child) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
