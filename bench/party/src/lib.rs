//! How far apart real browser windows in one room are.
//!
//! 1. A long, light film is cut, and served by the real origin with its relay (`stage`), on loopback or behind a shaped link.
//! 2. Each viewer is a browser of its own (`window`) that notes each frame's place in the film and the moment at which it was shown.
//! 3. They do what a scenario (`scenario`) says (`acts`). What comes of their notes is worked out apart (`track`, `drift`).
//!    One scenario looks at the screen that the windows are on instead (`screen`).
//! 4. It is kept as JSON (`outcome`), and made into a table (`report`) and a picture (`picture`).

mod acts;
mod drift;
mod firefox;
mod gate;
mod outcome;
mod picture;
mod report;
mod scenario;
mod screen;
mod stage;
mod track;
mod window;

use std::path::{Path, PathBuf};

use anyhow::Result;

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
        Ok(Self { media, site, built, film: film.clone() })
    }

    /// Plays a scenario for these minutes.
    ///
    /// # Errors
    /// When a program is missing, a window does not do what it is told, and what `told` says.
    pub fn run(&self, scenario: &Scenario, minutes: f64, told: Told<'_>) -> Result<Outcome> {
        acts::play(scenario, minutes, (&self.built, &self.media, &self.site), &self.film, told)
    }
}
