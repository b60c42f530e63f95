//! What a player comes back from, in a real browser.

use std::time::Duration;

use end_to_end::{Browser, Cut, Origin, Page, sample_film};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(60);

/// `spoil()` has the newest MediaSource fail as it does when the decoder fails.
const SPOIL: &str = "if (!window.spoil) {
        const own = MediaSource.prototype.addSourceBuffer;
        let newest;
        MediaSource.prototype.addSourceBuffer = function (...given) {
            newest = this;
            return own.apply(this, given);
        };
        window.spoil = async () => {
            while ([...newest.sourceBuffers].some(({ updating }) => updating)) await new Promise((done) => setTimeout(done));
            // A film that has come whole has ended, and only what is open can fail: this opens it again.
            const [buffer] = newest.sourceBuffers;
            if (newest.readyState === 'ended') buffer.timestampOffset = buffer.timestampOffset;
            newest.endOfStream('decode');
        };
    }";

#[tokio::test(flavor = "multi_thread")]
async fn a_decoder_that_fails_is_replaced_once_and_then_when_the_page_says_so() {
    let film = sample_film();
    let cut = Cut::new(&film, Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let url = format!("{}/?src=/media/current/manifest.json", origin.address());
    let page = Page::open_url(&browser, &url, &[SPOIL]).await.expect("page");
    page.wait_for_playhead(3.0).await.expect("playback");
    page.run("watchparty.player.playbackRate = 0.75; spoil()").await.expect("a failure");
    page.wait_until(
        "record.events.some(({ source, kind }, at) => source === 'player' && kind === 'loaded' && at > 5)",
        PATIENCE,
    )
    .await
    .expect("another MediaSource");
    page.wait_for_playhead(5.0).await.expect("playback goes on");
    assert_eq!(
        page.execute("[player.state, player.playbackRate, video.error]").await.expect("a state"),
        json!(["ready", 0.75, null])
    );
    assert_eq!(page.watch().await.expect("notes").events("player", "error").count(), 0);

    page.run("spoil()").await.expect("a failure");
    let told = page.failure().await.expect("an error");
    assert!(told.detail.contains("refused the media"), "{told:?}");
    assert_eq!(page.execute("player.state").await.expect("a state"), json!("failed"));
    let at = page.execute("video.currentTime").await.expect("a time").as_f64().expect("a number");
    page.run("watchparty.player.retry()").await.expect("another try");
    page.wait_for_playhead(at + 3.0).await.expect("playback goes on");
    assert_eq!(page.execute("player.state").await.expect("a state"), json!("ready"));
    page.watch().await.expect("notes").assert_frames_right(&film);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_acts_has_the_last_word_on_the_state() {
    let cut = Cut::new(&sample_film(), Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(1.0).await.expect("playback");
    let states = "window.states = [];
        player.addEventListener('state', ({ detail }) => states.push(detail.state));
        player.addEventListener('ended', () => player.load('/media/current/manifest.json'), { once: true });
        player.seek(player.duration - 0.2)";
    page.run(&format!("(({{ player }}) => {{ {states} }})(watchparty)")).await.expect("a seek to the end");
    page.wait_until("states.at(-1) === 'ready' && states.includes('loading')", PATIENCE).await.expect("the film again");
    let states = page.execute("states.slice(states.indexOf('loading'))").await.expect("a list");
    assert_eq!(states, json!(["loading", "ready"]));
    assert_eq!(page.execute("player.state").await.expect("a state"), json!("ready"));
}
