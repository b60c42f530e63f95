//! The film, the real origin with its relay, and the viewers.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use player_bench::{Link, Network};

use crate::gate::Gate;
use crate::screen::Screen;
use crate::window::{Kind, Viewer};

/// The longest wait for anything that should take a moment.
const PATIENCE: Duration = Duration::from_secs(60);

/// Time between two questions for what pages have noted. Each costs them little, but not nothing.
const BETWEEN: Duration = Duration::from_secs(20);

/// A room's name, which nobody else knows.
const ROOM: &str = "a-room-of-the-benchmark";

/// The programs and packages that are measured, where they have been built.
#[derive(Clone, Debug)]
pub struct Built {
    /// The origin.
    pub origin: PathBuf,
    /// The splitter.
    pub splitter: PathBuf,
    /// The npm package, unpacked.
    pub package: PathBuf,
}

/// Everybody in one room.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) viewers: Vec<Viewer>,
    pub(crate) screen: Option<Screen>,
    network: Network,
    server: Child,
    /// Such as `http://127.0.0.1:8077`.
    origin: String,
}

/// Cuts a film into `directory`, unless it stands there from the same film and splitter.
pub(crate) fn cut(film: &test_film::Film, splitter: &Path, directory: &Path) -> Result<()> {
    let time = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let done = directory.join("manifest.json");
    if time(&done).is_some_and(|made| [splitter, &film.path].iter().all(|from| time(from) < Some(made))) {
        return Ok(());
    }
    let _ = fs::remove_dir_all(directory);
    let output = Command::new(splitter).arg(&film.path).arg("--out").arg(directory).arg("--quiet").output();
    let output = output.with_context(|| format!("cannot start {}", splitter.display()))?;
    ensure!(output.status.success(), "the splitter failed: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Puts the page and the package where the origin looks.
pub(crate) fn furnish(site: &Path, package: &Path) -> Result<()> {
    let library = site.join("watchparty-player");
    fs::create_dir_all(&library).with_context(|| format!("cannot make {}", library.display()))?;
    for file in ["index.js", "engine_bg.wasm", "party.js", "member_bg.wasm", "renditions.js", "rungs_bg.wasm"] {
        let from = package.join(file);
        fs::copy(&from, library.join(file)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    fs::write(site.join("viewer.html"), include_str!("../pages/viewer.html"))?;
    fs::write(site.join("viewer.js"), include_str!("../pages/viewer.js")).context("cannot write the page")
}

impl Stage {
    /// Serves, opens `kinds` of windows and has them enter the room, which stands at the film's beginning.
    pub(crate) fn set(
        built: &Built,
        media: &Path,
        site: &Path,
        link: &Link,
        (kinds, screen): (&[Kind], Option<Screen>),
    ) -> Result<Self> {
        let network = Network::lay(link)?;
        let mut command = network.server(&built.origin);
        command.arg("--media").arg(media).arg("--site").arg(site).arg("--party");
        command.args(["--listen", &format!("{}:0", network.server_address())]).env("RUST_LOG", "error");
        let mut server =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start the origin")?;
        let mut line = String::new();
        BufReader::new(server.stdout.take().expect("it is a pipe")).read_line(&mut line)?;
        let origin = line.trim().trim_end_matches('/').strip_prefix("listening on ").map(str::to_owned);
        let origin = origin.unwrap_or_default();
        let mut stage = Self { viewers: Vec::new(), screen, network, server, origin };
        ensure!(!stage.origin.is_empty(), "the origin did not start");
        for kind in kinds {
            stage.open(*kind)?;
        }
        for at in 0..kinds.len() {
            stage.enter(at)?;
        }
        Ok(stage)
    }

    /// Opens one more window, which is not in the room yet; gives back its number.
    pub(crate) fn open(&mut self, kind: Kind) -> Result<usize> {
        self.open_at(kind, &self.origin.clone())
    }

    /// Opens one behind a gate of its own.
    pub(crate) fn open_behind(&mut self, kind: Kind) -> Result<(usize, Gate)> {
        let server = self.origin.trim_start_matches("http://").parse().context("the origin is at an address")?;
        let gate = Gate::open(server)?;
        Ok((self.open_at(kind, &format!("http://{}", gate.address))?, gate))
    }

    fn open_at(&mut self, kind: Kind, origin: &str) -> Result<usize> {
        let name = format!("viewer {}", self.viewers.len() + 1);
        let viewer = match &self.screen {
            None => Viewer::open(kind, &self.network, origin, &name)?,
            Some(screen) => Viewer::open_on(screen, self.viewers.len() as u32, origin, &name)?,
        };
        self.viewers.push(viewer);
        Ok(self.viewers.len() - 1)
    }

    /// Has one enter the room; gives back when it began to.
    pub(crate) fn enter(&mut self, at: usize) -> Result<f64> {
        let viewer = &mut self.viewers[at];
        let expression = format!("bench.enter({ROOM:?}, {:?})", viewer.name);
        let began = viewer.moment(&expression)?;
        self.wait_for(at, "bench.isIn")?;
        Ok(began)
    }

    /// The first plays, for all, and everybody's pictures move.
    pub(crate) fn play(&mut self) -> Result<()> {
        self.viewers[0].moment("bench.play()")?;
        self.all_move()
    }

    pub(crate) fn all_move(&mut self) -> Result<()> {
        (0..self.viewers.len()).try_for_each(|at| self.wait_for(at, "bench.isMoving"))
    }

    /// Until an expression is true in one's page.
    pub(crate) fn wait_for(&mut self, at: usize, expression: &str) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.viewers[at].evaluate(expression)? != true {
            if Instant::now() > end {
                let told = self.viewers[at].evaluate("bench.told")?;
                bail!("{}: `{expression}` is still not so: {told}", self.viewers[at].name);
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Lets time pass, and notes what happens; gives back from when to when by the machine's clock. `told` may end it.
    pub(crate) fn watch(&mut self, time: Duration, told: crate::Told<'_>) -> Result<(f64, f64)> {
        let from = self.now()?;
        let end = Instant::now() + time;
        while let Some(rest) = end.checked_duration_since(Instant::now()).filter(|rest| !rest.is_zero()) {
            thread::sleep(rest.min(BETWEEN));
            self.note()?;
            told("")?;
        }
        Ok((from, self.now()?))
    }

    pub(crate) fn note(&mut self) -> Result<()> {
        self.viewers.iter_mut().try_for_each(Viewer::note)
    }

    pub(crate) fn now(&mut self) -> Result<f64> {
        self.viewers[0].moment("bench.wall()")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.viewers.clear();
        // It may have ended by itself.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
