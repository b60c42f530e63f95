//! The plan's own manifest, an array of `{url, bytes}`, plays like any other.

use end_to_end::{ArrayCut, Browser, Cut, Inits, Origin, Page, Site, Watch, sample_film};

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
async fn what_reads_it_is_fetched_for_it_alone() {
    let film = sample_film();
    let indexed = Cut::new(&film, Some("350kB")).expect("cut");
    let array = ArrayCut::new(&film, CHUNK_BYTES, Inits::InFirst).expect("cut");
    let browser = Browser::start().await.expect("browser");
    let fetched = "performance.getEntriesByType('resource').some(({ name }) => name.includes('unindexed-module'))";
    for (path, expected) in [(indexed.path(), false), (array.path(), true)] {
        let origin = Origin::serve(path).expect("origin");
        let page = Page::open(&browser, &origin).await.expect("page");
        page.wait_for_playhead(0.5).await.expect("playback");
        assert_eq!(page.execute(fetched).await.expect("a list"), expected);
    }

    let site = Site::page("").expect("site");
    std::fs::remove_file(site.path().join("watchparty-unindexed-module_bg.wasm")).expect("it is there");
    let origin = Origin::serve_site(array.path(), site.path()).expect("origin");
    let page = Page::open(&browser, &origin).await.expect("page");
    let error = page.failure().await.expect("an error");
    assert!(error.detail.contains("could not be fetched") && error.detail.contains("served whole"), "{error:?}");
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
