//! The splitter's cut in other people's players: hls.js over `master.m3u8`, shaka-player and dash.js over `manifest.mpd`.
//! They see the same chunks as our own player, through byte ranges.

use std::time::Duration;

use end_to_end::{Browser, Cut, Origin, Page, Peer, sample_film};

/// Long enough for a machine that does many other things, short enough for a player that goes in circles.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn hls_js_plays_it() {
    plays(Peer::Hls, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hls_js_plays_it_muxed() {
    plays(Peer::Hls, &["--muxed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shaka_player_plays_it() {
    plays(Peer::Shaka, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shaka_player_plays_it_muxed() {
    plays(Peer::Shaka, &["--muxed"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dash_js_plays_it() {
    plays(Peer::Dash, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dash_js_plays_it_muxed() {
    plays(Peer::Dash, &["--muxed"]).await;
}

/// From the start over a border, after a seek into the middle, and to the very end: the right frames each time.
async fn plays(peer: Peer, options: &[&str]) {
    let film = sample_film();
    let cut = Cut::with_options(&film, &[&["--chunk-size", "700kB"], options].concat()).expect("cut");
    let site = peer.site().expect("the player");
    let origin = Origin::serve_at(cut.path(), site.path(), ([127, 0, 0, 1], 0).into()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_at(&browser, origin.address(), "").await.expect("page");
    let border = cut.video_chunk_starts()[1];
    assert!(border < 9.0, "the first chunk ends at {border} s");
    page.wait_for_playhead(1.0).await.expect("playback begins");
    page.execute("void (video.playbackRate = 4)").await.expect("a rate");
    page.wait_for_playhead(border + 1.0).await.expect("playback crosses a border");

    page.execute("video.pause()").await.expect("a pause");
    let frame = page.seek(&film, 20.5).await.expect("a frame");
    frame.assert_covers(&film, 20.5);
    frame.assert_right(&film);
    page.execute("void video.play()").await.expect("playback goes on");
    page.wait_until("video.ended", PATIENCE).await.expect("the end");

    let watch = page.watch().await.expect("notes");
    watch.assert_frames_right(&film);
    assert_eq!(watch.events("player", "error").count(), 0, "{:?}", watch.events);
    let duration = watch.duration.expect("a duration");
    assert!((duration - 30.0).abs() < 0.1, "the film has 30 s, the player says {duration} s");
}

/// Each plays the rung that it is told to, and goes from one to the other without an error or a wrong picture.
#[tokio::test(flavor = "multi_thread")]
async fn all_of_them_switch_between_rungs() {
    let film = sample_film();
    let options = ["--chunk-size", "700kB", "--ladder", "360p", "--ladder-preset", "ultrafast"];
    let cut = Cut::with_options(&film, &options).expect("cut");
    let browser = Browser::start().await.expect("browser");
    for peer in [Peer::Hls, Peer::Shaka, Peer::Dash] {
        let site = peer.site().expect("the player");
        let origin = Origin::serve_at(cut.path(), site.path(), ([127, 0, 0, 1], 0).into()).expect("origin");
        let page = Page::open_at(&browser, origin.address(), "").await.expect("page");
        page.wait_for_playhead(0.2).await.expect("playback begins");
        let rungs = page.execute("watchparty.player.rungs()").await.expect("a number");
        assert_eq!(rungs.as_u64(), Some(2), "{peer:?}");
        page.execute("void (video.playbackRate = 4)").await.expect("a rate");
        for (rung, width) in [(0, 640), (1, 1_280)] {
            page.execute(&format!("void watchparty.player.rung({rung})")).await.expect("a choice");
            let shown = page.wait_until(&format!("video.videoWidth === {width}"), PATIENCE).await;
            shown.unwrap_or_else(|error| panic!("{peer:?} does not come to {width} pixels: {error}"));
        }
        page.execute("void (watchparty.switched = video.currentTime)").await.expect("a time");
        page.wait_until("video.currentTime > watchparty.switched + 1", PATIENCE).await.expect("playback goes on");
        let watch = page.watch().await.expect("notes");
        watch.assert_frames_right(&film);
        assert_eq!(watch.events("player", "error").count(), 0, "{peer:?}: {:?}", watch.events);
    }
}
