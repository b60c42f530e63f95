//! A film that is watched while it goes up: it plays on past what was there when it began, on the same page.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use end_to_end::{Browser, Cut, Origin, Page, Recoded, Site, program, sample_film};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

/// Ends with the test.
struct Publishing(Child);

impl Drop for Publishing {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Publishes a cut into another directory, so slowly that the film plays meanwhile; back once a part of it can be watched.
async fn publish(cut: &Path, place: &Path) -> (Publishing, Value) {
    let url = url::Url::from_file_path(place).expect("a URL");
    let mut splitter = Command::new(program("splitter"));
    splitter.arg("publish").arg(cut).arg(url.as_str()).args(["--progressive", "--limit-rate", "250kB", "--quiet"]);
    let mut publishing = Publishing(splitter.stdin(Stdio::null()).spawn().expect("it starts"));
    loop {
        let manifest = std::fs::read(place.join("manifest.json")).ok();
        if let Some(manifest) = manifest.and_then(|json| serde_json::from_slice(&json).ok()) {
            return (publishing, manifest);
        }
        assert!(publishing.0.try_wait().expect("it can be asked").is_none(), "it has ended");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Up to which second the film is there that a manifest names a part of.
fn ready(first: &Value, cut: &Cut) -> f64 {
    let id = first["id"].as_str().expect("an id");
    let reach = id.strip_prefix(&*cut.document().id).and_then(|rest| rest.strip_prefix('r'));
    let reach = reach.unwrap_or_else(|| panic!("{id} names all of the film"));
    let ready = reach.parse::<f64>().expect("milliseconds") / 1e3;
    assert!(ready > 0.0, "{id}");
    ready
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_plays_on_past_what_was_there_when_it_began() {
    let film = sample_film();
    let cut = Cut::new(&film, Some("350kB")).expect("a cut");
    let place = tempfile::tempdir().expect("a directory");
    let origin = Origin::serve(place.path()).expect("an origin");
    let browser = Browser::start().await.expect("a browser");
    let (_publishing, first) = publish(cut.path(), place.path()).await;
    let ready = ready(&first, &cut);

    let page = Page::open(&browser, &origin).await.expect("a page");
    page.wait_until("document.getElementById('ready').textContent.startsWith('Ready up to 0:')", PATIENCE)
        .await
        .expect("how far it can be watched");
    page.run("window.same = true").await.expect("a mark");
    // What it was opened with is over by then.
    let past = ready + 4.0;
    page.wait_for_playhead(past).await.expect("more of the film");
    page.wait_until("document.getElementById('ready').hidden", PATIENCE).await.expect("all of it is there");
    let whole = format!("player.film?.id === {}", json!(cut.document().id));
    page.execute("player.seek(27)").await.expect("a seek");
    page.wait_until(&format!("{whole} && video.currentTime > 28"), PATIENCE).await.expect("the end of the film");
    assert_eq!(page.execute("window.same").await.expect("the mark"), json!(true), "the page was loaded again");

    let watch = page.watch().await.expect("notes");
    watch.assert_frames_right(&film);
    let shown = |from: f64, to: f64| watch.frames.iter().any(|frame| (from..to).contains(&frame.time));
    for half in 0..(past * 2.0) as u32 {
        let from = f64::from(half) / 2.0;
        assert!(shown(from, from + 0.5), "nothing was shown between {from} s and half a second later");
    }
    assert_eq!(watch.events("player", "error").count(), 0);
}

/// Makes the element of a page that has nothing but the package, and notes what it tells.
const ELEMENT: &str = "window.begin = async () => {
        document.body.replaceChildren();
        const { defineElement } = await import('/watchparty-player/element.js');
        defineElement();
        const element = window.element = document.createElement('watchparty-player');
        window.told = [];
        element.addEventListener('growth', ({ detail }) => told.push(detail));
        element.addEventListener('error', ({ detail }) => told.push(`${detail.code}: ${detail.message}`));
        Object.assign(element, { src: '/media/current/manifest.json', muted: true });
        document.body.append(element);
        await element.play();
        window.note = element.shadowRoot.querySelector('[part=ready]');
        const { player } = element;
        await player.showTextTrack(player.addTextTrack({ label: 'Mine', src: new Blob(['0:1 --> 0:25\\nI <3 you']) }));
        player.textTrackOffset = 0.5;
        player.playbackRate = 1.5;
        player.selectAudio(player.audioTracks[1].id);
    };";

/// Of the film, one in two languages.
const SECONDS: u32 = 16;

#[tokio::test(flavor = "multi_thread")]
async fn the_custom_element_waits_for_more_of_a_film_and_goes_on_as_the_viewer_has_set_it() {
    let recoded = Recoded::with_second_language_of(SECONDS, SECONDS).expect("a film");
    let film = &recoded.film;
    let cut = Cut::new(film, Some("350kB")).expect("a cut");
    let place = tempfile::tempdir().expect("a directory");
    let site = Site::example("minimal").expect("a site");
    let origin = Origin::serve_site(place.path(), site.path()).expect("an origin");
    let browser = Browser::start().await.expect("a browser");
    // It goes up no further for now.
    drop(publish(cut.path(), place.path()).await);
    let manifest = std::fs::read(place.path().join("manifest.json")).expect("a manifest");
    let ready = ready(&serde_json::from_slice(&manifest).expect("JSON"), &cut);

    let page = Page::open_url(&browser, &format!("{}/", origin.address()), &["window.watchparty = {};", ELEMENT])
        .await
        .expect("a page");
    page.execute_async("begin()").await.expect("an element that plays");
    page.watch_embedded().await.expect("a video");
    let says = format!("Ready up to 0:{:02}", ready as u32);
    page.wait_until("element.paused && told.at(-1)?.waiting", PATIENCE).await.expect("the end of what is there");
    let seen = "[note.textContent, note.getAttribute('role'), note.getAttribute('aria-live'), told.at(-1).text]";
    let waits = json!([format!("{says}. Waiting for more of the film…"), "status", "polite", says]);
    assert_eq!(page.execute(seen).await.expect("what it says"), waits);
    let told = page.execute("told.at(-1).readyUpTo").await.expect("how far it is there");
    assert_eq!(told.as_f64(), Some(ready));
    let at = page.execute("video.currentTime").await.expect("a time").as_f64().expect("a number");
    assert!((ready - 0.5..ready + 0.5).contains(&at), "it waits at {at} s, and {ready} s are there");

    let (_publishing, _) = publish(cut.path(), place.path()).await;
    page.wait_until("told.at(-1).readyUpTo === null && note.textContent === ''", PATIENCE).await.expect("all of it");
    page.execute("element.player.seek(13)").await.expect("a seek");
    page.wait_until("video.ended", PATIENCE).await.expect("the end of the film");
    let kept = "(({ player, playbackRate }) => [
            player.audioTracks.map(({ active }) => active),
            player.textTracks.map(({ label, active }) => [label, active]),
            player.textTrackOffset, playbackRate, player.film.id,
            told.filter((detail) => typeof detail === 'string'),
        ])(element)";
    let expected = json!([[false, true], [["Mine", true]], 0.5, 1.5, cut.document().id, []]);
    assert_eq!(page.execute(kept).await.expect("what is set"), expected);
    page.watch().await.expect("notes").assert_frames_right(film);
}
