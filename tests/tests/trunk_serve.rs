//! While developing: `trunk serve` with the film from an origin behind its proxy, as the README has it.

use end_to_end::{Browser, Cut, Page, TrunkServe, sample_film};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_plays_and_seeks_through_the_proxy() {
    let film = sample_film();
    let cut = Cut::new(&film, Some("350kB")).expect("cut");
    let server = TrunkServe::start(cut.path()).expect("trunk serve");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_at(&browser, &server.address(), "&ahead=2&behind=2").await.expect("page");
    page.wait_for_playhead(6.0).await.expect("playback over the first border");
    page.execute("video.pause()").await.expect("a pause");
    let frame = page.seek(&film, 20.5).await.expect("a frame");
    frame.assert_covers(&film, 20.5);
    let watch = page.watch().await.expect("notes");
    watch.assert_in_order(&film);
    watch.assert_frames_right(&film);
}
