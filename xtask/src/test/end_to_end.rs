//! The end-to-end tests in one browser.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::steps;
use crate::{setup, toolchain::Toolchain, workspace};

/// A part of the names of tests, and why they are not run in a browser.
pub(super) type LeftOut = (&'static str, &'static str);

/// Those that Chromium alone runs.
const CHROMIUM_ONLY: &[LeftOut] = &[
    ("js_plays_it", "another player plays this project's playlists, which is not about the browser"),
    ("shaka_player_plays_it", "another player, likewise"),
    ("all_of_them_switch_between_rungs", "other players, likewise"),
    ("ffplay_plays_it", "another player, likewise"),
    ("every_contender", "a benchmark, which chooses its browsers itself"),
    ("two_windows_are_measured", "a benchmark, likewise"),
    ("under_node_alone", "it needs no browser"),
    ("what_a_network_does", "`cargo xtask faults --browser` plays networks that fail by script in other browsers"),
];

/// Those that WebKitGTK alone runs.
const WEBKIT_ONLY: &[LeftOut] =
    &[("webkit_", "it looks at WebKit's own ManagedMediaSource, which no other browser has")];

/// Parts of the names of tests that CI runs in WebKitGTK: those that tell most. `--browser webkit` runs all.
pub(super) const TELLING: &[&str] = &[
    "it_plays_across_every_border_to_the_end",
    "a_listener_that_acts_has_the_last_word_on_the_state",
    "what_people_bring_is_shown_as_it_is_written",
    "webkit_drops_what_has_been_shown",
    "webkit_need_not_want_data",
    "webkit_opens_a_managed_source",
    "webkit_shows_what_is_sought",
];

/// A browser for the end-to-end tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Browser {
    Chromium,
    Firefox,
    WebKit,
}

impl Browser {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Chromium, Self::Firefox, Self::WebKit].into_iter().find(|browser| browser.name() == name)
    }

    /// As `WATCHPARTY_BROWSER` has it.
    const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// Tests that are not run in it.
    pub(super) fn left_out(self) -> impl Iterator<Item = LeftOut> {
        let (one, other) = match self {
            Self::Chromium => (WEBKIT_ONLY, &[][..]),
            Self::Firefox => (CHROMIUM_ONLY, WEBKIT_ONLY),
            Self::WebKit => (CHROMIUM_ONLY, &[][..]),
        };
        one.iter().chain(other).copied()
    }
}

/// What the end-to-end tests are started with.
pub(super) struct EndToEnd {
    pub(super) chromium: PathBuf,
    pub(super) chromedriver: PathBuf,
    firefox: PathBuf,
    /// WebKitGTK is for Linux alone.
    pub(super) webkit: Option<PathBuf>,
    toolchain: Option<&'static str>,
}

impl EndToEnd {
    pub(super) fn find(toolchain: Toolchain) -> Result<Self> {
        Ok(Self {
            chromium: setup::browser().context("Chromium is missing after the set-up")?,
            chromedriver: setup::driver().context("chromedriver is missing after the set-up")?,
            firefox: setup::firefox().context("Firefox is missing after the set-up")?,
            webkit: setup::webkit_driver(),
            toolchain: toolchain.name(),
        })
    }

    /// All tests that are for that browser, or those of them that have one of these in their names.
    pub(super) fn in_browser(&self, browser: Browser, chosen: &[&str]) -> Command {
        let mut command =
            steps::cargo("test --locked --package end-to-end --no-fail-fast -- --test-threads=1 --nocapture");
        command.args(chosen).args(browser.left_out().flat_map(|(test, _)| ["--skip", test]));
        command.env("WATCHPARTY_BROWSER", browser.name()).env("WATCHPARTY_SITE", workspace::site());
        command.env("WATCHPARTY_PROGRAMS", workspace::target().join("release")).env(steps::CUTS, steps::cuts());
        command.env("CHROME", &self.chromium).env("CHROMEDRIVER", &self.chromedriver).env("FIREFOX", &self.firefox);
        if let Some(driver) = &self.webkit {
            command.env("WEBKITDRIVER", driver);
        }
        if let Some(name) = self.toolchain {
            command.env("WATCHPARTY_WASM_TOOLCHAIN", name);
        }
        command
    }
}
