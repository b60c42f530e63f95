//! The npm package in pages that embed it: every example plays the film.

use std::time::Duration;

use end_to_end::{Browser, Cut, Origin, Page, Site, sample_film};

const CHUNK_SIZE: &str = "350kB";
const PATIENCE: Duration = Duration::from_secs(30);

/// Serves a site beside the sample film.
fn serve(site: &Site) -> (Cut, Origin) {
    let cut = Cut::new(&sample_film(), Some(CHUNK_SIZE)).expect("cut");
    let origin = Origin::serve_site(cut.path(), site.path()).expect("origin");
    (cut, origin)
}

/// The film plays, and what is shown is the film.
async fn assert_plays(page: &Page<'_>) {
    page.watch_embedded().await.expect("a video");
    page.wait_for_playhead(2.5).await.expect("playback");
    let watch = page.watch().await.expect("notes");
    watch.assert_frames_right(&sample_film());
    watch.assert_in_order(&sample_film());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_page_under_a_strict_policy_plays_it() {
    let site = Site::example("minimal").expect("site");
    let (_cut, origin) = serve(&site);
    let browser = Browser::start().await.expect("browser");
    let violations = "window.violations = [];
        document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
        addEventListener('unhandledrejection', ({ reason }) => violations.push(String(reason)));
        addEventListener('error', ({ message }) => violations.push(message));";
    // With a name and a password in the address, from which no browser lets a script fetch.
    let address = origin.address().replace("http://", "http://me:word@");
    let page = Page::open_url(&browser, &format!("{address}/"), &[violations]).await.expect("page");
    assert_plays(&page).await;
    let read = "import('/watchparty-player/captions.js').then(async ({ default: start, webvtt }) => {
        await start({ module_or_path: `${location.origin}/watchparty-player/captions_bg.wasm` });
        return webvtt(new TextEncoder().encode('0:1 --> 0:2\\nx')); })";
    let read = page.execute_async(read).await.expect("the reader of captions");
    assert_eq!(read, "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nx\n");
    let violations = page.execute("window.violations").await.expect("a list");
    assert_eq!(violations.as_array().map(Vec::len), Some(0), "{violations}");
    // The manifest is asked for while the engine is still on its way.
    let order = "performance.getEntriesByType('resource')
        .filter(({ name }) => /engine_bg.wasm|manifest.json/.test(name))
        .map(({ name, startTime, responseEnd }) => [name.split('/').pop(), startTime, responseEnd])";
    let order = page.execute(order).await.expect("entries");
    let at = |name: &str, which: usize| {
        let entry = order.as_array().expect("a list").iter().find(|entry| entry[0] == name);
        entry.unwrap_or_else(|| panic!("no {name} in {order}"))[which].as_f64().expect("a number")
    };
    assert_eq!(order.as_array().map(Vec::len), Some(2), "each once: {order}");
    assert!(at("manifest.json", 1) < at("engine_bg.wasm", 2), "{order}");
    let aborted = "import('/watchparty-player/index.js').then(({ Player }) => {
        const attach = (signal) => Player.attach(document.createElement('video'), { signal });
        const outcome = (attached) => attached.then(() => 'attached', ({ name, code }) => `${name} ${code}`);
        const controller = new AbortController();
        const both = [outcome(attach(AbortSignal.abort())), outcome(attach(controller.signal))];
        controller.abort();
        return Promise.all(both); })";
    let aborted = page.execute_async(aborted).await.expect("outcomes");
    assert_eq!(aborted, serde_json::json!(["PlayerError aborted", "PlayerError aborted"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vite_app_with_the_custom_element_plays_it() {
    let site = Site::bundled().expect("site");
    let (_cut, origin) = serve(&site);
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_url(&browser, &format!("{}/", origin.address()), &[]).await.expect("page");
    assert_plays(&page).await;
    let element = "document.querySelector('watchparty-player').player.state";
    assert_eq!(page.execute(element).await.expect("a state"), "ready");
    // The reader of captions is a module of its own, which bundlers must find, too.
    let captions = "(async ({ player }) => {
        await player.showTextTrack(player.addTextTrack({ src: new Blob(['0:1 --> 0:20\\nI <3 you']) }));
        return player.textTracks.map(({ active }) => active);
    })(document.querySelector('watchparty-player'))";
    assert_eq!(page.execute_async(captions).await.expect("captions"), serde_json::json!([true]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_media_source_the_page_switches_over_or_says_so() {
    let site = Site::example("native-hls").expect("site");
    let (_cut, origin) = serve(&site);
    let browser = Browser::start().await.expect("browser");
    let without = "delete window.MediaSource; delete window.ManagedMediaSource;";
    for (plays_hls, expected) in [(true, "/media/current/master.m3u8"), (false, "")] {
        let answer =
            format!("HTMLMediaElement.prototype.canPlayType = () => {:?};", if plays_hls { "maybe" } else { "" });
        let url = format!("{}/?{plays_hls}", origin.address());
        let page = Page::open_url(&browser, &url, &[without, &answer]).await.expect("page");
        page.watch_embedded().await.expect("a video");
        let settled = "video.src || document.querySelector('[role=status]').textContent";
        page.wait_until(settled, PATIENCE).await.expect("a choice");
        let source = page.execute("new URL(video.src || location.origin).pathname").await.expect("an address");
        assert_eq!(source, if expected.is_empty() { "/" } else { expected });
        let status = page.execute("document.querySelector('[role=status]').textContent").await.expect("a text");
        assert_eq!(status.as_str().is_some_and(str::is_empty), plays_hls, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_media_source_the_same_page_uses_the_player() {
    let site = Site::example("native-hls").expect("site");
    let (_cut, origin) = serve(&site);
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_url(&browser, &format!("{}/", origin.address()), &[]).await.expect("page");
    assert_plays(&page).await;
    let source = page.execute("video.src").await.expect("an address");
    assert!(source.as_str().is_some_and(|source| source.starts_with("blob:")), "{source}");
}
