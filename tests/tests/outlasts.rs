//! What holds a film up in some browsers, and must not.

use std::path::Path;
use std::time::Duration;

use end_to_end::{ArrayCut, Browser, Cut, Frame, Inits, Origin, Page, Recoded, Watch};

const PATIENCE: Duration = Duration::from_secs(60);

/// Length of the films, in seconds.
const SECONDS: u32 = 12;

/// Sound of a rate at which AAC may have SBR of which it does not speak.
const LOW_RATE: &str = "aac -ar 24000 -ac 1";

/// Plays the film in a player of its own that keeps no more bytes ahead than some seconds have, as a long film of a high rate
/// does by default; `act` is done to it once it plays.
async fn play(film: &Recoded, browser: &Browser, scripts: &[&str], act: &str) {
    let cut = Cut::with_options(&film.film, &["--chunk-size", "350kB"]).expect("cut");
    play_cut(cut.path(), browser, scripts, act).await;
}

async fn play_cut(cut: &Path, browser: &Browser, scripts: &[&str], act: &str) {
    let origin = Origin::serve(cut).expect("origin");
    let url = format!("{}/?src=/none.json", origin.address());
    let page = Page::open_url(browser, &url, scripts).await.expect("page");
    page.wait_until("player.state === 'failed'", PATIENCE).await.expect("a page without a film");
    let viewing = format!(
        "(async () => {{
        const element = Object.assign(document.createElement('video'), {{ muted: true }});
        document.body.append(element);
        const player = window.wasmBindings.Player.attach(element, {{ aheadBytes: 400000 }});
        const until = async (holds) => {{
            const end = performance.now() + 50000;
            while (!holds()) {{
                if (performance.now() > end) throw new Error(`${{player.state}} at ${{element.currentTime}}`);
                await new Promise((done) => setTimeout(done, 20));
            }}
        }};
        const told = [];
        player.addEventListener('error', ({{ detail }}) => told.push(detail.code));
        await player.load('/media/current/manifest.json');
        await player.play();
        await until(() => element.currentTime > 0.2);
        {act};
        await until(() => element.ended);
        const ended = Math.round(element.currentTime);
        player.destroy();
        return [ended, told]; }})()"
    );
    let outcome = page.execute_async(&viewing).await.unwrap_or_else(|error| panic!("{act}: {error:#}"));
    assert_eq!(outcome, serde_json::json!([SECONDS, []]), "{act}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_that_ends_early_holds_no_film_up() {
    let browser = Browser::start().await.expect("browser");
    let film = Recoded::with_sound_of(2, SECONDS).expect("a film");
    play(&film, &browser, &[], "").await;
    play(&film, &browser, &[], "player.seek(8)").await;
    play(&film, &browser, &[], "player.seek(9); await until(() => element.currentTime > 9.5); player.seek(0.5)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_that_ends_early_holds_no_film_up() {
    let browser = Browser::start().await.expect("browser");
    let film = Recoded::with_second_language_of(2, SECONDS).expect("a film");
    let choose = "player.playbackRate = 2; player.selectAudio(player.audioTracks[1].id)";
    // While it lasts, and when it is over.
    play(&film, &browser, &[], &format!("{choose}; await until(() => element.currentTime > 3.5); player.seek(10)"))
        .await;
    play(&film, &browser, &[], &format!("player.seek(9); await until(() => element.currentTime > 9.2); {choose}"))
        .await;
}

/// A SourceBuffer that takes four seconds ahead of the playhead, as one of some megabytes does of a film of a high rate.
const SMALL: &str = "const own = SourceBuffer.prototype.appendBuffer;
    SourceBuffer.prototype.appendBuffer = function (bytes) {
        const { buffered } = this;
        const { currentTime } = [...document.querySelectorAll('video')].at(-1);
        if (buffered.length && buffered.end(buffered.length - 1) > currentTime + 4) {
            window.wasFull = true;
            throw new DOMException('it is full', 'QuotaExceededError');
        }
        return own.call(this, bytes);
    };";

#[tokio::test(flavor = "multi_thread")]
async fn sound_that_ends_early_holds_no_film_up_whose_pictures_fill_the_source_buffer() {
    let browser = Browser::start().await.expect("browser");
    let film = Recoded::with_sound_of(2, SECONDS).expect("a film");
    let act = "player.configure({ aheadBytes: 60e6 }); player.playbackRate = 2;
        await until(() => element.currentTime > 4.5 && window.wasFull); player.seek(9)";
    play(&film, &browser, &[SMALL], act).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_that_ends_early_in_chunks_that_hold_both_holds_no_film_up() {
    let browser = Browser::start().await.expect("browser");
    let film = Recoded::with_sound_of(2, SECONDS).expect("a film");
    let cut = ArrayCut::new(&film.film, 350_000, Inits::InFirst).expect("cut");
    play_cut(cut.path(), &browser, &[], "await until(() => element.currentTime > 3.5); player.seek(9)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_end_early_hold_no_film_up() {
    let browser = Browser::start().await.expect("browser");
    let film = Recoded::with_pictures_of(2, SECONDS).expect("a film");
    play(&film, &browser, &[], "").await;
    play(&film, &browser, &[], "player.seek(8)").await;
}

/// The first picture is there before anybody plays, and the others follow without a jump to where the sound begins.
#[tokio::test(flavor = "multi_thread")]
async fn sound_that_begins_late_costs_no_picture() {
    let browser = Browser::start().await.expect("browser");
    let codings = ["copy", "flac -strict experimental", "libopus -ac 6 -mapping_family 1", LOW_RATE];
    for coding in codings {
        let mut film = Recoded::with_sound_late(1.2, 3, coding).expect("a film");
        if coding == LOW_RATE {
            film = film.without_word_of_sbr().expect("words");
        }
        let cut = Cut::new(&film.film, None).expect("cut");
        let (first, watch) = watch_from_the_first(&browser, cut.path(), 1.5).await;
        assert_eq!((first.number(), first.time), (Some(0), 0.0), "{coding}");
        watch.assert_frames_right(&film.film);
        watch.assert_shown_around(0.6);
    }
}

/// No splitter has seen this film: the player itself puts silence there.
#[tokio::test(flavor = "multi_thread")]
async fn sound_that_begins_late_in_chunks_that_hold_both_costs_no_picture() {
    let browser = Browser::start().await.expect("browser");
    let usual = Recoded::with_sound_of(5, 5).expect("a film");
    let low = Recoded::new("film.mp4", 5, &format!("-c:v copy -c:a {LOW_RATE}")).expect("a film");
    for (film, rate) in [(usual, 48_000), (low.without_word_of_sbr().expect("words"), 24_000)] {
        let cut = ArrayCut::with_sound_late(&film.film, rate, 200_000).expect("cut");
        let (first, watch) = watch_from_the_first(&browser, cut.path(), 3.0).await;
        assert_eq!(first.number(), Some(0), "{rate}: {first:?}");
        watch.assert_frames_right(&cut.film);
        watch.assert_shown_around(1.2);
        watch.assert_shown_around(2.4);
    }
}

/// The first picture of a cut, which is there before anybody plays, and what is shown until the playhead is at `until` seconds.
async fn watch_from_the_first(browser: &Browser, cut: &Path, until: f64) -> (Frame, Watch) {
    let origin = Origin::serve(cut).expect("origin");
    let url = format!("{}/?src=/none.json", origin.address());
    let page = Page::open_url(browser, &url, &[]).await.expect("page");
    page.wait_until("player.state === 'failed'", PATIENCE).await.expect("a page without a film");
    let load = "(async () => {
        const element = Object.assign(document.createElement('video'), { muted: true });
        document.body.append(element);
        const player = window.wasmBindings.Player.attach(element, {});
        window.watchparty = { video: element, player };
        await player.load('/media/current/manifest.json');
        return 'loaded'; })()";
    assert_eq!(page.execute_async(load).await.expect("a film"), "loaded");
    page.wait_until("video.readyState >= 2 && !video.seeking", PATIENCE).await.expect("a picture");
    let first = serde_json::from_value(page.execute("record.read()").await.expect("it is read")).expect("a frame");
    page.execute("void player.play()").await.expect("playback");
    page.wait_for_playhead(until).await.expect("playback");
    (first, page.watch().await.expect("notes"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_says_offline_plays() {
    let browser = Browser::start().await.expect("browser");
    let film = Recoded::with_sound_of(SECONDS, SECONDS).expect("a film");
    let offline = "Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false });";
    play(&film, &browser, &[offline], "player.seek(8)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_picture_in_ten_seconds_starts() {
    let browser = Browser::start().await.expect("browser");
    let film = Recoded::slides().expect("a film");
    let cut = Cut::new(&film.film, None).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(2.0).await.expect("playback");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_that_outlasts_every_attempt_ends_by_itself() {
    let browser = Browser::start().await.expect("browser");
    let film = Recoded::with_sound_of(30, 30).expect("a film");
    let cut = Cut::with_options(&film.film, &["--chunk-size", "350kB"]).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    // Every request of a player fails, or is never answered, until the page says otherwise.
    let outage = "window.out = new Set(); const own = window.fetch;
        window.fetch = (...given) => {
            const kind = new Headers(given[1]?.headers ?? given[0].headers).get('x-outage');
            if (!out.has(kind)) return own(...given);
            return kind === 'broken' ? Promise.reject(new TypeError('no network')) : new Promise(() => {});
        };";
    let url = format!("{}/?src=/none.json", origin.address());
    let page = Page::open_url(&browser, &url, &[outage]).await.expect("page");
    page.wait_until("player.state === 'failed'", PATIENCE).await.expect("a page without a film");
    let act = "(async () => {
        const until = async (holds) => {
            const end = performance.now() + 90000;
            while (!holds()) {
                if (performance.now() > end) throw new Error(`never: ${holds}`);
                await new Promise((done) => setTimeout(done, 20));
            }
        };
        const outlast = async (kind, keepTrying, others) => {
            const element = Object.assign(document.createElement('video'), { muted: true });
            document.body.append(element);
            const options = { ahead: 6, backoff: 0.05, attempts: 3, silence: 1.5, headers: { 'x-outage': kind }, keepTrying };
            const player = window.wasmBindings.Player.attach(element, options);
            const told = [];
            for (const name of ['error', 'reconnected']) player.addEventListener(name, () => told.push(name));
            await player.load('/media/current/manifest.json');
            await player.play();
            await until(() => element.currentTime > 1);
            out.add(kind);
            await until(() => told.includes('error'));
            const failed = player.state;
            out.delete(kind);
            await others;
            const before = told.join();
            if (!keepTrying) player.retry();
            await until(() => (keepTrying ? told.includes('reconnected') : true) && element.currentTime > 12);
            const state = player.state;
            player.destroy();
            return [failed, state, keepTrying ? told.join() : before];
        };
        const trying = [outlast('broken', true), outlast('silent', true)];
        return await Promise.all([...trying, outlast('given up', false, Promise.all(trying))]); })()";
    let outcome = page.execute_async(act).await.expect("a viewing");
    let recovered = serde_json::json!(["failed", "ready", "error,reconnected"]);
    assert_eq!(outcome, serde_json::json!([recovered, recovered, ["failed", "ready", "error"]]));
}
