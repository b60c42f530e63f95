//! A browser that nobody sees, with an empty profile, and the driver that talks to it.
//!
//! Both end by handles of their own even when a test panics: the browser is started here and its driver only attaches to it, or it
//! ends with its screen. `WATCHPARTY_BROWSER` says which: `chromium`, the default, `firefox` or `webkit`.

mod ahead;
mod chromium;
mod firefox;
mod processes;
mod sound;
mod trace;
mod webkit;

use std::{
    env, fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::{Client, ClientBuilder, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use test_browsers::Process;

use ahead::Ahead;

pub use chromium::Heap;
pub use processes::Asleep;
pub use trace::{MainThread, Trace};

/// The longest time that a browser may take to start. It only keeps a broken machine from waiting for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Chromium, or another browser made of it.
    Chromium,
    /// Firefox.
    Firefox,
    /// WebKitGTK.
    WebKit,
}

impl Kind {
    /// The one that the tests run in.
    ///
    /// # Panics
    /// When `WATCHPARTY_BROWSER` names none.
    #[must_use]
    pub fn under_test() -> Self {
        match env::var("WATCHPARTY_BROWSER").as_deref() {
            Err(_) | Ok("chromium") => Self::Chromium,
            Ok("firefox") => Self::Firefox,
            Ok("webkit") => Self::WebKit,
            Ok(other) => panic!("WATCHPARTY_BROWSER is `chromium`, `firefox` or `webkit`, not `{other}`"),
        }
    }
}

/// A browser of its own, gone when dropped.
#[derive(Debug)]
pub struct Browser {
    pub(crate) client: Client,
    /// Which it is.
    pub kind: Kind,
    /// Chromium's own debugger, as a WebSocket.
    debugger: Option<String>,
    /// What puts scripts into pages, where the driver cannot.
    ahead: Option<Ahead>,
    /// In the order in which they must end.
    running: Vec<Process>,
    _profile: TempDir,
}

/// How its user has set it.
#[derive(Clone, Copy, Debug, Default)]
struct Manner<'a> {
    is_dark: bool,
    /// Whether sound waits until somebody has pressed something.
    wants_gesture: bool,
    /// Whether its SourceBuffers drop what has been shown, or take no more, once they hold a few seconds.
    is_short_of_memory: bool,
    /// An origin that counts as safe without TLS or with any certificate.
    trusted: Option<&'a str>,
}

/// A started browser and its driver.
struct Started {
    driver_port: u16,
    /// The driver, the browser, and what they need, in the order in which they must end.
    running: Vec<Process>,
    debugger: Option<String>,
    ahead: Option<Ahead>,
    capabilities: Capabilities,
}

impl Browser {
    /// Starts it. `CHROME` and `CHROMEDRIVER`, `FIREFOX` and `GECKODRIVER`, or `MINIBROWSER` and `WEBKITDRIVER` name the programs
    /// where they are not in their usual places.
    ///
    /// # Errors
    /// When a program is missing or does not become ready.
    pub async fn start() -> Result<Self> {
        Self::start_in(Kind::under_test(), Manner::default()).await
    }

    /// Starts one of that kind, whichever the tests run in.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_as(kind: Kind) -> Result<Self> {
        Self::start_in(kind, Manner::default()).await
    }

    /// Starts one whose user has chosen dark colours.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_dark() -> Result<Self> {
        Self::start_in(Kind::under_test(), Manner { is_dark: true, ..Manner::default() }).await
    }

    /// Starts one that plays no sound before its user has pressed something, as browsers do.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_waiting_for_gestures() -> Result<Self> {
        Self::start_in(Kind::under_test(), Manner { wants_gesture: true, ..Manner::default() }).await
    }

    /// Starts one whose SourceBuffers drop what has been shown, or take no more, once they hold a few seconds of the film. Only WebKitGTK
    /// can be told so.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_short_of_memory() -> Result<Self> {
        let kind = Kind::under_test();
        ensure!(kind == Kind::WebKit, "only WebKitGTK can be told so");
        Self::start_in(kind, Manner { is_short_of_memory: true, ..Manner::default() }).await
    }

    /// Starts one of that kind to which an origin such as `https://10.0.0.1:8077` is safe, whatever its certificate and without TLS, too.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_trusting(kind: Kind, origin: &str) -> Result<Self> {
        Self::start_in(kind, Manner { trusted: Some(origin), ..Manner::default() }).await
    }

    async fn start_in(kind: Kind, manner: Manner<'_>) -> Result<Self> {
        let profile = TempDir::new()?;
        let mut started = match kind {
            Kind::Chromium => chromium::start(profile.path(), manner)?,
            Kind::Firefox => firefox::start(profile.path(), manner)?,
            Kind::WebKit => webkit::start(profile.path(), manner)?,
        };
        // A film is watched for minutes inside one script.
        started.capabilities.insert("timeouts".to_owned(), json!({ "script": 600_000 }));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(started.capabilities)
            .connect(&format!("http://127.0.0.1:{}", started.driver_port))
            .await
            .context("the driver does not get hold of the browser")?;
        if kind == Kind::WebKit {
            Self::settle(&client).await?;
        }
        let Started { running, debugger, ahead, .. } = started;
        Ok(Self { client, kind, debugger, ahead, running, _profile: profile })
    }

    /// Shows WebKitGTK's window, at the size of the others'.
    pub(crate) async fn settle(client: &Client) -> Result<()> {
        webkit::settle(client).await
    }

    /// Traces what its pages' main threads do, from now on.
    ///
    /// # Errors
    /// When it is no Chromium, or refuses.
    pub async fn trace(&self) -> Result<Trace> {
        Trace::start(self.debugger.as_deref().context("only Chromium gives traces")?).await
    }

    /// Runs `source` in every document that is opened from now on, before any script of its own. Firefox may run it
    /// twice in one window.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn run_first(&self, source: &str) -> Result<()> {
        match self.kind {
            Kind::Chromium => chromium::run_first(&self.client, source).await,
            Kind::Firefox => firefox::run_first(&self.client, source).await,
            Kind::WebKit => {
                self.ahead.as_ref().context("WebKit has its proxy")?.add(source);
                Ok(())
            }
        }
    }

    /// Stops all of its processes until what is given back is dropped, as a machine that sleeps does.
    ///
    /// # Errors
    /// When this is no Linux.
    pub fn stop(&self) -> Result<Asleep> {
        Asleep::fall(&self.running)
    }

    /// Resident bytes of the largest of the processes that show pages: the one with the film.
    ///
    /// # Errors
    /// When there is none, or this is no Linux.
    pub fn resident(&self) -> Result<u64> {
        let largest = self.running.iter().filter_map(|process| processes::largest_page(process.id())).max();
        largest.context("no process shows pages")
    }

    /// What the scripts of its page hold, once what they do not need any more is collected. Only Chromium tells.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn heap(&self) -> Result<Option<Heap>> {
        if self.kind == Kind::Chromium { chromium::heap(&self.client).await.map(Some) } else { Ok(None) }
    }

    /// Takes its network away, or gives it back; pages are told so (`navigator.onLine`).
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn set_offline(&self, is_offline: bool) -> Result<()> {
        match self.kind {
            Kind::Chromium => chromium::set_offline(&self.client, is_offline).await,
            Kind::Firefox => firefox::set_offline(&self.client, is_offline).await,
            Kind::WebKit => bail!("WebKit's driver has no command that takes the network away"),
        }
    }
}

/// Waits for the file in which a browser says where it listens, and for `wanted` to make something of it.
fn await_announcement<T>(browser: &mut Process, path: &Path, wanted: impl Fn(&str) -> Option<T>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = wanted(&fs::read_to_string(path).unwrap_or_default()) {
            return Ok(answer);
        }
        ensure!(browser.runs(), "the browser ended before it was ready");
        if Instant::now() > deadline {
            bail!("the browser did not become ready: it did not write {}", path.display());
        }
        thread::sleep(Duration::from_millis(20));
    }
}
