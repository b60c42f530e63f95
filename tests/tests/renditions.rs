//! A film of two renditions: which one plays, that nobody sees how it changes, and that no frame is missing.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};
use end_to_end::{Browser, Cut, Fate, Origin, Page, Proxy, Watch, sample_film};
use serde_json::json;
use test_film::Film;

const SOON: Duration = Duration::from_secs(60);

/// Of the film.
const SECONDS: u32 = 12;
/// Of its link where that is slow, in bits a second: less than half of the upper rendition's, three times the lower one's.
const SLOW: u32 = 600_000;
/// Of a manifest's link, in bits a second: the page has long been started when it has come.
const CRAWL: u32 = 10_000;
/// The seconds of the film over which the link is slow.
const SLOWLY: std::ops::Range<usize> = 2..6;

/// How many pictures a busy machine drops is no matter of these tests.
const DROPS_NONE: &str = "HTMLVideoElement.prototype.getVideoPlaybackQuality =
    () => ({ droppedVideoFrames: 0, totalVideoFrames: 0 });";

/// Nor is how long it takes to read a manifest.
const KNOWS_NO_LINK: &str = "performance.getEntries = () => [];";

/// Notes what is told of renditions and shown of them, from the page's first moment on. It may run twice in a window.
const NOTES: &str = "if (!window.told) addEventListener('DOMContentLoaded', function listen() {
        if (!window.watchparty) return void setTimeout(listen);
        const { player, video } = window.watchparty;
        player.addEventListener('rendition', ({ detail }) => told.push(detail));
        if (window.wanted !== undefined) player.rendition = wanted;
        video.addEventListener('resize', () => shown.push(video.videoHeight));
    });
    window.told ??= [];
    window.shown ??= [];";

/// The first seconds of the sample film in 360 lines, at so constant a rate that 600 kbit/s are never enough for it and that it is the
/// default (at most 1.6 Mbit/s), and a keyframe in every second.
fn film(directory: &Path) -> Result<Film> {
    let sample = sample_film();
    let path = directory.join("film.mp4");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-hide_banner", "-nostdin", "-loglevel", "error", "-i"]).arg(&sample.path);
    ffmpeg.args(["-t", &SECONDS.to_string(), "-c:a", "copy", "-vf", "scale=640:360", "-c:v", "libx264"]);
    let group = sample.frame_rate.to_string();
    ffmpeg.args(["-preset", "ultrafast", "-g", &group, "-keyint_min", &group, "-sc_threshold", "0", "-b:v", "1500k"]);
    ffmpeg.args(["-minrate", "1500k", "-maxrate", "1500k", "-bufsize", "750k", "-x264-params", "nal-hrd=cbr"]);
    let status = ffmpeg.arg(&path).status().context("cannot start ffmpeg")?;
    ensure!(status.success(), "{ffmpeg:?} failed ({status})");
    Ok(Film { path, seconds: SECONDS, ..sample })
}

/// Says of a request's head whether it is for pictures over which the link is slow.
fn is_slow(cut: &Cut) -> impl Fn(&[String]) -> bool + Send + Sync + use<> {
    let of_stream = |stream: &manifest::StreamEntry| {
        let chunk = &stream.chunks[0];
        let groups = &chunk.groups.bytes;
        let before = chunk.bytes - groups.iter().sum::<u64>();
        let start = |group: usize| before + groups[..group].iter().sum::<u64>();
        (chunk.url.clone(), start(SLOWLY.start)..start(SLOWLY.end))
    };
    let slow: Vec<_> = cut.document().streams.iter().filter(|stream| stream.set.is_some()).map(of_stream).collect();
    move |head| {
        let range =
            head.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix("range: bytes=").map(str::to_owned));
        let first = range.and_then(|range| range.split('-').next()?.parse().ok()).unwrap_or(0_u64);
        slow.iter().any(|(url, bytes)| head[0].contains(url.as_str()) && bytes.contains(&first))
    }
}

/// Panics unless every frame is the right one, and in order.
fn assert_whole(watch: &Watch, film: &Film) {
    watch.assert_without_holes();
    watch.assert_frames_right(film);
    watch.assert_in_order(film);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_of_two_renditions_follows_its_link_and_what_is_wanted_and_every_second_is_shown() {
    let directory = tempfile::TempDir::new().expect("a directory");
    let film = film(directory.path()).expect("a film");
    let cut = Cut::with_options(&film, &["--ladder", "180p"]).expect("a cut with a lower rung");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    begins_low_where_its_manifest_came_slowly(&browser, &origin).await;
    follows_its_link(&browser, &origin, &cut, &film).await;
    follows_what_is_wanted(&browser, &origin, &film).await;
}

/// How long a manifest takes is known before the first picture is asked for: a link that is too slow for the default begins below it.
async fn begins_low_where_its_manifest_came_slowly(browser: &Browser, origin: &Origin) {
    let is_manifest = |head: &[String]| head[0].contains("manifest.json");
    let link = Proxy::ruled(origin, move |head| if is_manifest(head) { Fate::Slowly(CRAWL) } else { Fate::Pass });
    let url = format!("{}/?src=/media/current/manifest.json", link.expect("a link").address());
    let page = Page::open_url(browser, &url, &[DROPS_NONE, NOTES]).await.expect("page");
    page.wait_until("player.renditions?.length === 2 && video.videoHeight === 360", SOON).await.expect("it goes up");
    let first = page.execute("[shown[0], player.renditionAt(0), told[0].from, told[0].to]").await;
    assert_eq!(first.expect("what was shown"), json!([180, 1, 1, 0]));
}

/// Over a link that slows down it goes down, and up again.
async fn follows_its_link(browser: &Browser, origin: &Origin, cut: &Cut, film: &Film) {
    let is_slow = is_slow(cut);
    let link = Proxy::ruled(origin, move |head| if is_slow(head) { Fate::Slowly(SLOW) } else { Fate::Pass });
    let link = link.expect("a link");
    let url = format!("{}/?src=/media/current/manifest.json&ahead=6", link.address());
    let page = Page::open_url(browser, &url, &[DROPS_NONE, KNOWS_NO_LINK, NOTES]).await.expect("page");
    page.wait_for_end(film).await.expect("the end");

    let told = page.execute("told").await.expect("what was told");
    let changes = told.as_array().expect("a list");
    let up =
        |change: &&serde_json::Value| change["from"] == 1 && change["to"] == 0 && change["at"].as_f64() >= Some(6.0);
    assert!(changes[0]["from"] == 0 && changes[0]["to"] == 1 && changes[0]["at"].as_f64() <= Some(4.0), "{told:#}");
    assert_eq!(
        changes.iter().find(up).expect("a change back")["why"],
        "the link carries more than the one before takes"
    );
    let slowly = page.execute("[player.renditionAt(5), player.renditionStats.seconds[1] > 1]").await;
    assert_eq!(slowly.expect("renditions"), json!([1, true]), "{told:#}");
    let shown = page.execute("shown").await.expect("heights");
    let shown: Vec<_> = shown.as_array().expect("a list").iter().skip_while(|height| **height != 180).collect();
    assert!(shown.len() > 1 && shown.contains(&&json!(360)), "{shown:?}, {told:#}");

    // The panel says why, and shows the heights.
    page.execute("void (document.getElementById('flow').open = true)").await.expect("the panel");
    page.wait_until("document.getElementById('flow-strip').ariaLabel?.includes('video in 180p and 360p: ')", SOON)
        .await
        .expect("a strip of two heights");
    let facts = r"/Rendition360p \(number 0\): .+Renditions shown180p \d+ s, 360p \d+ s; \d+ changes/";
    let says = page.execute(&format!("{facts}.test(document.getElementById('flow-facts').textContent)")).await;
    assert_eq!(says.expect("facts"), json!(true));
    let first = "[...document.querySelectorAll('#flow-events li')].some((item) => /on rendition 1, after 0: .+; not the next: /.test(item.textContent))";
    assert_eq!(page.execute(first).await.expect("what was told"), json!(true));

    let watch = page.watch().await.expect("notes");
    assert_whole(&watch, film);
    watch.assert_spans(film);
    for second in 1..SECONDS {
        watch.assert_shown_around(f64::from(second));
    }
}

/// A rendition that is wanted takes over without a halt, and the menu says so.
async fn follows_what_is_wanted(browser: &Browser, origin: &Origin, film: &Film) {
    let url = format!("{}/?src=/media/current/manifest.json&ahead=2", origin.address());
    let scripts = [DROPS_NONE, KNOWS_NO_LINK, "window.wanted = 0;", NOTES];
    let page = Page::open_url(browser, &url, &scripts).await.expect("page");
    page.wait_until("player.renditions?.length === 2", SOON).await.expect("what chooses is fetched");
    let known = page.execute("player.renditions.map(({ id, height }) => [id, height])").await.expect("renditions");
    assert_eq!(known, json!([[1, 180], [0, 360]]));

    // There and back, as a page and as a viewer would, while nothing halts.
    page.execute("void (player.rendition = 1)").await.expect("the lower one");
    page.wait_until("video.videoHeight === 180", SOON).await.expect("the lower one is shown");
    page.run("{ const menu = document.getElementById('quality'); menu.value = '0'; menu.dispatchEvent(new Event('change')); }")
        .await
        .expect("the higher one is chosen in the menu");
    page.wait_until("video.videoHeight === 360", SOON).await.expect("the higher one is shown");
    let menu = page.execute("[document.getElementById('quality').hidden, document.getElementById('quality').value]");
    assert_eq!(menu.await.expect("the menu"), json!([false, "0"]));
    let told = page.execute("told.map(({ from, to, why }) => [from, to, why])").await.expect("what was told");
    assert_eq!(told, json!([[0, 1, "it is wanted"], [1, 0, "it is wanted"]]));
    let refused =
        page.execute("(() => { try { player.rendition = 7; } catch (error) { return error.name; } })()").await;
    assert_eq!(refused.expect("an answer"), json!("RangeError"));
    // A limit counts for what is left to the rules.
    page.execute("void ([player.rendition, player.maxHeight] = ['auto', 200])").await.expect("a limit");
    page.wait_until("told.length > 2", SOON).await.expect("the lower one is chosen");
    let last = page.execute("[told[2].from, told[2].to, player.rendition, player.maxHeight]").await.expect("the last");
    assert_eq!(last, json!([0, 1, "auto", 200]));

    let seconds = page.execute("Object.values(player.renditionStats.seconds).every((seconds) => seconds > 0)").await;
    assert_eq!(seconds.expect("statistics of renditions"), json!(true));
    assert_whole(&page.watch().await.expect("notes"), film);
}
