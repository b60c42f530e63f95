//! Other people's players: each on a page of its own, offering `window.watchparty` as our page does.

use std::fs;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::place;

/// A player from npm, at the version that `tests/npm/package-lock.json` pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// hls.js, given `master.m3u8`.
    Hls,
    /// shaka-player, given `manifest.mpd`.
    Shaka,
    /// dash.js, given `manifest.mpd`.
    Dash,
}

const PAGE: &str = r#"<!doctype html>
<meta charset="utf-8">
<title>A peer</title>
<video muted playsinline width="640"></video>
<script src="peer.js"></script>
<script src="page.js"></script>
"#;

impl Peer {
    /// A directory with the page that plays with it, for an origin to serve.
    ///
    /// # Errors
    /// When the players are not installed.
    pub fn site(self) -> Result<TempDir> {
        let (file, start) = match self {
            Self::Hls => ("hls.js/dist/hls.min.js", HLS),
            Self::Shaka => ("shaka-player/dist/shaka-player.compiled.js", SHAKA),
            Self::Dash => ("dashjs/dist/modern/umd/dash.all.min.js", DASH),
        };
        let site = TempDir::new()?;
        let script = place::npm().join("node_modules").join(file);
        fs::copy(&script, site.path().join("peer.js"))
            .with_context(|| format!("{} is missing: `cargo xtask setup` installs it", script.display()))?;
        fs::write(site.path().join("index.html"), PAGE)?;
        fs::write(site.path().join("page.js"), format!("{OFFER}{start}"))?;
        Ok(site)
    }
}

/// A script with what the recorder and the tests use of a player. `rungs()` counts what it may choose from, and `rung(at)` has it play one, 0 being
/// the lowest.
const OFFER: &str = r#"
const video = document.querySelector("video");
const player = new EventTarget();
player.seek = (seconds) => (video.currentTime = seconds);
const fail = (message) => player.dispatchEvent(new CustomEvent("error", { detail: { message } }));
window.watchparty = { video, player };
const begin = () => video.play();
"#;

const HLS: &str = r#"
const hls = new Hls();
hls.on(Hls.Events.ERROR, (_, data) => data.fatal && fail(data.details));
hls.on(Hls.Events.MANIFEST_PARSED, begin);
player.rungs = () => hls.levels.length;
player.rung = (at) => (hls.nextLevel = at);
hls.loadSource("/media/current/master.m3u8");
hls.attachMedia(video);
"#;

const SHAKA: &str = r#"
const engine = new shaka.Player();
engine.addEventListener("error", (event) => fail(`shaka ${event.detail.code}`));
const variants = () => engine.getVariantTracks().sort((one, other) => one.bandwidth - other.bandwidth);
player.rungs = () => variants().length;
player.rung = (at) => {
  engine.configure({ abr: { enabled: false } });
  engine.selectVariantTrack(variants()[at], true);
};
engine
  .attach(video)
  .then(() => engine.load("/media/current/manifest.mpd"))
  .then(begin, (error) => fail(`shaka ${error.code} ${error.data}`));
"#;

// dash.js asks the browser about codecs in a way that knows no muxed streams, unless it is told not to.
const DASH: &str = r#"
const engine = dashjs.MediaPlayer().create();
engine.updateSettings({ streaming: { capabilities: { useMediaCapabilitiesApi: false } } });
player.rungs = () => engine.getRepresentationsByType("video").length;
player.rung = (at) => {
  engine.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } } } });
  engine.setRepresentationForTypeByIndex("video", at, true);
};
engine.on(dashjs.MediaPlayer.events.ERROR, (event) => fail(`dash.js ${event.error.code} ${event.error.message}`));
engine.initialize(video, "/media/current/manifest.mpd", true);
"#;
