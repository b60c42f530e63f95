//! Who plays, and the page that each has.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use player_bench::Built;
use serde_json::json;

use crate::film::Film;

/// Whose code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Player {
    Ours,
    Hls,
    Shaka,
    Dash,
}

/// A player with its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contender {
    player: Player,
    /// Whether its own documentation's best settings for this case are set, or its defaults.
    tuned: bool,
}

const fn with(player: Player, tuned: bool) -> Contender {
    Contender { player, tuned }
}

/// Everybody.
pub const ALL: &[Contender] = &[
    with(Player::Ours, false),
    with(Player::Hls, false),
    with(Player::Hls, true),
    with(Player::Shaka, false),
    with(Player::Shaka, true),
    with(Player::Dash, false),
    with(Player::Dash, true),
];

/// Each player once: enough to see that the harness works.
pub const SMOKE: &[Contender] =
    &[with(Player::Ours, false), with(Player::Hls, false), with(Player::Shaka, false), with(Player::Dash, false)];

/// What this project's player is called in results.
pub(crate) const OURS: &str = "watchparty-player";

/// The document that a page takes the film from, beside it.
const PLACE: &str = "cut";

impl Contender {
    /// For tables.
    #[must_use]
    pub fn name(&self) -> String {
        let player = match self.player {
            Player::Ours => OURS,
            Player::Hls => "hls.js",
            Player::Shaka => "shaka-player",
            Player::Dash => "dash.js",
        };
        format!("{player}{}", if self.tuned { ", tuned" } else { "" })
    }

    /// The page's file name for a film.
    pub(crate) fn page(&self, film: &Film) -> String {
        let words = self.name().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        format!("{}-{words}.html", film.key)
    }

    fn html(&self, film: &Film) -> String {
        let (script, library, manifest) = match self.player {
            Player::Ours => ("ours.js", "", "manifest.json"),
            Player::Hls => ("hls.js", "<script src=\"hls.min.js\"></script>\n", "master.m3u8"),
            Player::Shaka => ("shaka.js", "<script src=\"shaka-player.compiled.js\"></script>\n", "manifest.mpd"),
            Player::Dash => ("dash.js", "<script src=\"dash.all.min.js\"></script>\n", "manifest.mpd"),
        };
        let facts = json!({
            "manifest": format!("/media/{}/{PLACE}/{manifest}", film.key),
            "tuned": self.tuned,
            "frameRate": 24,
            "marks": film.marks,
            "size": film.size,
            "patience": 120_000,
        });
        let is_module = self.player == Player::Ours;
        player_bench::filled(include_str!("../pages/page.html"), &self.name(), &facts, library, (script, is_module))
    }
}

const SCRIPTS: &[(&str, &str)] = &[
    ("measure.js", player_bench::MEASURE),
    ("frames.js", include_str!("../pages/frames.js")),
    ("ours.js", include_str!("../pages/ours.js")),
    ("hls.js", include_str!("../pages/hls.js")),
    ("shaka.js", include_str!("../pages/shaka.js")),
    ("dash.js", include_str!("../pages/dash.js")),
];

/// Puts the libraries where the server looks.
pub(crate) fn furnish(root: &Path, built: &Built) -> Result<()> {
    let package = root.join(OURS);
    fs::create_dir_all(&package).with_context(|| format!("cannot make {}", package.display()))?;
    let files = fs::read_dir(&built.package).with_context(|| format!("cannot read {}", built.package.display()))?;
    for file in files {
        let path = file?.path();
        if path.extension().is_some_and(|ending| ending == "js" || ending == "wasm") {
            copy(&path, &package)?;
        }
    }
    for file in player_bench::LIBRARIES {
        copy(&built.npm.join(file), root)?;
    }
    Ok(())
}

fn copy(from: &Path, directory: &Path) -> Result<()> {
    let name = from.file_name().expect("a file has a name");
    fs::copy(from, directory.join(name)).with_context(|| format!("cannot copy {}", from.display())).map(drop)
}

/// Writes the pages that are asked for.
pub(crate) fn pages<'a>(root: &Path, wanted: impl Iterator<Item = (&'a Contender, &'a Film)>) -> Result<()> {
    for (name, text) in SCRIPTS {
        fs::write(root.join(name), text)?;
    }
    let mut known = BTreeSet::new();
    for (contender, film) in wanted {
        if known.insert(contender.page(film)) {
            fs::write(root.join(contender.page(film)), contender.html(film))?;
        }
    }
    player_bench::compress(root)
}
