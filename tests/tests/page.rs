//! The page as a person meets it: what it shows while it waits and when it fails, its keys, its memory, its access.

use std::{fs, time::Duration};

use end_to_end::{Browser, Cut, Origin, Page, Recoded, accessibility, sample_film};
use test_film::cells;

const CHUNK_SIZE: &str = "350kB";
const PATIENCE: Duration = Duration::from_secs(30);

fn serve() -> (Cut, Origin) {
    let cut = Cut::new(&sample_film(), Some(CHUNK_SIZE)).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    (cut, origin)
}

/// Notes where everything is as soon as the document has been read, before any module runs.
const EARLY: &str = "document.addEventListener('DOMContentLoaded', () => {
        const places = () => ['header', '#stage', '#flow'].map((name) => {
            const { left, top, width, height } = document.querySelector(name).getBoundingClientRect();
            return [left, top, width, height].map(Math.round).join(' ');
        }).join('; ');
        window.early = { places: places(), state: document.getElementById('stage').dataset.state,
            status: document.getElementById('status').textContent, placesNow: places };
    });";

#[tokio::test(flavor = "multi_thread")]
async fn it_says_that_it_loads_before_any_script_and_nothing_moves_when_the_film_comes() {
    let (_cut, origin) = serve();
    let browser = Browser::start().await.expect("browser");
    let url = format!("{}/?src=/media/current/manifest.json", origin.address());
    let page = Page::open_url(&browser, &url, &[EARLY]).await.expect("page");
    page.wait_for_playhead(1.0).await.expect("playback");
    let early = page.execute("early").await.expect("notes");
    assert_eq!(early["state"], "loading");
    assert_eq!(early["status"], "Loading the player…");
    assert_eq!(page.execute("early.placesNow()").await.expect("places"), early["places"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_is_not_there_is_told_and_tried_again_at_a_click() {
    let (cut, origin) = serve();
    let (manifest, away) = (cut.path().join("manifest.json"), cut.path().join("away.json"));
    fs::rename(&manifest, &away).expect("a file");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_until("document.getElementById('stage').dataset.state === 'failed'", PATIENCE).await.expect("an error");
    let status = page.execute("document.getElementById('status').textContent").await.expect("a text");
    assert_eq!(status, "The film could not be found.");
    accessibility::assert_without_serious_findings(&page).await;
    fs::rename(&away, &manifest).expect("a file");
    page.execute("document.getElementById('retry').click()").await.expect("a click");
    page.wait_for_playhead(1.0).await.expect("playback");
    assert_eq!(page.execute("document.getElementById('stage').dataset.state").await.expect("a state"), "ready");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_film_offers_no_second_try_and_a_folder_without_one_stops_nothing() {
    let (_cut, origin) = serve();
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    let file = "window.file = new DataTransfer(); file.items.add(new File(['nonsense'], 'notes.txt'));";
    page.run(file).await.expect("a file");
    page.execute("dispatchEvent(new DragEvent('drop', { dataTransfer: file, cancelable: true }))")
        .await
        .expect("a drop");
    page.wait_until("document.getElementById('stage').dataset.state === 'failed'", PATIENCE).await.expect("an error");
    assert_eq!(page.execute("document.getElementById('retry').hidden").await.expect("a state"), true);
    let choose = "(() => { const folder = document.getElementById('folder');
        folder.files = file.files;
        folder.dispatchEvent(new Event('change')); })()";
    page.execute(choose).await.expect("a folder");
    page.wait_until("document.getElementById('folder').validity.customError", PATIENCE).await.expect("a refusal");
    let submit = "(() => { document.getElementById('address').value = '/media/current/manifest.json';
        document.querySelector('#open form').requestSubmit(); })()";
    page.execute(submit).await.expect("an address");
    page.wait_until("document.getElementById('stage').dataset.state === 'ready'", PATIENCE).await.expect("the film");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_is_paused_when_it_is_tried_again_is_shown_once_it_is_there() {
    let (cut, origin) = serve();
    let chunk = cut.path().join(&cut.document().streams[0].chunks.last().expect("chunks").url);
    let away = chunk.with_extension("away");
    fs::rename(&chunk, &away).expect("a file");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_short_of_buffer(&browser, &origin, 2.0).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    page.execute("(player.pause(), player.seek(29))").await.expect("a seek");
    page.wait_until("document.getElementById('stage').dataset.state === 'failed'", PATIENCE).await.expect("an error");
    fs::rename(&away, &chunk).expect("a file");
    page.execute("document.getElementById('retry').click()").await.expect("a click");
    let shown = "video.paused && video.readyState >= 2 && document.getElementById('stage').dataset.state === 'ready'";
    page.wait_until(shown, PATIENCE).await.expect("the picture");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_report_holds_no_query() {
    let (_cut, origin) = serve();
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_at(&browser, origin.address(), "&token=secret").await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    let damaged = "player.dispatchEvent(new CustomEvent('damaged',
        { detail: { url: '1.mp4?token=secret', start: 0, end: 9 } }))";
    page.execute(damaged).await.expect("an event");
    let copy = "(navigator.clipboard.writeText = async (text) => void (window.copied = text),
        document.getElementById('flow-copy').click())";
    page.execute(copy).await.expect("a click");
    page.wait_until("window.copied", PATIENCE).await.expect("a report");
    let report = page.execute("copied").await.expect("a text");
    let report = report.as_str().expect("a text");
    assert!(report.contains("1.mp4: bytes 0 to 9 are damaged. They"), "{report}");
    assert!(!report.contains("secret"), "{report}");
}

/// Notes every layout shift from the first paint on, as the Layout Instability specification counts them. Firefox has no
/// such entries, and there the places of things are all that is held.
const SHIFTS: &str = "window.shifts = []; if (PerformanceObserver.supportedEntryTypes.includes('layout-shift'))
    new PerformanceObserver((list) => list.getEntries().forEach(({ value, hadRecentInput }) => {
        if (!hadRecentInput) shifts.push(value);
    })).observe({ type: 'layout-shift', buffered: true });";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_shifts_while_it_starts_plays_and_seeks() {
    let (_cut, origin) = serve();
    let browser = Browser::start().await.expect("browser");
    let url = format!("{}/?src=/media/current/manifest.json", origin.address());
    let page = Page::open_url(&browser, &url, &[SHIFTS]).await.expect("page");
    page.wait_for_playhead(2.0).await.expect("playback");
    page.execute("player.seek(20, { origin: 'user' })").await.expect("a seek");
    page.wait_until("video.currentTime > 21", PATIENCE).await.expect("playback goes on");
    assert_eq!(page.execute("shifts").await.expect("a list"), serde_json::json!([]));
}

/// A frame of a phone's width in the page, in which the film plays with everything open.
async fn open_phone(page: &Page<'_>) {
    let phone = "(window.phone = Object.assign(document.createElement('iframe'), { width: 360, height: 740, src: location.href }),
        document.body.append(phone))";
    page.execute(phone).await.expect("a frame");
    let loaded = "phone.contentWindow.watchparty?.video.currentTime > 0.5";
    page.wait_until(loaded, PATIENCE).await.expect("playback in the frame");
    page.execute("phone.contentDocument.querySelectorAll('details').forEach((details) => (details.open = true))")
        .await
        .expect("open");
}

/// The page while it plays, with everything open, on a phone, and when it has failed.
async fn assert_accessible(browser: &Browser) {
    let (_cut, origin) = serve();
    let page = Page::open(browser, &origin).await.expect("page");
    page.wait_for_playhead(1.0).await.expect("playback");
    accessibility::assert_without_serious_findings(&page).await;
    page.execute("document.querySelectorAll('details').forEach((details) => (details.open = true))")
        .await
        .expect("open");
    page.execute("document.getElementById('play').focus()").await.expect("the controls are there");
    accessibility::assert_without_serious_findings(&page).await;
    open_phone(&page).await;
    accessibility::assert_window_without_serious_findings(&page, "phone.contentWindow").await;
    let nowhere = format!("{}/?src=/media/current/nothing.json", origin.address());
    let failed = Page::open_url(browser, &nowhere, &[]).await.expect("page");
    let is_failed = "document.getElementById('stage').dataset.state === 'failed'";
    failed.wait_until(is_failed, PATIENCE).await.expect("an error");
    accessibility::assert_without_serious_findings(&failed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_need_help_to_use_it_can_use_all_of_it() {
    let browser = Browser::start().await.expect("browser");
    assert_accessible(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn they_can_in_dark_colours_too() {
    let browser = Browser::start_dark().await.expect("browser");
    assert_accessible(&browser).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_360_pixels_shows_all_of_it_without_scrolling_sideways() {
    let (_cut, origin) = serve();
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    open_phone(&page).await;
    let width = page.execute("phone.contentDocument.documentElement.scrollWidth").await.expect("a number");
    assert!(width.as_f64().is_some_and(|width| width <= 360.0), "{width} pixels");
    let beyond = "[...phone.contentDocument.querySelectorAll('#controls button, #controls select')]
        .filter((control) => control.checkVisibility())
        .filter((control) => control.getBoundingClientRect().right > 352).map((control) => control.id)";
    assert_eq!(page.execute(beyond).await.expect("a list"), serde_json::json!([]), "controls beyond the edge");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_of_two_languages_has_a_menu_of_sound() {
    let recoded = Recoded::with_second_language().expect("the film");
    let cut = Cut::new(&recoded.film, Some(CHUNK_SIZE)).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_with_ears(&browser, &origin).await.expect("page");
    page.wait_for_playhead(1.0).await.expect("playback");
    let menu = "(({ hidden, options, selectedIndex }) => [hidden, options.length, selectedIndex])(document.getElementById('audio'))";
    assert_eq!(page.execute(menu).await.expect("a menu"), serde_json::json!([false, 2, 0]));
    let choose = "(() => { const menu = document.getElementById('audio'); menu.selectedIndex = 1;
        menu.dispatchEvent(new Event('change')); })()";
    page.execute(choose).await.expect("a choice");
    // The second track is one tone of 5 kHz throughout.
    let heard = "record.pitches.slice(-5).length === 5 && record.pitches.slice(-5).every(({ left }) => Math.abs(left - 5000) < 12)";
    page.wait_until(heard, PATIENCE).await.expect("the other sound");
    assert_eq!(page.execute(menu).await.expect("a menu"), serde_json::json!([false, 2, 1]));
    assert_eq!(
        page.execute("player.audioTracks.map(({ active, language }) => [active, language])").await.expect("tracks"),
        serde_json::json!([[false, "en"], [true, "de"]])
    );
}

/// Points at a place of the seek bar, and reads the cells in the picture that is shown there as a text of `#` and `.`.
const POINT: &str = "window.point = async (seconds) => {
        const [bar, picture] = ['seek-bar', 'seek-hint-picture'].map((id) => document.getElementById(id));
        const { left, width } = bar.getBoundingClientRect();
        const clientX = left + 8 + (seconds / watchparty.player.duration) * (width - 16);
        bar.dispatchEvent(new PointerEvent('pointermove', { clientX, bubbles: true }));
        do await new Promise((done) => setTimeout(done, 20)); while (picture.hidden);
        const shown = getComputedStyle(picture);
        const sprite = Object.assign(new Image(), { src: /url\\(\"(.*)\"\\)/.exec(shown.backgroundImage)[1] });
        await sprite.decode();
        const [x, y] = shown.backgroundPosition.split(' ').map((place) => -parseFloat(place));
        const context = new OffscreenCanvas(160, 90).getContext('2d');
        context.drawImage(sprite, x, y, 160, 90, 0, 0, 160, 90);
        const isWhite = (cell) => context.getImageData(cell * 5 + 2, 2, 1, 1).data[1] > 127;
        return { row: [...Array(16).keys()].map((cell) => (isWhite(cell) ? '#' : '.')).join(''),
            size: [picture.offsetWidth, picture.offsetHeight], time: document.getElementById('seek-hint-time').textContent };
    };";

#[tokio::test(flavor = "multi_thread")]
async fn pointing_at_the_seek_bar_shows_the_picture_that_is_there() {
    let film = sample_film();
    let cut = Cut::with_options(&film, &["--thumbnails=2"]).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    page.run(POINT).await.expect("a function");
    page.execute("document.getElementById('play').focus()").await.expect("the controls are there");
    for (seconds, second_of_keyframe, time) in
        [(21.5, 20, "0:21"), (0.5, 0, "0:00"), (13.5, 12, "0:13"), (29.5, 28, "0:29")]
    {
        let shown = page.execute_async(&format!("point({seconds})")).await.expect("a picture");
        let row: Vec<bool> = shown["row"].as_str().expect("a row").chars().map(|cell| cell == '#').collect();
        let number = cells::read(row.try_into().expect("sixteen cells"));
        assert_eq!(number, Some(second_of_keyframe * film.frame_rate), "at {seconds} s: {shown}");
        assert_eq!(shown["size"], serde_json::json!([160, 90]));
        assert_eq!(shown["time"], time);
    }
    page.execute("document.getElementById('seek-bar').dispatchEvent(new PointerEvent('pointerleave'))")
        .await
        .expect("elsewhere");
    assert_eq!(page.execute("document.getElementById('seek-hint-picture').hidden").await.expect("a state"), true);
    // What other hands write: names of cues, hours or none, settings, whole pictures, what is no time.
    let read = r"import(new URL('thumbnails.js', document.baseURI)).then(({ thumbnails }) => {
        const cues = ['1\r\n00:00.000 --> 00:02.000\r\na.jpg#xywh=160,90,160,90', '00:05.000 --> nonsense\r\nc.jpg',
            '00:00:02.000 --> 01:00:04.500 align:left\r\nb.jpg'];
        const at = thumbnails(new TextEncoder().encode(['WEBVTT', ...cues, ''].join('\r\n\r\n')));
        return [at(0), at(2), at(4000)]; })";
    let expected = serde_json::json!([
        { "url": "a.jpg", "start": 0, "end": 2, "x": 160, "y": 90, "width": 160, "height": 90 },
        { "url": "b.jpg", "start": 2, "end": 3604.5, "x": 0, "y": 0, "width": null, "height": null },
        null
    ]);
    assert_eq!(page.execute_async(read).await.expect("pictures"), expected);
    let answer = "fetch(player.film.thumbnails.url).then(({ headers }) => headers.get('cache-control'))";
    let caching = page.execute_async(answer).await.expect("a header");
    assert!(caching.as_str().is_some_and(|text| text.contains("immutable")), "{caching}");
}

#[tokio::test(flavor = "multi_thread")]
async fn chapters_are_on_the_seek_bar_in_a_menu_and_on_keys() {
    let mut cut = Cut::new(&sample_film(), Some(CHUNK_SIZE)).expect("cut");
    cut.name_chapters(&[(0.0, "One"), (8.5, "Two"), (21.0, "")]).expect("a manifest");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    page.execute("video.pause()").await.expect("a pause");
    let menu = "document.getElementById('chapters')";
    let names = format!("[...{menu}.options].map(({{ text }}) => text).join('; ')");
    assert_eq!(page.execute(&names).await.expect("a menu"), "One (0:00); Two (0:08); Chapter 3 (0:21)");
    assert_eq!(
        page.execute(&format!("[{menu}.hidden, {menu}.value]")).await.expect("a menu").to_string(),
        "[false,\"0\"]"
    );
    let at = async |seconds: f64, chapter: &str| {
        let there =
            format!("Math.abs(video.currentTime - {seconds}) < 0.05 && !video.seeking && {menu}.value === {chapter:?}");
        page.wait_until(&there, PATIENCE).await.unwrap_or_else(|error| panic!("{seconds}: {error}"));
    };
    for (key, seconds, chapter) in
        [("n", 8.5, "1"), ("n", 21.0, "2"), ("n", 21.0, "2"), ("p", 8.5, "1"), ("p", 0.0, "0")]
    {
        let event = format!(
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {{ key: {key:?}, bubbles: true, cancelable: true }}))"
        );
        page.execute(&event).await.expect("a key");
        at(seconds, chapter).await;
    }
    page.execute(&format!("({menu}.value = '1', {menu}.dispatchEvent(new Event('change')))")).await.expect("a choice");
    at(8.5, "1").await;
    page.execute("document.getElementById('seek').focus()").await.expect("the controls are there");
    let spoken = "document.getElementById('seek').getAttribute('aria-valuetext').endsWith(', Two')";
    page.wait_until(spoken, PATIENCE).await.expect("a screen reader says the chapter");
    let point =
        "(() => { const bar = document.getElementById('seek-bar'); const { left, width } = bar.getBoundingClientRect();
        bar.dispatchEvent(new PointerEvent('pointermove', { clientX: left + 8 + (width - 16) * 25 / 30 }));
        return document.getElementById('seek-hint').textContent; })()";
    assert_eq!(page.execute(point).await.expect("a hint"), "Chapter 30:25");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_do_what_the_page_says() {
    let (_cut, origin) = serve();
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    let press = async |key: &str| {
        let event = format!(
            "document.body.dispatchEvent(new KeyboardEvent('keydown', {{ key: {key:?}, bubbles: true, cancelable: true }}))"
        );
        page.execute(&event).await.expect("a key");
    };
    press("k").await;
    page.wait_until("video.paused", PATIENCE).await.expect("a pause");
    for (key, expected) in
        [("5", 15.0), ("ArrowRight", 20.0), ("l", 30.0), ("j", 20.0), ("ArrowLeft", 15.0), ("0", 0.0)]
    {
        press(key).await;
        let there =
            format!("Math.abs(video.currentTime - Math.min({expected}, video.duration)) < 0.1 && !video.seeking");
        page.wait_until(&there, PATIENCE).await.unwrap_or_else(|error| panic!("{key}: {error}"));
    }
    press("m").await;
    page.wait_until("!video.muted", PATIENCE).await.expect("sound");
    press(">").await;
    page.wait_until("video.playbackRate === 1.25", PATIENCE).await.expect("faster");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_chose_is_remembered() {
    let (_cut, origin) = serve();
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    let choose = "(document.getElementById('speed').value = '1.5', document.getElementById('speed').dispatchEvent(new Event('change')),
        document.getElementById('flow').open = true)";
    page.execute(choose).await.expect("choices");
    let stored = "localStorage.getItem('watchparty-player')?.includes('\"flow\":true')";
    page.wait_until(stored, PATIENCE).await.expect("they are stored");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_until("video.playbackRate === 1.5 && document.getElementById('flow').open", PATIENCE)
        .await
        .expect("kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn captions_dropped_on_the_page_are_shown_and_can_be_shifted() {
    let (_cut, origin) = serve();
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    let drop = "(() => { const data = new DataTransfer();
        data.items.add(new File(['1\\n00:00:01,000 --> 00:00:20,000\\nGood evening\\n'], 'evening.srt'));
        dispatchEvent(new DragEvent('drop', { dataTransfer: data, cancelable: true })); })()";
    page.execute(drop).await.expect("a file");
    let shown =
        "[...video.textTracks].some((track) => track.mode === 'showing' && track.cues?.[0]?.text === 'Good evening')";
    page.wait_until(shown, PATIENCE).await.expect("captions");
    let menu = "document.getElementById('captions').selectedOptions[0].textContent";
    assert_eq!(page.execute(menu).await.expect("a text"), "evening.srt");
    page.execute("player.textTrackOffset = -0.5").await.expect("a shift");
    page.wait_until("video.textTracks[0].cues[0].startTime === 0.5", PATIENCE).await.expect("earlier");
}
