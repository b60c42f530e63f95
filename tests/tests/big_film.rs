//! A film of more than 700 MB at the default chunk size, from the first frame into the last chunk.

use end_to_end::{Browser, Cut, Origin, Page, big_film};

#[tokio::test(flavor = "multi_thread")]
async fn it_plays_from_the_start_across_a_border_and_in_the_last_chunk() {
    let film = big_film().expect("the film");
    let bytes = std::fs::metadata(&film.path).expect("the film").len();
    assert!(bytes >= 700_000_000, "{bytes} bytes");
    let cut = Cut::new(&film, None).expect("cut");
    let starts = cut.video_chunk_starts();
    assert!(starts.len() >= 3, "{} chunks", starts.len());
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");

    page.wait_for_playhead(5.0).await.expect("playback from the start");

    let border = starts[1];
    page.execute(&format!("void player.seek({})", border - 3.0)).await.expect("a seek");
    page.wait_for_playhead(border + 3.0).await.expect("playback across the border");
    page.watch().await.expect("notes").assert_shown_around(border);

    page.execute("video.pause()").await.expect("a pause");
    let target = starts[2] + 40.5;
    assert!(!page.is_buffered(target).await.expect("ranges"), "{target} s is buffered before the seek");
    let frame = page.seek(&film, target).await.expect("a frame");
    frame.assert_covers(&film, target);
    page.execute("void video.play()").await.expect("playback goes on");
    page.wait_for_playhead(target + 4.0).await.expect("playback in the last chunk");

    let watch = page.watch().await.expect("notes");
    watch.assert_frames_right(&film);
    assert_eq!(watch.events("player", "error").count(), 0, "{:?}", watch.events);
    // A busy machine may take its time for a seek outside the buffer; nothing else may stall.
    let stalls = watch.events("player", "stalled").filter(|event| event.detail != "seek");
    assert_eq!(stalls.count(), 0, "{:?}", watch.events);
    // The payload stays outside: WebAssembly's memory is that of a film's index, not of a film.
    let held = page.execute("player.stats().heldBytes").await.expect("statistics").as_f64().expect("a number");
    assert!(held <= 8e6, "{held} bytes held");
}
