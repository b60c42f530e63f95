//! The sample film in the splitter's own cut: every border crossed at 1x, every seek to the very frame, sound in step.

use end_to_end::{Browser, Cut, Origin, Page, sample_film};

/// At least six chunks of video.
const CHUNK_SIZE: &str = "350kB";

#[tokio::test(flavor = "multi_thread")]
async fn it_plays_across_every_border_to_the_end() {
    let film = sample_film();
    let cut = Cut::new(&film, Some(CHUNK_SIZE)).expect("cut");
    let borders = cut.video_chunk_starts();
    assert!(borders.len() >= 6, "{} chunks", borders.len());
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_end(&film).await.expect("the end");

    let watch = page.watch().await.expect("notes");
    watch.assert_smooth();
    watch.assert_in_order(&film);
    watch.assert_frames_right(&film);
    watch.assert_without_holes();
    watch.assert_spans(&film);
    for border in &borders[1..] {
        watch.assert_shown_around(*border);
    }
    assert_eq!(watch.events("video", "ended").count(), 1);
    assert_eq!(watch.events("player", "ended").count(), 1);

    // What chooses among renditions is fetched for films of several.
    let fetched = "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /rung|rendition/.test(name))";
    assert_eq!(page.execute(fetched).await.expect("addresses"), serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn seeks_outside_the_buffer_show_the_right_frame() {
    let film = sample_film();
    let cut = Cut::new(&film, Some(CHUNK_SIZE)).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_short_of_buffer(&browser, &origin, 2.0).await.expect("page");
    page.wait_for_playhead(1.0).await.expect("playback");
    page.execute("video.pause()").await.expect("a pause");
    // Forwards, backwards, a keyframe, the frame before one, the last frame.
    for target in [20.5, 11.26, 24.0, 15.99, 29.97, 7.0] {
        assert!(!page.is_buffered(target).await.expect("ranges"), "{target} s is buffered before the seek");
        let frame = page.seek(&film, target).await.expect("a frame");
        frame.assert_covers(&film, target);
        frame.assert_right(&film);
    }
    page.execute("void video.play()").await.expect("playback goes on");
    page.wait_for_playhead(9.0).await.expect("playback goes on");
    page.watch().await.expect("notes").assert_frames_right(&film);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sound_is_that_of_the_second_shown() {
    let film = sample_film();
    let cut = Cut::new(&film, Some(CHUNK_SIZE)).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_with_ears(&browser, &origin).await.expect("page");
    page.wait_for_playhead(8.5).await.expect("playback");
    page.execute("void player.seek(20.2)").await.expect("a seek");
    page.wait_for_playhead(25.0).await.expect("playback");
    page.watch().await.expect("notes").assert_pitches_right();
}
