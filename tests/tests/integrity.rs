//! Bytes that are damaged on their way, and a second language, in a real browser.

use std::time::Duration;

use end_to_end::{Browser, Cut, Damage, Origin, Page, Proxy, Recoded, sample_film};

const CHUNK_SIZE: &str = "350kB";

/// Where in the film's fifth chunk of pictures, of at least six.
fn in_the_middle(cut: &Cut, times: usize) -> Damage {
    let chunk = &cut.document().streams[0].chunks[4];
    let object = chunk.url.rsplit_once('/').map_or(chunk.url.as_str(), |(_, name)| name);
    Damage { object: format!("video-1/{object}"), offset: chunk.bytes / 2, times }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_fragment_is_fetched_again_and_never_shown() {
    let film = sample_film();
    let cut = Cut::new(&film, Some(CHUNK_SIZE)).expect("cut");
    for (times, busted) in [(1, false), (2, true)] {
        let origin = Origin::serve(cut.path()).expect("origin");
        let proxy = Proxy::before(&origin, in_the_middle(&cut, times)).expect("proxy");
        let browser = Browser::start().await.expect("browser");
        let page = Page::open_at(&browser, proxy.address(), "").await.expect("page");
        page.wait_for_end(&film).await.expect("the end");

        let watch = page.watch().await.expect("notes");
        watch.assert_smooth();
        watch.assert_in_order(&film);
        watch.assert_frames_right(&film);
        watch.assert_without_holes();
        assert_eq!(watch.events("player", "damaged").count(), times, "{:?}", watch.events);
        let stats = page.execute("player.stats()").await.expect("statistics");
        let number = |name: &str| stats[name].as_f64().expect("a number");
        assert!((number("damagedFragments") - times as f64).abs() < 0.5, "{stats}");
        assert!(number("checkedFragments") > 60.0 && number("uncheckedBytes") < 1.0, "{stats}");
        assert_eq!(proxy.asked().iter().any(|path| path.contains("?again=")), busted, "{:?}", proxy.asked());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_for_good_is_an_error_with_its_history() {
    let film = sample_film();
    let cut = Cut::new(&film, Some(CHUNK_SIZE)).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let proxy = Proxy::before(&origin, in_the_middle(&cut, usize::MAX)).expect("proxy");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_at(&browser, proxy.address(), "").await.expect("page");
    let failed = "record.events.some((event) => event.source === 'player' && event.kind === 'error')";
    page.wait_until(failed, Duration::from_secs(60)).await.expect("an error");
    // What came whole before it plays on.
    page.wait_until("record.frames.length > 0", Duration::from_secs(60)).await.expect("a frame");
    let watch = page.watch().await.expect("notes");
    let error = watch.events("player", "error").next().expect("just seen");
    assert!(error.detail.contains("came damaged 3 times"), "{error:?}");
    assert_eq!(page.execute("player.state").await.expect("a state"), "failed");
    watch.assert_frames_right(&film);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_language_takes_over_while_the_picture_goes_on() {
    let recoded = Recoded::with_second_language().expect("the film");
    let cut = Cut::new(&recoded.film, Some(CHUNK_SIZE)).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");

    // Watched and listened to one after the other: from what is listened to, Firefox shows pictures late and early.
    let page = Page::open(&browser, &origin).await.expect("page");
    choose_the_second_language(&page).await;
    let watch = page.watch().await.expect("notes");
    watch.assert_smooth();
    watch.assert_in_order(&recoded.film);
    watch.assert_frames_right(&recoded.film);

    let page = Page::open_with_ears(&browser, &origin).await.expect("page");
    choose_the_second_language(&page).await;
    let watch = page.watch().await.expect("notes");
    let is_second = |hertz: f64| (hertz - 5_000.0).abs() < 12.0;
    let heard: Vec<_> = watch.pitches.iter().map(|pitch| (pitch.time, is_second(pitch.left))).collect();
    let (early, late): (Vec<_>, Vec<_>) =
        heard.iter().filter(|(time, _)| *time < 3.9 || *time > 9.0).partition(|(time, _)| *time < 3.9);
    assert!(early.len() > 20 && early.iter().all(|(_, second)| !second), "{heard:?}");
    assert!(late.len() > 20 && late.iter().all(|(_, second)| *second), "{heard:?}");
}

/// Plays four seconds of the film, and ten more in the other language.
async fn choose_the_second_language(page: &Page<'_>) {
    let active = "player.audioTracks.map((track) => track.active)";
    page.wait_for_playhead(4.0).await.expect("playback");
    assert_eq!(page.execute(active).await.expect("tracks"), serde_json::json!([true, false]));
    page.execute("player.selectAudio(player.audioTracks[1].id)").await.expect("a selection");
    page.wait_for_playhead(14.0).await.expect("playback goes on");
    assert_eq!(page.execute(active).await.expect("tracks"), serde_json::json!([false, true]));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_must_be_checked_a_long_film_begins_too() {
    // Half an hour, whose sound is one chunk: nothing can be shown before all of its table is there.
    let long = Recoded::repeated(60).expect("the film");
    let cut = Cut::new(&long.film, None).expect("cut");
    let table = cut.document().streams[1].chunks[0].fragments.as_ref().map_or(0, |table| table.bytes);
    assert!(table > 64 << 10, "{table} bytes");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_until("window.wasmBindings", Duration::from_secs(60)).await.expect("the engine");
    page.run(
        "const element = Object.assign(document.createElement('video'), { muted: true });
        document.body.append(element);
        const player = window.wasmBindings.Player.attach(element, { integrity: 'required' });
        window.strict = { element, player };
        player.load('/media/current/manifest.json', { startTime: 900 }).then(() => player.play());",
    )
    .await
    .expect("another player");
    page.wait_until("strict.element.currentTime > 902", Duration::from_secs(60)).await.expect("playback");
    let stats = page.execute("strict.player.stats()").await.expect("statistics");
    let number = |name: &str| stats[name].as_f64().expect("a number");
    assert!(number("checkedFragments") > 8.0 && number("uncheckedBytes") < 1.0, "{stats}");
}
