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

/// Publishes a cut into another directory, so slowly that the film plays meanwhile; back once a part of it can be watched that is
/// another than `known`.
async fn publish(cut: &Path, place: &Path, known: &Value) -> (Publishing, Value) {
    let url = url::Url::from_file_path(place).expect("a URL");
    let mut splitter = Command::new(program("splitter"));
    splitter.arg("publish").arg(cut).arg(url.as_str()).args(["--progressive", "--limit-rate", "250kB", "--quiet"]);
    let mut publishing = Publishing(splitter.stdin(Stdio::null()).spawn().expect("it starts"));
    loop {
        let manifest = std::fs::read(place.join("manifest.json")).ok();
        let manifest = manifest.and_then(|json| serde_json::from_slice::<Value>(&json).ok());
        if let Some(manifest) = manifest.filter(|manifest| manifest["id"] != known["id"]) {
            return (publishing, manifest);
        }
        assert!(publishing.0.try_wait().expect("it can be asked").is_none(), "it has ended");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Up to which second the film is there that a manifest names a part of, which is less than `most`.
fn ready(manifest: &Value, cut: &Cut, most: f64) -> f64 {
    let id = manifest["id"].as_str().expect("an id");
    let reach = id.strip_prefix(&*cut.document().id).and_then(|rest| rest.strip_prefix('r'));
    let reach = reach.unwrap_or_else(|| panic!("{id} names all of the film"));
    let ready = reach.parse::<f64>().expect("milliseconds") / 1e3;
    assert!(ready > 0.0 && ready < most, "{id} reaches beyond {most} s");
    ready
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_plays_on_past_what_was_there_when_it_began() {
    let film = sample_film();
    let cut = Cut::new(&film, Some("350kB")).expect("a cut");
    let place = tempfile::tempdir().expect("a directory");
    let origin = Origin::serve(place.path()).expect("an origin");
    let browser = Browser::start().await.expect("a browser");
    let (_publishing, first) = publish(cut.path(), place.path(), &Value::Null).await;
    let ready = ready(&first, &cut, 20.0);

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

/// Makes the element of a page that has nothing but the package, loads the film from another address than the element's, and notes
/// what is told.
const ELEMENT: &str = "window.begin = async () => {
        document.body.replaceChildren();
        const { defineElement } = await import('/watchparty-player/element.js');
        defineElement();
        const element = window.element = document.createElement('watchparty-player');
        window.told = [];
        window.isBroken = false;
        element.addEventListener('growth', ({ detail }) => told.push(detail));
        element.addEventListener('error', ({ detail }) => told.push(detail.code));
        element.options = { request: (request, { kind }) => (kind === 'manifest' && isBroken ? new Request('/') : request) };
        Object.assign(element, { src: '/media/current/manifest.json', muted: true });
        document.body.append(element);
        await element.play();
        window.note = element.shadowRoot.querySelector('[part=ready]');
        const { player } = element;
        await player.load('/media/current/manifest.json?other');
        window.asked = () => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/manifest.json')).length;
        window.before = asked();
        const mine = player.addTextTrack({ label: 'Mine', src: new Blob(['0:1 --> 0:25\\nI <3 you']) });
        await Promise.all([player.showTextTrack(mine), player.play()]);
        player.textTrackOffset = 0.5;
        player.playbackRate = 1.5;
        player.selectAudio(player.audioTracks[1].id);
    };";

/// Of the film, one in two languages.
const SECONDS: u32 = 16;

/// Where the films of these tests are sought to: more than is there when they begin.
const BEYOND: f64 = 13.0;

const WAITS: &str = "element.paused && told.at(-1)?.waiting";

#[tokio::test(flavor = "multi_thread")]
async fn the_custom_element_waits_for_more_of_a_film_and_goes_on_as_the_viewer_has_set_it() {
    let recoded = Recoded::with_second_language_of(SECONDS, SECONDS).expect("a film");
    let film = &recoded.film;
    let cut = Cut::new(film, Some("350kB")).expect("a cut");
    let place = tempfile::tempdir().expect("a directory");
    let site = Site::example("minimal").expect("a site");
    let origin = Origin::serve_site(place.path(), site.path()).expect("an origin");
    let browser = Browser::start().await.expect("a browser");
    let more = async |known: &Value| {
        // It goes up no further for now.
        drop(publish(cut.path(), place.path(), known).await);
        let manifest = std::fs::read(place.path().join("manifest.json")).expect("a manifest");
        let manifest: Value = serde_json::from_slice(&manifest).expect("JSON");
        let ready = ready(&manifest, &cut, BEYOND);
        (manifest, ready)
    };
    let (first, ready) = more(&Value::Null).await;

    let page = Page::open_url(&browser, &format!("{}/", origin.address()), &["window.watchparty = {};", ELEMENT])
        .await
        .expect("a page");
    page.execute_async("begin()").await.expect("an element that plays");
    page.watch_embedded().await.expect("a video");
    let says = format!("Ready up to 0:{:02}", ready as u32);
    page.wait_until(WAITS, PATIENCE).await.expect("the end of what is there");
    let seen = "[note.textContent, note.getAttribute('role'), note.getAttribute('aria-live'), told.at(-1).text]";
    let waits = json!([format!("{says}. Waiting for more of the film…"), "status", "polite", says]);
    assert_eq!(page.execute(seen).await.expect("what it says"), waits);
    let told = page.execute("told.at(-1).readyUpTo").await.expect("how far it is there");
    assert_eq!(told.as_f64(), Some(ready));
    let at = page.execute("video.currentTime").await.expect("a time").as_f64().expect("a number");
    assert!((ready - 0.5..ready + 0.5).contains(&at), "it waits at {at} s, and {ready} s are there");

    // Who pauses while it waits does not hear it play.
    let seen = "[element.paused, note.textContent, element.player.film?.id]";
    page.execute("element.pause()").await.expect("a pause");
    assert_eq!(page.execute(seen).await.expect("what it says"), json!([true, says, first["id"]]));
    let (second, further) = more(&first).await;
    page.wait_until(&format!("told.at(-1).readyUpTo === {further}"), PATIENCE).await.expect("more of the film");
    let says = format!("Ready up to 0:{:02}", further as u32);
    assert_eq!(page.execute(seen).await.expect("what it says"), json!([true, says, first["id"]]));

    // What fails when it goes on is told, and plays once somebody has tried again.
    page.execute("window.isBroken = true, element.play(), null").await.expect("a beginning");
    page.wait_until("told.includes('manifest-invalid') && told.at(-1).readyUpTo === null", PATIENCE)
        .await
        .expect("a failure");
    page.execute("window.isBroken = false, element.player.retry()").await.expect("another try");
    page.wait_until(&format!("element.player.film?.id === {} && {WAITS}", second["id"]), PATIENCE)
        .await
        .expect("the end of what is there by then");

    let (_publishing, _) = publish(cut.path(), place.path(), &second).await;
    page.wait_until("told.at(-1).readyUpTo === null && note.textContent === ''", PATIENCE).await.expect("all of it");
    page.execute(&format!("element.player.seek({BEYOND})")).await.expect("a seek");
    page.wait_until("video.ended", PATIENCE).await.expect("the end of the film");
    let is_set = "element.player.audioTracks[1].active && element.player.textTracks.some(({ active }) => active)";
    page.wait_until(is_set, PATIENCE).await.expect("what is set");
    let kept = "(({ player, playbackRate }) => [
            player.audioTracks.map(({ active }) => active),
            player.textTracks.map(({ label, active }) => [label, active]),
            player.textTrackOffset, playbackRate, player.film.id,
            told.filter((detail) => typeof detail === 'string'),
            asked() - before,
        ])(element)";
    let expected = json!([[false, true], [["Mine", true]], 0.5, 1.5, cut.document().id, ["manifest-invalid"], 0]);
    assert_eq!(page.execute(kept).await.expect("what is set"), expected);
    page.watch().await.expect("notes").assert_frames_right(film);
}
