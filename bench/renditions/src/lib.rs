//! Players in real browsers on one ladder of renditions, over links that change as recorded ones do.
//!
//! 1. A film is made in several rungs (`recipe`), each with a mark burnt into its pictures, and cut by the splitter (`film`).
//! 2. Links are read from files and scaled to the film (`links`).
//! 3. Every contender (`contender`) plays over every link (`session`), with a browser, a server and a pair of network namespaces of its
//!    own. Each page notes every frame, with the rung that its mark says.
//! 4. What the notes come to (`notes`), and what was fetched in vain (`bytes`), is worked out apart.
//! 5. It is kept as JSON (`outcome`), and made into tables (`report`) and a picture (`picture`).

mod bytes;
mod contender;
mod film;
mod links;
mod notes;
mod outcome;
mod picture;
mod recipe;
mod report;
mod session;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};

use anyhow::{Context, Result};
use player_bench::Built;

pub use contender::{ALL, Contender, SMOKE};
pub use film::{Film, cut};
pub use links::{Line, Set, Takes, loopback, middle, of_start, own, read, uneven};
pub use outcome::Outcome;
pub use picture::picture;
pub use recipe::{LARGE, LIGHT, Recipe, SMALL, TINY};
pub use report::{into_page, tables};
pub use session::{Act, Turn};

/// Who hears of each turn. Its error ends it all.
pub type Told<'a> = &'a mut dyn FnMut(&str) -> Result<()>;

/// Everything that has been prepared.
#[derive(Clone, Debug)]
pub struct Bench {
    root: PathBuf,
    scratch: PathBuf,
    built: Built,
}

impl Bench {
    /// Keeps its files in `directory`.
    ///
    /// # Errors
    /// When the package is not built.
    pub fn prepare(directory: &Path, built: Built) -> Result<Self> {
        let bench = Self { root: directory.join("served"), scratch: directory.join("scratch"), built };
        contender::furnish(&bench.root, &bench.built)?;
        Ok(bench)
    }

    /// Makes and cuts a film, unless that has been done.
    ///
    /// # Errors
    /// When ffmpeg or the splitter fail.
    pub fn film(&self, recipe: &Recipe) -> Result<Film> {
        film::cut(recipe, &self.root, &self.built.splitter)
    }

    /// Has all turns, `at_once` at a time, in their order.
    ///
    /// # Errors
    /// When the stage cannot be laid out, and what `told` says. What goes wrong in a turn is noted.
    pub fn play(&self, turns: &[Turn<'_>], at_once: usize, told: Told<'_>) -> Result<Vec<Outcome>> {
        contender::pages(&self.root, turns.iter().map(|turn| (&turn.contender, turn.film)))?;
        let waiting = Mutex::new(turns.iter().collect::<VecDeque<_>>());
        let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let (sender, ended) = mpsc::channel();
        let mut outcomes = Vec::new();
        std::thread::scope(|scope| {
            for lane in 0..at_once.max(1) {
                let (sender, next) = (sender.clone(), &next);
                let scratch = self.scratch.join(lane.to_string());
                scope.spawn(move || {
                    while let Some(turn) = next() {
                        let outcome = session::play(turn, (&self.root, &scratch, &self.built.nginx));
                        if sender.send(outcome).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            for outcome in ended {
                let line = outcome.line();
                outcomes.push(outcome);
                if let Err(error) = told(&line) {
                    // Those under way end by themselves.
                    waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
                    return Err(error);
                }
            }
            Ok(())
        })
        .context("the turns that are left are not had")?;
        Ok(outcomes)
    }
}
