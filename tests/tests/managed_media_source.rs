//! ManagedMediaSource, as Safari has it, by a faithful stand-in: the devices themselves are not here.

use std::time::Duration;

use end_to_end::{Browser, Cut, Origin, Page, sample_film};
use serde_json::json;

const STAND_IN: &str = include_str!("../src/managed_media_source.js");
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn the_film_plays_and_is_fetched_only_while_the_browser_wants_it_and_what_is_dropped_comes_again() {
    let film = sample_film();
    let cut = Cut::new(&film, Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let url = format!("{}/?src=/media/current/manifest.json&ahead=6&behind=6", origin.address());
    let page = Page::open_url(&browser, &url, &[STAND_IN]).await.expect("page");
    page.wait_for_playhead(1.0).await.expect("playback");
    assert_eq!(
        page.execute("[typeof MediaSource, video.disableRemotePlayback]").await.expect("facts"),
        json!(["undefined", true])
    );

    page.wait_until("player.bufferedAhead() > 4", PATIENCE).await.expect("a buffer");
    page.execute("managed.stream(false)").await.expect("no more data");
    page.wait_until("player.flow().requests.length === 0", PATIENCE).await.expect("nothing is under way");
    let received = page.execute("player.stats().mediaBytes").await.expect("a count");
    page.wait_until("player.bufferedAhead() < 2", PATIENCE).await.expect("the buffer drains");
    assert_eq!(page.execute("player.stats().mediaBytes").await.expect("a count"), received, "fetched unasked");
    page.execute("managed.stream(true)").await.expect("data again");
    page.wait_until("player.bufferedAhead() > 4", PATIENCE).await.expect("a buffer again");

    page.execute("video.pause()").await.expect("a pause");
    page.execute_async("managed.drop(0, Infinity)").await.expect("everything is dropped");
    page.wait_until("player.bufferedAhead() > 4 && video.readyState >= 2", PATIENCE).await.expect("it comes again");
    page.execute("void video.play()").await.expect("playback goes on");
    page.wait_for_end(&film).await.expect("the end");
    let watch = page.watch().await.expect("notes");
    watch.assert_frames_right(&film);
    assert_eq!(watch.events("player", "error").count(), 0, "{:?}", watch.events);
    page.execute("player.destroy()").await.expect("an end");
    assert_eq!(page.execute("!video.disableRemotePlayback").await.expect("a fact"), json!(true), "as the page had it");
}
