//! How far apart real browser windows in one room are.
//!
//! 1. A long, light film is cut, and served by the real origin with its relay (`stage`), on loopback or behind a shaped link.
//! 2. Each viewer is a browser of its own (`window`) that notes each frame's place in the film and the moment at which it was shown.
//! 3. They do what a scenario (`scenario`) says (`acts`). What comes of their notes is worked out apart (`track`, `drift`).
//!    One scenario looks at the screen that the windows are on instead (`screen`), one has a film of several renditions (`ladder`).
//! 4. It is kept as JSON (`outcome`), and made into a table (`report`) and a picture (`picture`).

mod acts;
mod drift;
mod firefox;
mod gate;
mod ladder;
mod outcome;
mod picture;
mod report;
mod scenario;
mod screen;
mod stage;
mod track;
mod webkit;
mod window;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub use outcome::{Correction, Outcome};
pub use picture::picture;
pub use report::{into_page, table};
pub use scenario::{SCENARIOS, Scenario};
pub use stage::Built;
pub use window::Kind;

/// Who hears of what happens. Its error ends the scenario.
pub type Told<'a> = &'a mut dyn FnMut(&str) -> Result<()>;

/// Everything that has been prepared.
#[derive(Clone, Debug)]
pub struct Bench {
    media: PathBuf,
    site: PathBuf,
    built: Built,
    film: test_film::Film,
    slow: Slow,
}

/// The link of the one who has a slow one.
#[derive(Clone, Debug, Default)]
pub struct Slow {
    /// Folders of links, of the first of which one is taken; otherwise one that ships with the project.
    pub links: Option<PathBuf>,
}

impl Slow {
    /// A film of several renditions, beside the other one, and a link that was scaled to it.
    fn prepare(&self, media: &Path, built: &Built) -> Result<(renditions_bench::Film, renditions_bench::Line)> {
        let film = renditions_bench::cut(&renditions_bench::LIGHT, &media.with_file_name("ladder"), &built.splitter)?;
        let sets = match &self.links {
            Some(directory) => renditions_bench::read(directory)?,
            None => renditions_bench::own()?,
        };
        let line = renditions_bench::middle(&sets, film.takes().most).context("there is no link")?;
        Ok((film, line))
    }
}

impl Bench {
    /// Cuts the film and lays out the page in `directory`.
    ///
    /// # Errors
    /// When the splitter fails, or the package is not built.
    pub fn prepare(directory: &Path, film: &test_film::Film, built: Built) -> Result<Self> {
        let (media, site) = (directory.join("media"), directory.join("site"));
        std::fs::create_dir_all(directory)?;
        stage::cut(film, &built.splitter, &media)?;
        stage::furnish(&site, &built.package)?;
        Ok(Self { media, site, built, film: film.clone(), slow: Slow::default() })
    }

    /// Takes the link of the one who has a slow one from elsewhere.
    #[must_use]
    pub fn with_slow(self, slow: Slow) -> Self {
        Self { slow, ..self }
    }

    /// Plays a scenario for these minutes.
    ///
    /// # Errors
    /// When a program is missing, a window does not do what it is told, and what `told` says.
    pub fn run(&self, scenario: &Scenario, minutes: f64, told: Told<'_>) -> Result<Outcome> {
        acts::play(scenario, minutes, (&self.built, &self.media, &self.site), (&self.film, &self.slow), told)
    }
}
