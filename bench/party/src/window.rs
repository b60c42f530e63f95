//! A browser's window with one viewer in it.

use anyhow::{Context, Result};
use player_bench::{Browser, Network, Page};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::firefox::Firefox;
use crate::screen::{self, Place, Screen};
use crate::track::{Frame, Track};
use crate::webkit::WebKit;

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Chromium.
    Chromium,
    /// Firefox.
    Firefox,
    /// WebKitGTK.
    WebKit,
}

/// A viewer, and what was noted of it.
#[derive(Debug)]
pub(crate) struct Viewer {
    page: Driven,
    pub(crate) name: String,
    pub(crate) track: Track,
    /// Changes of its rate, each with its moment.
    pub(crate) rates: Vec<(f64, f64)>,
    pub(crate) steers: Vec<Steer>,
}

#[derive(Debug)]
enum Driven {
    Chromium(Box<Page<Browser>>),
    Firefox(Box<Firefox>),
    WebKit(Box<WebKit>),
}

/// Something that was done to this viewer's player: when, what, and why.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Steer(pub(crate) f64, pub(crate) String, pub(crate) String);

impl Steer {
    /// Whether it takes the viewer to another place though nobody asked for that.
    pub(crate) fn is_corrective_seek(&self) -> bool {
        self.1 == "seek" && !["command", "in-time"].contains(&self.2.as_str())
    }
}

/// What a page has noted.
#[derive(Debug, Deserialize)]
struct Noted {
    frames: Vec<(f64, f64)>,
    rates: Vec<(f64, f64)>,
    steers: Vec<Steer>,
}

impl Viewer {
    /// Opens the page at `origin` in a browser of its own, and waits until its libraries are there.
    pub(crate) fn open(kind: Kind, network: &Network, origin: &str, name: &str) -> Result<Self> {
        let url = format!("{origin}/viewer.html");
        let page = match kind {
            Kind::Chromium => Driven::Chromium(Box::new(Browser::start(network, origin)?.into_page(&url)?)),
            Kind::Firefox => Driven::Firefox(Box::new(Firefox::open(network, origin, &url)?)),
            Kind::WebKit => Driven::WebKit(Box::new(WebKit::open(network, &url)?)),
        };
        Self::begin(page, &url, name)
    }

    /// Opens it in a Chromium on a screen, as the one of that number from the left.
    pub(crate) fn open_on(screen: &Screen, number: u32, origin: &str, name: &str) -> Result<Self> {
        let url = format!("{origin}/viewer.html");
        let left = number * screen::WIDTH / 2;
        let mut page = Browser::start_on(&screen.display, left, origin)?.into_page(&url)?;
        page.move_window([left, screen::WIDTH / 2, screen::HEIGHT])?;
        Self::begin(Driven::Chromium(Box::new(page)), &url, name)
    }

    fn begin(page: Driven, url: &str, name: &str) -> Result<Self> {
        let (track, name) = (Track::default(), name.to_owned());
        let mut viewer = Self { page, name, track, rates: Vec::new(), steers: Vec::new() };
        let begun = std::time::Instant::now();
        // Asked too early, it is the empty page before that answers.
        while !viewer.evaluate("Boolean(window.bench)").is_ok_and(|is_there| is_there == true) {
            anyhow::ensure!(begun.elapsed().as_secs() < 60, "{url} does not begin");
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        Ok(viewer)
    }

    /// What an expression comes to in its page.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let expression = format!("(async () => JSON.stringify((await ({expression})) ?? null))()");
        let text = match &mut self.page {
            Driven::Chromium(page) => page.evaluate(&expression),
            Driven::Firefox(page) => page.evaluate(&expression),
            Driven::WebKit(page) => page.evaluate(&expression),
        };
        let text = text.with_context(|| format!("{}'s page", self.name))?;
        serde_json::from_str(text.as_str().context("the page gave no text")?).context("the page gave no JSON")
    }

    /// A moment of the machine's clock, in milliseconds.
    pub(crate) fn moment(&mut self, expression: &str) -> Result<f64> {
        self.evaluate(expression)?.as_f64().with_context(|| format!("`{expression}` is no moment"))
    }

    /// Where its video is on the screen.
    pub(crate) fn place(&mut self) -> Result<Place> {
        Ok(Place(serde_json::from_value(self.evaluate("bench.place")?)?))
    }

    /// Takes over what the page has noted.
    pub(crate) fn note(&mut self) -> Result<()> {
        let noted: Noted = serde_json::from_value(self.evaluate("bench.take()")?)?;
        self.track.add(noted.frames.into_iter().map(|(media, wall)| Frame { media, wall }));
        self.rates.extend(noted.rates);
        self.steers.extend(noted.steers);
        Ok(())
    }

    /// Ends its browser as a crash does.
    pub(crate) fn kill(self) {
        if let Driven::Chromium(mut page) = self.page {
            page.kill();
        }
    }
}
