//! This player beside its peers: the same film, the same link, turn by turn.
//!
//! 1. Films are cut in every way that is measured (`film`) and served by nginx (`stage`).
//! 2. Browser and server stand on loopback, or in two network namespaces with a shaped link between them (`network`).
//! 3. Every contender (`contender`) has its turn in every run, in a page of its own, and is measured (`measure`).
//! 4. What came out is kept as JSON (`results`) and made into tables and a picture (`report`).

mod browser;
mod contender;
mod course;
mod devtools;
mod doubts;
mod film;
mod goals;
mod measure;
mod network;
#[cfg(target_os = "linux")]
mod relay;
mod report;
mod results;
mod stage;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;

pub use browser::{Browser, Page};
pub use contender::{
    BEFORE_AND_NOW, Contender, EACH_ONCE, EVERYBODY, FULL_PLAYERS, LIBRARIES, Player, SIX_SECONDS, SMOKE, Unit,
    WHOLE_CHUNKS, filled,
};
pub use course::{Course, Step};
pub use devtools::Fetched;
pub use film::{Built, Film};
pub use measure::Kind;
pub use network::{FAST, LOOPBACK, Link, Network, SLOW, STEPS, UNSTEADY};
pub use report::{page, picture, put_between, table};
pub use results::{Part, Row, quantile};
pub use stage::{Certificate, Server, compress};

/// Everything that has been prepared.
#[derive(Clone, Debug)]
pub struct Bench {
    root: PathBuf,
    scratch: PathBuf,
    built: Built,
}

/// Who hears of each turn. Its error ends the part.
pub type Told<'a> = &'a mut dyn FnMut(&str) -> Result<()>;

/// What a part of the benchmark is made of.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    /// The part's name in the results.
    pub key: &'a str,
    /// What is done.
    pub kind: Kind,
    /// Between browser and server.
    pub link: &'a Link,
    /// What is shown.
    pub film: &'a Film,
    /// Who takes part.
    pub contenders: &'a [Contender],
    /// How often each has its turn.
    pub runs: usize,
    /// After that long no further run is begun.
    pub limit: Duration,
    /// Whether to tell what each page does, and when. It costs time.
    pub traces: bool,
}

impl Bench {
    /// Keeps its files in `directory`.
    #[must_use]
    pub fn new(directory: &Path, built: Built) -> Self {
        Self { root: directory.join("served"), scratch: directory.join("nginx"), built }
    }

    /// Cuts a film, unless that has been done.
    ///
    /// # Errors
    /// When splitter or ffmpeg fail.
    pub fn film(&self, key: &'static str, source: &test_film::Film) -> Result<Film> {
        film::cut(key, source, &self.root.join("media"), &self.built.splitter)
    }

    /// Measures; `told` hears of each turn, and may end it all.
    ///
    /// # Errors
    /// When the stage cannot be set, and what `told` says. What goes wrong in a turn is noted and goes on.
    pub fn run(&self, plan: &Plan<'_>, told: Told<'_>) -> Result<Part> {
        stage::furnish(&self.root, &self.built, std::slice::from_ref(plan.film), plan.contenders)?;
        let network = Network::lay(plan.link)?;
        let server = Server::start(&network, &self.built.nginx, &self.root, &self.scratch)?;
        let mut browser = Browser::start(&network, &server.origin)?;
        let row =
            |contender: &Contender| Row { name: contender.name(), is_peer: contender.is_peer(), ..Row::default() };
        let mut rows: Vec<Row> = plan.contenders.iter().map(row).collect();
        let began = Instant::now();
        for run in (0..plan.runs).take_while(|_| began.elapsed() < plan.limit) {
            for turn in 0..rows.len() {
                // The order turns, so that nobody always follows the same one.
                let at = (run + turn) % rows.len();
                let what = (plan.kind, plan.film, &plan.contenders[at], run);
                let begin = || network.begin_steps();
                let trace: Option<Told<'_>> = if plan.traces { Some(told) } else { None };
                match measure::once(&mut browser, &server.origin, what, &begin, trace) {
                    Ok(samples) => {
                        told(&format!("{} {samples:?}", rows[at].name))?;
                        for (measure, value) in samples {
                            rows[at].samples.entry(measure.to_owned()).or_default().push(value);
                        }
                    }
                    Err(error) => {
                        told(&format!("{}: {error:#}", rows[at].name))?;
                        rows[at].failures.push(format!("{error:#}"));
                    }
                }
            }
        }
        let title = format!("{}, {}", plan.film.title, plan.link.name);
        Ok(Part { key: plan.key.to_owned(), title, heading: plan.kind.heading().to_owned(), load: load(), rows })
    }
}

/// The script that every measured page has: when a frame is shown, and what it took.
pub const MEASURE: &str = include_str!("../pages/measure.js");

/// How many programs wanted the processor on average during the last five minutes, where the system says.
#[must_use]
pub fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').nth(1)?.parse().ok()
}
