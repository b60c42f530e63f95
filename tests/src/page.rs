//! The page under test, driven through what it offers to any page that embeds the player: `window.watchparty`.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use fantoccini::Client;
use serde_json::{Value, json};
use test_film::{Film, cells};

use crate::{Browser, Event, Frame, Kind, Origin, Watch};

const RECORDER: &str = include_str!("recorder.js");

/// The longest wait for what should take a page a moment. It only keeps a broken test from waiting for ever.
const PATIENCE: Duration = Duration::from_secs(60);

/// A page that nobody sees.
#[derive(Debug)]
pub struct Hidden {
    here: fantoccini::wd::WindowHandle,
}

/// A page that has been opened.
#[derive(Debug)]
pub struct Page<'a> {
    client: &'a Client,
    kind: Kind,
}

impl Browser {
    /// Has every document that is opened from now on, those of frames among them, note what its `window.watchparty` shows.
    ///
    /// # Errors
    /// When the browser refuses.
    pub(crate) async fn record(&self) -> Result<()> {
        let layout = json!({ "cells": cells::COUNT, "share": cells::WIDTH_SHARE });
        self.run_first(&format!("({})({layout});", RECORDER.trim_end())).await
    }
}

impl<'a> Page<'a> {
    /// Opens the page on `origin`'s `/media/current/manifest.json`; it plays at once, muted.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn open(browser: &'a Browser, origin: &Origin) -> Result<Self> {
        Self::open_at(browser, origin.address(), "").await
    }

    /// Opens it to be listened to: see [`Watch::pitches`].
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn open_with_ears(browser: &'a Browser, origin: &Origin) -> Result<Self> {
        let url = format!("{}/?src=/media/current/manifest.json", origin.address());
        Self::open_url(browser, &url, &["record.hasEars = true;"]).await
    }

    /// Opens it with a player that keeps only `seconds` buffered on either side of the playhead.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn open_short_of_buffer(browser: &'a Browser, origin: &Origin, seconds: f64) -> Result<Self> {
        let options = format!("&ahead={seconds}&behind={seconds}");
        Self::open_at(browser, origin.address(), &options).await
    }

    /// Opens the page that another server has at `address`, with further `options` in its own notation.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn open_at(browser: &'a Browser, address: &str, options: &str) -> Result<Self> {
        let url = format!("{address}/?src=/media/current/manifest.json{options}");
        Self::open_url(browser, &url, &[]).await
    }

    /// Opens any page, after `scripts` have run in it. One that does not offer its player as `window.watchparty` is
    /// watched from [`Self::watch_embedded`] on.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn open_url(browser: &'a Browser, url: &str, scripts: &[&str]) -> Result<Self> {
        let client = &browser.client;
        browser.record().await?;
        for script in scripts {
            browser.run_first(script).await?;
        }
        client.goto(url).await.context("cannot open the page")?;
        Ok(Self::shown_by(browser))
    }

    /// The page that a browser shows now.
    pub(crate) fn shown_by(browser: &'a Browser) -> Self {
        Self { client: &browser.client, kind: browser.kind }
    }

    /// Opens any page and leaves it to itself: nothing looks at its frames.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn open_unwatched(browser: &'a Browser, url: &str) -> Result<Self> {
        browser.client.goto(url).await.context("cannot open the page")?;
        Ok(Self::shown_by(browser))
    }

    /// Waits until the page's first video has got to `seconds`, asking seldom.
    ///
    /// # Errors
    /// When it gets stuck.
    pub async fn wait_for_video(&self, seconds: f64) -> Result<()> {
        let deadline = Instant::now() + PATIENCE + Duration::from_secs_f64(seconds);
        let script = "return document.querySelector('video')?.currentTime ?? 0";
        loop {
            let at = self.client.execute(script, vec![]).await?.as_f64().unwrap_or_default();
            if at >= seconds {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "the video is still at {at} s, not at {seconds} s");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Looks at the page's first video from now on, wherever in the page it is.
    ///
    /// # Errors
    /// When there is none.
    pub async fn watch_embedded(&self) -> Result<()> {
        let script = "const hosts = [document, ...[...document.querySelectorAll('*')].map((node) => node.shadowRoot)];
            const video = hosts.map((host) => host?.querySelector('video')).find(Boolean);
            window.watchparty = { video, player: new EventTarget() };";
        self.client.execute(script, vec![]).await.context("the page has no video").map(drop)
    }

    /// Waits until a JavaScript expression is true; `video`, `player` and `record` are at its disposal.
    ///
    /// # Errors
    /// When it has not become true within `limit`, with what the page noted until then.
    pub async fn wait_until(&self, expression: &str, limit: Duration) -> Result<()> {
        let deadline = Instant::now() + limit;
        let script = format!(
            "if (!window.watchparty) return false; const {{ video, player }} = window.watchparty; return !!({expression});"
        );
        while self.client.execute(&script, vec![]).await? != json!(true) {
            if Instant::now() > deadline {
                let seen = self.client.execute(SUMMARY, vec![]).await?;
                bail!("`{expression}` is still not so after {} s: {seen}", limit.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Waits until playback has got to `seconds`.
    ///
    /// # Errors
    /// When it gets stuck.
    pub async fn wait_for_playhead(&self, seconds: f64) -> Result<()> {
        let limit = PATIENCE + Duration::from_secs_f64(seconds);
        self.wait_until(&format!("video.currentTime >= {seconds} || video.ended"), limit).await
    }

    /// Waits until the film has ended and its last frame stands there.
    ///
    /// # Errors
    /// When it gets stuck, or another frame stands there.
    pub async fn wait_for_end(&self, film: &Film) -> Result<()> {
        self.wait_until("video.ended", PATIENCE + Duration::from_secs(film.seconds.into())).await?;
        let last = film.start + f64::from(film.seconds) - 0.5 / f64::from(film.frame_rate);
        let deadline = Instant::now() + PATIENCE;
        loop {
            // There may be no picture to be read just then.
            let shown = self.execute("record.read()").await.ok();
            let shown = shown.and_then(|frame| serde_json::from_value::<Option<Frame>>(frame).ok().flatten());
            if shown.as_ref().is_some_and(|frame| frame.covers(film, last)) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "the film ends with {shown:?}, not with the frame of {last} s");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Seeks, and answers with the frame shown for that time.
    ///
    /// # Errors
    /// When no frame comes.
    pub async fn seek(&self, film: &Film, seconds: f64) -> Result<Frame> {
        let script = "const done = arguments[arguments.length - 1];
            record.seek(arguments[0], arguments[1], arguments[2]).then(done);";
        let frame_length = 1.0 / f64::from(film.frame_rate);
        let limit = u64::try_from(PATIENCE.as_millis()).expect("a minute");
        let arguments = vec![json!(seconds), json!(frame_length), json!(limit)];
        let mut answer = self.client.execute_async(script, arguments).await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let frame: Option<Frame> = serde_json::from_value(answer)?;
            let Some(frame) = frame else {
                let seen = self.client.execute(SUMMARY, vec![]).await?;
                bail!("no frame after the seek to {seconds} s: {seen}");
            };
            // In WebKitGTK the time of a picture is the playhead's, and does not tell that the picture has come.
            if self.kind != Kind::WebKit || frame.covers(film, seconds) || Instant::now() > deadline {
                return Ok(frame);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            answer = self.client.execute("return record.read()", vec![]).await?;
        }
    }

    /// The value of a JavaScript expression; `video`, `player` and `record` are at its disposal.
    ///
    /// # Errors
    /// When it throws.
    pub async fn execute(&self, expression: &str) -> Result<Value> {
        let script = format!("const {{ video, player }} = window.watchparty; return {expression};");
        Ok(self.client.execute(&script, vec![]).await?)
    }

    /// Clicks on the element that a CSS selector finds, as a person would.
    ///
    /// # Errors
    /// When there is none, or something lies in front of it.
    pub async fn click(&self, selector: &str) -> Result<()> {
        Ok(self.client.find(fantoccini::Locator::Css(selector)).await?.click().await?)
    }

    /// Runs a script, which may declare things for later ones.
    ///
    /// # Errors
    /// When it throws.
    pub async fn run(&self, script: &str) -> Result<()> {
        // In WebKit a page's policy on scripts counts for what the driver's scripts evaluate, but not for these themselves.
        let run = match self.kind {
            Kind::WebKit => self.client.execute(script, vec![]).await,
            Kind::Chromium | Kind::Firefox => {
                self.client.execute("(0, eval)(arguments[0]);", vec![json!(script)]).await
            }
        };
        run.context("a script failed").map(drop)
    }

    /// What the promise resolves to that is the value of a JavaScript expression; `video`, `player` and `record` are at
    /// its disposal.
    ///
    /// # Errors
    /// When it rejects.
    pub async fn execute_async(&self, expression: &str) -> Result<Value> {
        let script = format!(
            "const done = arguments[arguments.length - 1]; const {{ video, player }} = window.watchparty;
            Promise.resolve({expression}).then((value) => done({{ value }}), (error) => done({{ error: String(error) }}));"
        );
        let answer = self.client.execute_async(&script, vec![]).await?;
        ensure!(answer.get("error").is_none(), "{expression}: {}", answer["error"]);
        Ok(answer["value"].clone())
    }

    /// Hides the page: behind another tab, or, of WebKitGTK, whose driver brings no tab to the front, by its window's going away.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn hide(&self) -> Result<Hidden> {
        if self.kind != Kind::WebKit {
            return self.leave().await;
        }
        let here = self.client.window().await?;
        self.client.minimize_window().await?;
        Ok(Hidden { here })
    }

    /// Goes to another tab, a new one.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn leave(&self) -> Result<Hidden> {
        let here = self.client.window().await?;
        let other = self.client.new_window(true).await?.handle;
        self.client.switch_to_window(other).await?;
        Ok(Hidden { here })
    }

    /// Goes to the other tab, and leaves the one in front as it is.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn switch(&self, hidden: Hidden) -> Result<Hidden> {
        let here = self.client.window().await?;
        self.client.switch_to_window(hidden.here).await?;
        Ok(Hidden { here })
    }

    /// Shows a page again that was hidden.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn show(&self, hidden: Hidden) -> Result<()> {
        if self.kind != Kind::WebKit {
            return self.close(hidden).await;
        }
        Browser::settle(self.client).await
    }

    /// Closes the page's tab, and goes to the other one.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn close(&self, other: Hidden) -> Result<()> {
        self.client.close_window().await?;
        Ok(self.client.switch_to_window(other.here).await?)
    }

    /// Whether `[from, to]` seconds are buffered.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn is_buffered(&self, seconds: f64) -> Result<bool> {
        let expression = format!(
            "[...Array(video.buffered.length).keys()]
             .some((n) => video.buffered.start(n) <= {seconds} && {seconds} < video.buffered.end(n))"
        );
        Ok(self.execute(&expression).await? == json!(true))
    }

    /// Waits until the player has failed, and gives what it said.
    ///
    /// # Errors
    /// When it does not fail.
    pub async fn failure(&self) -> Result<Event> {
        let failed = "record.events.some((event) => event.source === 'player' && event.kind === 'error')";
        self.wait_until(failed, PATIENCE).await?;
        let failure = self.watch().await?.events("player", "error").next().cloned();
        failure.context("it was just there")
    }

    /// What has been noted so far.
    ///
    /// # Errors
    /// When the page was never attached.
    pub async fn watch(&self) -> Result<Watch> {
        let watch = self.client.execute(WATCH, vec![]).await?;
        serde_json::from_value(watch).context("the recorder's notes are incomplete")
    }
}

const WATCH: &str = "
    const { frames, events, pitches, ranges } = record;
    const { buffered, played, currentTime, duration } = watchparty.video;
    const pairs = (ranges) => [...Array(ranges.length).keys()].map((n) => [ranges.start(n), ranges.end(n)]);
    return { frames, events, pitches, ranges, buffered: pairs(buffered), played: pairs(played), currentTime, duration };";

const SUMMARY: &str = "
    const video = window.watchparty?.video;
    return {
      attached: !!window.watchparty,
      text: document.body?.innerText?.slice(0, 400),
      at: video?.currentTime, ready: video?.readyState, duration: video?.duration, error: video?.error?.message,
      buffered: video && [...Array(video.buffered.length).keys()].map((n) => [video.buffered.start(n), video.buffered.end(n)]),
      frames: record.frames.length,
      events: record.events.slice(-12),
    };";
