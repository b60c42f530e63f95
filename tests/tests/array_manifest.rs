//! The plan's own manifest, an array of `{url, bytes}`, plays like any other.

use end_to_end::{ArrayCut, Browser, Inits, Origin, Page, Watch, sample_film};

/// Seven chunks of two or three groups.
const CHUNK_BYTES: usize = 350_000;

async fn plays_to_the_end(cut: &ArrayCut) -> Watch {
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_end(&cut.film).await.expect("the end");

    let watch = page.watch().await.expect("notes");
    watch.assert_smooth();
    watch.assert_in_order(&cut.film);
    watch.assert_frames_right(&cut.film);
    watch.assert_without_holes();
    watch.assert_spans(&cut.film);
    watch
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_that_all_begin_with_the_init_play_to_the_end() {
    let cut = ArrayCut::new(&sample_film(), CHUNK_BYTES, Inits::InEvery).expect("cut");
    assert!(cut.chunks >= 6, "{} chunks", cut.chunks);
    plays_to_the_end(&cut).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_of_which_only_the_first_begins_with_the_init_play_to_the_end() {
    plays_to_the_end(&ArrayCut::new(&sample_film(), CHUNK_BYTES, Inits::InFirst).expect("cut")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_that_take_several_requests_play_to_the_end() {
    let cut = ArrayCut::of_large_chunks(&sample_film()).expect("cut");
    assert!((2..=3).contains(&cut.chunks), "{} chunks", cut.chunks);
    plays_to_the_end(&cut).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_that_were_made_one_by_one_play_to_the_end() {
    plays_to_the_end(&ArrayCut::one_by_one(&sample_film(), 4).expect("cut")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_of_another_size_and_profile_play_to_the_end() {
    let watch = plays_to_the_end(&ArrayCut::changing(&sample_film(), CHUNK_BYTES / 2).expect("cut")).await;
    let resized = watch.events("video", "resize").count();
    assert!(resized >= 5, "{resized} changes of size; events: {:?}", watch.events);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_are_not_fragmented_are_an_error_that_says_what_helps() {
    let cut = ArrayCut::progressive(&sample_film(), 4).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    let error = page.failure().await.expect("an error");
    assert!(error.detail.contains("progressive") && error.detail.contains("splitter FILM --out"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn seeks_into_chunks_that_were_never_fetched_show_the_right_frame() {
    let film = sample_film();
    let cuts = [
        ArrayCut::new(&film, CHUNK_BYTES, Inits::InEvery),
        ArrayCut::new(&film, CHUNK_BYTES, Inits::InFirst),
        ArrayCut::changing(&film, CHUNK_BYTES / 2),
    ];
    for cut in cuts {
        let cut = cut.expect("cut");
        let origin = Origin::serve(cut.path()).expect("origin");
        let browser = Browser::start().await.expect("browser");
        let page = Page::open_short_of_buffer(&browser, &origin, 2.0).await.expect("page");
        page.wait_for_playhead(1.0).await.expect("playback");
        page.execute("video.pause()").await.expect("a pause");
        for target in [20.5, 11.25, 27.0, 3.0] {
            assert!(!page.is_buffered(target).await.expect("ranges"), "{target} s is buffered before the seek");
            let frame = page.seek(&cut.film, target).await.expect("a frame");
            frame.assert_covers(&cut.film, target);
            frame.assert_right(&cut.film);
        }
    }
}
