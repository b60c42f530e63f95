//! A film that is watched while it goes up: it plays on past what was there when it began, on the same page.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use end_to_end::{Browser, Cut, Origin, Page, program, sample_film};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_film_plays_on_past_what_was_there_when_it_began() {
    let film = sample_film();
    let cut = Cut::new(&film, Some("350kB")).expect("a cut");
    let place = tempfile::tempdir().expect("a directory");
    let origin = Origin::serve(place.path()).expect("an origin");
    let browser = Browser::start().await.expect("a browser");
    let (_publishing, first) = publish(cut.path(), place.path()).await;
    let id = first["id"].as_str().expect("an id");
    let ready: f64 = id.strip_prefix(&*cut.document().id).and_then(|rest| rest.strip_prefix('r')).map_or_else(
        || panic!("{id} names all of the film"),
        |ready| ready.parse::<f64>().expect("milliseconds") / 1e3,
    );
    assert!(ready > 0.0 && ready < f64::from(film.seconds), "{id}");

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
