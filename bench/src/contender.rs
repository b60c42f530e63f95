//! Who is measured, on which playlist, and the page that each has.

use serde_json::{Value, json};

use crate::film::Film;

/// Whose code plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Player {
    /// This project's, as its npm package.
    Ours,
    /// Another build of that package: see [`Built::before`](crate::Built::before).
    Before,
    /// A few lines on the same cut, which are the limit of what can be reached.
    Barest,
    /// The plan's own twenty lines.
    Plan,
    /// hls.js.
    Hls,
    /// shaka-player.
    Shaka,
    /// dash.js.
    Dash,
}

/// In which pieces the film is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Our chunks, a byte range a group.
    Groups,
    /// Our chunks, whole.
    Chunks,
    /// Segments of 6 s, video and audio together, by ffmpeg.
    SixSeconds,
}

/// A player with its settings, on one kind of playlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contender {
    /// Whose code.
    pub player: Player,
    /// Whether its own documentation's best settings for this case are set, or its defaults.
    pub tuned: bool,
    /// What it fetches.
    pub unit: Unit,
}

const fn with(player: Player, tuned: bool, unit: Unit) -> Contender {
    Contender { player, tuned, unit }
}

use Player::{Barest, Before, Dash, Hls, Ours, Plan, Shaka};
use Unit::{Chunks, Groups, SixSeconds};

/// Everybody on byte ranges of the same cut.
pub const EVERYBODY: &[Contender] = &[
    with(Ours, false, Groups),
    with(Barest, false, Groups),
    with(Hls, false, Groups),
    with(Hls, true, Groups),
    with(Shaka, false, Groups),
    with(Shaka, true, Groups),
    with(Dash, false, Groups),
    with(Dash, true, Groups),
];

/// This package and another build of it.
pub const BEFORE_AND_NOW: &[Contender] = &[with(Ours, false, Groups), with(Before, false, Groups)];

/// The same film as the ordinary kind of HLS.
pub const SIX_SECONDS: &[Contender] =
    &[with(Ours, false, Groups), with(Hls, true, SixSeconds), with(Shaka, false, SixSeconds)];

/// Contenders that play a whole film.
pub const FULL_PLAYERS: &[Contender] = &[
    with(Ours, false, Groups),
    with(Hls, false, Groups),
    with(Hls, true, Groups),
    with(Shaka, false, Groups),
    with(Shaka, true, Groups),
    with(Dash, false, Groups),
    with(Dash, true, Groups),
];

/// Full players, each once.
pub const EACH_ONCE: &[Contender] =
    &[with(Ours, false, Groups), with(Hls, true, Groups), with(Shaka, true, Groups), with(Dash, true, Groups)];

/// One of each kind that starts on groups: enough to see that the harness works.
pub const SMOKE: &[Contender] = &[
    with(Ours, false, Groups),
    with(Barest, false, Groups),
    with(Hls, true, Groups),
    with(Shaka, true, Groups),
    with(Dash, true, Groups),
];

/// Whole chunks as segments.
pub const WHOLE_CHUNKS: &[Contender] = &[
    with(Ours, false, Groups),
    with(Hls, true, Chunks),
    with(Shaka, true, Chunks),
    with(Dash, true, Chunks),
    with(Plan, false, Chunks),
];

impl Contender {
    /// For tables.
    #[must_use]
    pub fn name(&self) -> String {
        let player = match self.player {
            Player::Ours => "watchparty-player",
            Player::Before => "watchparty-player before",
            Player::Barest => "barest page",
            Player::Plan => "plan's player",
            Player::Hls => "hls.js",
            Player::Shaka => "shaka-player",
            Player::Dash => "dash.js",
        };
        let unit = match self.unit {
            Unit::Groups => "",
            Unit::Chunks => ", whole chunks",
            Unit::SixSeconds => ", 6 s segments",
        };
        format!("{player}{}{unit}", if self.tuned { ", tuned" } else { "" })
    }

    /// Whether others are held against it.
    #[must_use]
    pub fn is_peer(&self) -> bool {
        !matches!(self.player, Player::Ours | Player::Before | Player::Barest)
    }

    /// The page's file name for a film.
    pub(crate) fn page(&self, film: &Film) -> String {
        let words = self.name().to_lowercase();
        let words: String = words.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        format!("{}-{words}.html", film.key)
    }

    /// The page itself.
    pub(crate) fn html(&self, film: &Film) -> String {
        let (script, library) = match self.player {
            Player::Ours => ("ours.js", OURS),
            Player::Before => ("before.js", BEFORE),
            Player::Barest => ("barest.js", ""),
            Player::Plan => ("plan.js", ""),
            Player::Hls => ("hls.js", "<script src=\"hls.min.js\"></script>\n"),
            Player::Shaka => ("shaka.js", "<script src=\"shaka-player.compiled.js\"></script>\n"),
            Player::Dash => ("dash.js", "<script src=\"dash.all.min.js\"></script>\n"),
        };
        let manifest = match (self.player, self.unit) {
            (Player::Plan, _) => "plan/array.json",
            (Player::Ours | Player::Before | Player::Barest, _) => "cut/manifest.json",
            (Player::Hls, Unit::Groups) => "cut/master.m3u8",
            (_, Unit::Groups) => "cut/manifest.mpd",
            (Player::Dash, _) => "cut/whole.mpd",
            (_, Unit::Chunks) => "cut/whole.m3u8",
            (_, Unit::SixSeconds) => "six/master.m3u8",
        };
        let facts = json!({
            "manifest": format!("/media/{}/{manifest}", film.key),
            "tuned": self.tuned,
            "frameRate": film.frame_rate,
            "mime": film.muxed_mime,
            "patience": if self.unit == Unit::Chunks { 150_000 } else { 60_000 },
        });
        let is_module = matches!(self.player, Player::Ours | Player::Before);
        filled(include_str!("../pages/page.html"), &self.name(), &facts, library, (script, is_module))
    }
}

/// A contender's page: a template with its title, what its script is to know of the film, the tag of its library, and the script.
#[must_use]
pub fn filled(template: &str, title: &str, facts: &Value, library: &str, (script, is_module): (&str, bool)) -> String {
    template
        .replace("TITLE", title)
        .replace("FILM", &facts.to_string())
        .replace("LIBRARY", library)
        .replace("MODULE", if is_module { "type=\"module\"" } else { "" })
        .replace("SCRIPT", script)
}

/// Head of a page that loads the package as the documentation says; the others' libraries are named in the page, too.
const OURS: &str = "<link rel=\"modulepreload\" href=\"watchparty-player/index.js\">
<link rel=\"preload\" href=\"watchparty-player/engine_bg.wasm\" as=\"fetch\" crossorigin>
";

/// The same of the other build.
const BEFORE: &str = "<link rel=\"modulepreload\" href=\"before/index.js\">
<link rel=\"preload\" href=\"before/engine_bg.wasm\" as=\"fetch\" crossorigin>
";

/// The page's script for the other build.
pub(crate) fn before_script() -> String {
    include_str!("../pages/ours.js").replace("./watchparty-player/", "./before/")
}

/// The scripts of the pages.
pub(crate) const SCRIPTS: &[(&str, &str)] = &[
    ("measure.js", crate::MEASURE),
    ("trace.js", include_str!("../pages/trace.js")),
    ("ours.js", include_str!("../pages/ours.js")),
    ("barest.js", include_str!("../pages/barest.js")),
    ("plan.js", include_str!("../pages/plan.js")),
    ("hls.js", include_str!("../pages/hls.js")),
    ("shaka.js", include_str!("../pages/shaka.js")),
    ("dash.js", include_str!("../pages/dash.js")),
];

/// The peers' libraries, inside `node_modules`.
pub const LIBRARIES: &[&str] =
    &["hls.js/dist/hls.min.js", "shaka-player/dist/shaka-player.compiled.js", "dashjs/dist/modern/umd/dash.all.min.js"];
