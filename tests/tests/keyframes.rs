//! Films whose tables call pictures keyframes that browsers cannot start at: seeks show the very frame all the same.

use std::fs;

use end_to_end::{Browser, Cut, Origin, Page, Recoded, sample_film};

/// Keyframes every two seconds, and pictures between them that need several others.
const CODING: &str = "-c:v libx264 -preset ultrafast -bf 3 -g 48 -sc_threshold 0 -c:a copy";

/// Seeks forwards and back, between keyframes and onto them.
async fn seeks_land(recoded: &Recoded) {
    let cut = Cut::new(&recoded.film, Some("4MB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    page.execute("video.pause()").await.expect("a pause");
    for seconds in [9.3, 4.02, 6.7, 10.5, 1.1] {
        let frame = page.seek(&recoded.film, seconds).await.expect("a frame");
        frame.assert_covers(&recoded.film, seconds);
        frame.assert_right(&recoded.film);
    }
    page.execute("void video.play()").await.expect("playback goes on");
    page.wait_for_playhead(3.0).await.expect("playback goes on");
    let watch = page.watch().await.expect("notes");
    assert_eq!(watch.events("player", "error").count(), 0, "{:?}", watch.events);
    watch.assert_frames_right(&recoded.film);
}

#[tokio::test(flavor = "multi_thread")]
async fn seeks_in_open_gops_show_the_very_frame() {
    let open = format!("{CODING} -x264-params open-gop=1");
    seeks_land(&Recoded::new("film.mp4", 12, &open).expect("a film")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seeks_in_a_film_whose_every_picture_is_called_a_keyframe_show_the_very_frame() {
    let recoded = Recoded::new("film.mp4", 12, CODING).expect("a film");
    let mut bytes = fs::read(&recoded.film.path).expect("readable");
    let table = bytes.windows(4).position(|word| word == b"stss").expect("pictures have one");
    bytes[table..table + 4].copy_from_slice(b"free");
    fs::write(&recoded.film.path, bytes).expect("writable");
    seeks_land(&recoded).await;
}

/// Its sound begins before the film, for which Firefox may drop the pictures of the fragments behind.
#[tokio::test(flavor = "multi_thread")]
async fn seeks_within_the_first_group_of_fragments_that_hold_both_show_the_very_frame() {
    let film = sample_film();
    let cut = Cut::with_options(&film, &["--muxed", "--chunk-size", "350kB"]).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.1).await.expect("playback");
    page.execute("video.pause()").await.expect("a pause");
    for seconds in [0.8, 1.4, 1.9, 0.3] {
        let frame = page.seek(&film, seconds).await.expect("a frame");
        frame.assert_covers(&film, seconds);
        frame.assert_right(&film);
    }
}
