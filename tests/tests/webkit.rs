//! What WebKit's own ManagedMediaSource does, and what the player makes of it. No other browser has one: the names of these tests
//! begin with `webkit_`, by which they are left out elsewhere.

use std::time::Duration;

use end_to_end::{Browser, Cut, Fate, Origin, Page, Proxy, Recoded};
use serde_json::json;
use test_film::Film;

const PATIENCE: Duration = Duration::from_secs(60);

/// Notes what the newest ManagedMediaSource says of data that it wants, and which ranges its SourceBuffers say are gone. While `isDeaf`,
/// nobody else hears what it says.
const NOTES: &str = "window.said = [];
    window.gone = [];
    window.ManagedMediaSource = class extends ManagedMediaSource {
        constructor() {
            super();
            window.managed = this;
            const said = (window.said = []);
            for (const name of ['startstreaming', 'endstreaming']) {
                this.addEventListener(name, (event) => {
                    if (window.isDeaf) event.stopImmediatePropagation();
                    said.push(name);
                });
            }
        }
        addSourceBuffer(type) {
            const buffer = super.addSourceBuffer(type);
            buffer.addEventListener('bufferedchange', ({ removedRanges: ranges }) => {
                for (let at = 0; at < ranges.length; at += 1) gone.push([ranges.start(at), ranges.end(at)]);
            });
            return buffer;
        }
    };";

/// Counts how often a parser is reset.
const RESETS: &str = "window.resets = 0;
    const own = SourceBuffer.prototype.abort;
    SourceBuffer.prototype.abort = function () {
        window.resets += 1;
        return own.call(this);
    };";

/// Functions that make a muted element in the page, and have it play the film.
const FUNCTIONS: &str = "window.makeElement = () => {
        const element = Object.assign(document.createElement('video'), { muted: true });
        document.body.append(element);
        return element;
    };
    window.play = async (element, options) => {
        const player = window.wasmBindings.Player.attach(element, options);
        window.watchparty = { video: element, player };
        await player.load('/media/current/manifest.json');
        await player.play();
    };";

/// The page without a film of its own.
async fn page_of<'a>(browser: &'a Browser, address: &str) -> Page<'a> {
    let url = format!("{address}/?src=/none.json");
    let page = Page::open_url(browser, &url, &[NOTES]).await.expect("page");
    page.wait_until("player.state === 'failed'", PATIENCE).await.expect("a page without a film");
    page.run(FUNCTIONS).await.expect("functions");
    page
}

async fn assert_without_error(page: &Page<'_>) {
    let watch = page.watch().await.expect("notes");
    // The page's own player has told that it has no film, before this one was there.
    let mut errors = watch.events("player", "error").filter(|event| event.at > 0.0);
    assert!(errors.next().is_none(), "{:?}", watch.events);
}

#[tokio::test(flavor = "multi_thread")]
async fn webkit_says_when_it_wants_data_and_nothing_is_fetched_meanwhile() {
    // Three times as long as what it wants to have ahead.
    let long = Recoded::light(3).expect("the film");
    let cut = Cut::new(&long.film, Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = page_of(&browser, origin.address()).await;
    page.execute_async("play(makeElement(), { ahead: 60, aheadAtFirst: 60 })").await.expect("playback");
    page.wait_until("said.includes('endstreaming')", PATIENCE).await.expect("it has enough");
    page.execute("void player.pause()").await.expect("a pause");
    let rests = "player.flow().requests.length === 0 && player.stats().heldBytes === 0";
    page.wait_until(rests, PATIENCE).await.expect("nothing is under way");
    let facts = "[managed.streaming, managed.quality, player.bufferedAhead() > 20, player.bufferedAhead() < 55, said]";
    let enough = json!([false, "high", true, true, ["startstreaming", "endstreaming"]]);
    assert_eq!(page.execute(facts).await.expect("facts"), enough);

    // Ten seconds are little to it, fifteen are not.
    let received = page.execute("player.stats().mediaBytes").await.expect("a count");
    let near_the_end = |seconds: u32| format!("void player.seek(video.buffered.end(0) - {seconds})");
    let shown = "!video.seeking && video.readyState >= 2 && player.bufferedAhead() < 16";
    page.execute(&near_the_end(15)).await.expect("a seek");
    page.wait_until(shown, PATIENCE).await.expect("the picture");
    assert_eq!(page.execute("[said.length, player.stats().mediaBytes]").await.expect("facts"), json!([2, received]));
    page.execute(&near_the_end(5)).await.expect("a seek");
    page.wait_until("said.length === 4 && player.bufferedAhead() > 20", PATIENCE).await.expect("more of the film");
    let both = json!(["startstreaming", "endstreaming"]);
    assert_eq!(page.execute("said.slice(2)").await.expect("what it said"), both);
    assert_without_error(&page).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webkit_need_not_want_data_for_a_seek_to_be_served() {
    let light = Recoded::light(1).expect("the film");
    let film = &light.film;
    let cut = Cut::new(film, Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = page_of(&browser, origin.address()).await;
    page.execute_async("play(makeElement(), { ahead: 4, behind: 4 })").await.expect("playback");
    page.wait_for_playhead(0.5).await.expect("playback");
    page.execute("void player.pause()").await.expect("a pause");
    let seek = async |seconds: f64| {
        assert!(!page.is_buffered(seconds).await.expect("ranges"), "{seconds} s is buffered before the seek");
        let frame = page.seek(film, seconds).await.expect("a frame");
        frame.assert_covers(film, seconds);
    };
    // What it has wanted all along it does not want anew.
    seek(20.5).await;
    assert_eq!(page.execute("said").await.expect("what it said"), json!(["startstreaming"]));
    // With all of the rest it has enough, and the player hears no more of it.
    page.execute("void player.configure({ ahead: 60, aheadAtFirst: 60 })").await.expect("an option");
    page.wait_until("said.at(-1) === 'endstreaming'", PATIENCE).await.expect("it has enough");
    page.execute("void (window.isDeaf = true)").await.expect("silence");
    seek(11.26).await;
    assert_without_error(&page).await;
}

/// By itself WebKitGTK would lose all that follows a seek in the middle of a group, for the reset of its parser loses the init; and the
/// sound behind any seek backwards, for its parser drops what is of earlier times than what came first. And it ends a seek as soon as
/// what it holds ends at most 84 ms before, and then decodes what follows without a keyframe.
#[tokio::test(flavor = "multi_thread")]
async fn webkit_shows_what_is_sought_over_a_slow_link() {
    let light = Recoded::light(1).expect("the film");
    let film = &light.film;
    let cut = Cut::new(film, Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let slow =
        Proxy::ruled(&origin, |lines| if lines[0].contains(".mp4") { Fate::Slowly(400_000) } else { Fate::Pass });
    let slow = slow.expect("proxy");
    let browser = Browser::start().await.expect("browser");
    let page = page_of(&browser, slow.address()).await;
    page.run(RESETS).await.expect("a count");
    page.execute_async("play(makeElement(), { ahead: 20, behind: 4 })").await.expect("playback");
    page.wait_for_playhead(0.5).await.expect("playback");
    page.execute("void player.pause()").await.expect("a pause");
    for seconds in [20.49, 20.56, 11.26, 24.0, 3.5] {
        let frame = page.seek(film, seconds).await.expect("a frame");
        frame.assert_covers(film, seconds);
        page.wait_until("player.bufferedAhead() > 2.2", PATIENCE).await.expect("a part of the next group");
    }
    assert!(page.execute("resets > 0").await.expect("a count") == json!(true), "no seek came in the middle of a group");
    assert_eq!(page.execute("[video.ended, video.duration > 29.9]").await.expect("facts"), json!([false, true]));
    assert_without_error(&page).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn webkit_drops_what_has_been_shown_and_it_comes_again() {
    let light = Recoded::light(1).expect("the film");
    let film = &light.film;
    let cut = Cut::new(film, Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start_short_of_memory().await.expect("browser");
    let page = page_of(&browser, origin.address()).await;
    page.execute_async("play(makeElement(), { ahead: 6, behind: 600 })").await.expect("playback");
    // By itself, or by the player, where a SourceBuffer has refused more before.
    page.wait_until("gone.some(([start]) => start < 1)", PATIENCE).await.expect("what has been played is dropped");
    page.execute("void player.pause()").await.expect("a pause");
    assert!(!page.is_buffered(0.6).await.expect("ranges"), "it is still there");
    let frame = page.seek(film, 0.6).await.expect("a frame");
    frame.assert_covers(film, 0.6);
    page.execute("void player.play()").await.expect("playback goes on");
    page.wait_for_playhead(4.0).await.expect("playback goes on");
    assert_without_error(&page).await;
}

/// Twelve seconds of the film in another codec or size, a keyframe in every second.
fn rendition(name: &str, coding: &str) -> Recoded {
    Recoded::new(name, 12, &format!("{coding} -g 24 -keyint_min 24 -an")).expect("a film")
}

#[tokio::test(flavor = "multi_thread")]
async fn webkit_changes_no_type_and_plays_renditions_of_one_family() {
    let [h264, small, vp9] = [
        ("film.mp4", "-vf scale=640:360 -c:v libx264 -preset ultrafast -sc_threshold 0 -b:v 900k"),
        ("small.mp4", "-vf scale=320:180 -c:v libx264 -preset ultrafast -sc_threshold 0 -b:v 300k"),
        ("other.mp4", "-vf scale=480:270 -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 600k"),
    ]
    .map(|(name, coding)| rendition(name, coding));
    let path = |film: &Film| film.path.to_str().expect("text").to_owned();
    let cut = Cut::with_options(&h264.film, &[&path(&small.film), &path(&vp9.film)]).expect("a cut of three");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = page_of(&browser, origin.address()).await;
    let has = "[SourceBuffer, ManagedSourceBuffer].some(({ prototype }) => 'changeType' in prototype)";
    assert_eq!(page.execute(has).await.expect("an answer"), json!(false));
    let url = format!("{}/?src=/media/current/manifest.json&ahead=2", origin.address());
    let page = Page::open_url(&browser, &url, &[]).await.expect("page");
    page.wait_until("player.renditions?.length > 0", PATIENCE).await.expect("what chooses is fetched");
    let heights = page.execute("player.renditions.map(({ height }) => height)").await.expect("renditions");
    assert_eq!(heights, json!([180, 360]), "those of VP9 cannot follow");
    for height in [180, 360] {
        let choose =
            format!("void (player.rendition = player.renditions.find(({{ height }}) => height === {height}).id)");
        page.execute(&choose).await.expect("a choice");
        page.wait_until(&format!("video.videoHeight === {height}"), PATIENCE).await.expect("it is shown");
    }
    page.wait_for_end(&h264.film).await.expect("the end");
    let watch = page.watch().await.expect("notes");
    assert_eq!(watch.events("player", "error").count(), 0, "{:?}", watch.events);
    watch.assert_frames_right(&h264.film);
}

/// What a page offers to AirPlay: a source that a receiver can be given the address of.
#[tokio::test(flavor = "multi_thread")]
async fn webkit_opens_a_managed_source_beside_a_playlist_for_receivers() {
    let light = Recoded::light(1).expect("the film");
    let film = &light.film;
    let cut = Cut::new(film, Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = page_of(&browser, origin.address()).await;
    let playlist = "const playlist = document.createElement('source');
        Object.assign(playlist, { src: '/media/current/master.m3u8', type: 'application/vnd.apple.mpegurl' });
        window.element = makeElement();
        element.append(playlist);
        play(element, {});";
    page.run(playlist).await.expect("an element");
    page.wait_until("video === element && video.currentTime > 1", PATIENCE).await.expect("playback");
    let kept = "[video.src.startsWith('blob:'), managed.readyState !== 'closed', video.querySelector('source').src]";
    let address = format!("{}/media/current/master.m3u8", origin.address());
    assert_eq!(page.execute(kept).await.expect("facts"), json!([true, true, address]));
    assert_without_error(&page).await;
    page.watch().await.expect("notes").assert_frames_right(film);
}
