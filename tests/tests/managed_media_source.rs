//! ManagedMediaSource as WebKit has it. On devices its thresholds and its memory are others.

use std::time::Duration;

use end_to_end::{Browser, Cut, Kind, Origin, Page, Recoded, sample_film};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(60);

/// `managed` is the newest ManagedMediaSource, `said` what it has said since it was made.
const NOTES: &str = "{ const Own = ManagedMediaSource;
    window.ManagedMediaSource = class extends Own {
        constructor() {
            super();
            [window.managed, window.said] = [this, []];
            for (const kind of ['startstreaming', 'endstreaming']) this.addEventListener(kind, () => said.push(kind));
        }
    }; }";

const IS_SILENT: &str = "player.flow().requests.length === 0";

#[tokio::test(flavor = "multi_thread")]
async fn in_webkit_a_film_is_fetched_while_the_browser_wants_data_and_a_seek_waits_for_no_leave() {
    let recoded = Recoded::repeated(4).expect("a film");
    let film = &recoded.film;
    let cut = Cut::new(film, None).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start_as(Kind::WebKit).await.expect("browser");
    let url = format!("{}/?src=/media/current/manifest.json", origin.address());
    let page = Page::open_url(&browser, &url, &[NOTES]).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    page.execute("player.configure({ ahead: 90, aheadAtFirst: 90 })").await.expect("options");
    assert_eq!(
        page.execute("[said[0], video.disableRemotePlayback]").await.expect("a word"),
        json!(["startstreaming", true])
    );

    // It has enough long before the player has what it was told to keep.
    page.wait_until("said.at(-1) === 'endstreaming' && !managed.streaming", PATIENCE).await.expect("enough");
    page.wait_until(IS_SILENT, PATIENCE).await.expect("nothing is under way");
    let ahead = page.execute("player.bufferedAhead()").await.expect("a number").as_f64().expect("a number");
    assert!((15.0..60.0).contains(&ahead), "{ahead} s are ahead");

    // Near the end of what is buffered it wants more, and is given it.
    page.execute("void ((said.length = 0), player.seek(video.currentTime + player.bufferedAhead() - 12))")
        .await
        .expect("a seek");
    page.wait_until("said.includes('startstreaming')", PATIENCE).await.expect("it wants more");
    page.wait_until("player.bufferedAhead() > 14", PATIENCE).await.expect("more");

    // Whatever it wants, what a viewer looks for is fetched at once.
    page.wait_until(&format!("!managed.streaming && {IS_SILENT}"), PATIENCE).await.expect("enough again");
    let frame = page.seek(film, 110.26).await.expect("a frame");
    frame.assert_covers(film, 110.26);
    page.wait_for_end(film).await.expect("the end");
    let watch = page.watch().await.expect("notes");
    watch.assert_frames_right(film);
    assert_eq!(watch.events("player", "error").count(), 0, "{:?}", watch.events);
    page.execute("player.destroy()").await.expect("an end");
    assert_eq!(page.execute("!video.disableRemotePlayback").await.expect("a fact"), json!(true), "as the page had it");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_webkit_what_the_browser_drops_comes_again() {
    let film = sample_film();
    let cut = Cut::new(&film, Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start_as(Kind::WebKit).await.expect("browser");
    let url = format!("{}/?src=/media/current/manifest.json", origin.address());
    let page = Page::open_url(&browser, &url, &[NOTES]).await.expect("page");
    page.wait_for_playhead(1.0).await.expect("playback");
    page.wait_until("player.bufferedAhead() > 4", PATIENCE).await.expect("a buffer");
    page.execute("video.pause()").await.expect("a pause");
    page.wait_until(IS_SILENT, PATIENCE).await.expect("nothing is under way");
    // The browser says `bufferedchange`, as when it does so by itself; that the operation was the page's the player does not know.
    let drop = "Promise.all([...managed.sourceBuffers].map((buffer) => new Promise((done) => {
        buffer.addEventListener('bufferedchange', done, { once: true });
        buffer.remove(0, Infinity);
    })))";
    page.execute_async(&format!("{drop}.then(() => video.buffered.length)")).await.expect("everything is dropped");
    page.wait_until("player.bufferedAhead() > 4 && video.readyState >= 2", PATIENCE).await.expect("it comes again");
    page.execute("void video.play()").await.expect("playback goes on");
    page.wait_for_end(&film).await.expect("the end");
    let watch = page.watch().await.expect("notes");
    watch.assert_frames_right(&film);
    assert_eq!(watch.events("player", "error").count(), 0, "{:?}", watch.events);
}
