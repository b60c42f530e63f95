//! A film that plays in a tab that nobody looks at. Browsers let the timers of such a page ring ever more seldom: Chromium once a minute,
//! where it makes no sound.

use std::{fmt, time::Duration};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use test_film::Film;

use crate::{Browser, Cut, Kind, Origin, Page};

/// Notes when the page is hidden and shown and where the film is then, and when a timer rings that is to ring each second.
const NOTES: &str = "const { player, video } = window.watchparty;
    const unseen = (window.unseen = { turns: [], rings: [], halts: [] });
    video.muted = true;
    document.addEventListener('visibilitychange', () => unseen.turns.push([performance.now() / 1e3, video.currentTime]));
    setInterval(() => document.hidden && unseen.rings.push(performance.now() / 1e3), 1_000);
    player.addEventListener('stalled', ({ detail }) => unseen.halts.push([video.currentTime, JSON.stringify(detail)]));
    player.addEventListener('error', ({ detail }) => unseen.halts.push([video.currentTime, detail.message]));";

/// Film that is looked at before and behind, in seconds.
const SEEN: f64 = 3.0;

/// By how much the film may have gone on for less than the tab was hidden, in seconds: the events that tell of both are told one after
/// the other.
const BEHIND: f64 = 1.0;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unseen {
    /// For how many seconds the tab was hidden.
    pub hidden: f64,
    /// By how many the film went on.
    pub film: f64,
    /// How often the timer rang meanwhile.
    pub rings: usize,
    /// The longest that it did not, in seconds.
    pub silence: f64,
    /// Pictures that were seen before and behind, each of them right.
    pub pictures: usize,
}

#[derive(Deserialize)]
struct Noted {
    turns: Vec<(f64, f64)>,
    rings: Vec<f64>,
    halts: Vec<(f64, String)>,
}

/// Hides a muted tab for so long while `film` plays in it, and looks at it again.
///
/// # Errors
/// When the film has halted, or not gone on for as long, or a picture is another than is due.
pub async fn unseen(kind: Kind, film: &Film, time: Duration) -> Result<Unseen> {
    let room = f64::from(film.seconds) - 4.0 * SEEN;
    ensure!(time.as_secs_f64() <= room, "the film is over by then: {:.0} minutes at most", (room / 60.0).floor());
    let cut = Cut::with_options(film, &["--quiet"])?;
    let origin = Origin::serve(cut.path())?;
    let browser = Browser::start_as(kind).await?;
    let page = Page::open(&browser, &origin).await?;
    page.wait_for_playhead(SEEN).await?;
    page.run(NOTES).await?;
    let hidden = page.hide().await?;
    tokio::time::sleep(time).await;
    page.show(hidden).await?;
    let until = page.execute("video.currentTime").await?.as_f64().context("no time")? + SEEN;
    page.wait_for_playhead(until).await?;
    let noted: Noted = serde_json::from_value(page.execute("unseen").await?)?;
    ensure!(noted.halts.is_empty(), "the film has halted: {:?}", noted.halts);
    let [(left, before), (back, behind)] = noted.turns[..] else {
        anyhow::bail!("the tab was to be hidden once: {:?}", noted.turns)
    };
    let watch = page.watch().await?;
    let wrong: Vec<_> = watch.frames.iter().filter_map(|frame| frame.fault(film, kind)).collect();
    ensure!(wrong.is_empty(), "{} of {} pictures are wrong: {}", wrong.len(), watch.frames.len(), wrong[0]);
    ensure!(watch.frames.iter().any(|frame| frame.time > behind), "no picture was seen behind {behind} s");
    let (hidden, film) = (back - left, behind - before);
    ensure!((film - hidden).abs() <= BEHIND, "hidden for {hidden:.1} s, the film went on by {film:.1} s");
    let all = [&[left], &noted.rings[..], &[back]].concat();
    let silence = all.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
    Ok(Unseen { hidden, film, rings: noted.rings.len(), silence, pictures: watch.frames.len() })
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hidden, film, rings, silence, pictures } = self;
        write!(
            f,
            "hidden for {hidden:.1} s, the film went on by {film:.1} s without a halt; {pictures} pictures were seen, all right. A timer that \
             asked for each second rang {rings} times, {silence:.1} s apart at most"
        )
    }
}
