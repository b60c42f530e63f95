//! Captions that a viewer brings, in whatever format and encoding: the browser shows the words that stand in the file.

use std::time::Duration;

use end_to_end::{Browser, Cut, Origin, Page, sample_film};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);

const ASS: &str = "[Script Info]\n[V4+ Styles]\nFormat: Name, Alignment\nStyle: Sign,8\n[Events]\n\
    Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
    Dialogue: 0,0:00:01.00,0:00:20.00,Sign,,0,0,0,,{\\i1}World{\\i0} <b> & Co\n\
    Dialogue: 0,0:00:01.00,0:00:20.00,Sign,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}\n";

/// A file, and its first cue as the browser has it: when it begins, on which line it stands, and its words.
fn files() -> Vec<(&'static str, Vec<u8>, Value)> {
    let german = "00:00:01,000 --> 00:00:20,000\nDie Füße über dem schönen großen Tisch, natürlich für mich.\n";
    let german_words = json!([1, "auto", german.lines().nth(1)]);
    let utf_16 = |order: fn(u16) -> [u8; 2]| german.encode_utf16().flat_map(order).collect();
    // What stands in this text is the same in Windows-1252 and in the first 256 characters of Unicode.
    let latin = german.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin")).collect();
    let bytes = |text: &str| text.as_bytes().to_vec();
    vec![
        (
            "words that look like tags",
            bytes("1\n00:00:01,000 --> 00:00:20,000\n{\\an8}I <3 you & her\nthis --> that\n"),
            json!([1, 0, "I <3 you & her\nthis --> that"]),
        ),
        ("half a second", bytes("1\r\r\n00:00:00,5 --> 00:00:20,0\r\r\nOne\r\r\n"), json!([0.5, "auto", "One"])),
        ("UTF-16", utf_16(u16::to_le_bytes), german_words.clone()),
        ("UTF-16 the other way round", utf_16(u16::to_be_bytes), german_words.clone()),
        ("Windows-1252", latin, german_words),
        ("SubStation", bytes(ASS), json!([1, 0, "World <b> & Co"])),
        (
            "WebVTT of another hand",
            bytes(
                "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:0\n\n0:1,5 --> 0:20,0\n{\\an8}<i>I</i> <3 you\na --> b\n",
            ),
            json!([1.5, 0, "I <3 you\na --> b"]),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_bring_is_shown_as_it_is_written() {
    let cut = Cut::new(&sample_film(), Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    let fetched = "performance.getEntriesByType('resource').some(({ name }) => name.includes('captions-module'))";
    assert_eq!(page.execute(fetched).await.expect("a list"), false, "what reads captions comes when it is needed");
    for (name, bytes, expected) in files() {
        let show = format!(
            "(async () => {{
                const id = player.addTextTrack({{ src: new Blob([new Uint8Array({bytes:?})]), label: {name:?} }});
                await player.showTextTrack(id);
                const {{ track }} = video.lastElementChild;
                while (!track.cues?.length) await new Promise((done) => setTimeout(done, 20));
                const [cue] = track.cues;
                return [cue.startTime, cue.line, cue.getCueAsHTML().textContent];
            }})()"
        );
        assert_eq!(page.execute_async(&show).await.expect("captions"), expected, "{name}");
    }
    assert_eq!(page.execute(fetched).await.expect("a list"), true);

    let wrong = "(async () => {
        const told = [];
        player.addEventListener('error', ({ detail }) => told.push(detail.code, detail.fatal));
        const id = player.addTextTrack({ src: new Blob(['no captions, just words']) });
        const code = await player.showTextTrack(id).then(() => 'shown', ({ code }) => code);
        return [code, ...told, player.textTracks.findIndex(({ active }) => active)];
    })()";
    let expected = json!(["subtitles-invalid", "subtitles-invalid", false, 6]);
    assert_eq!(page.execute_async(wrong).await.expect("an error"), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_what_reads_them_the_film_plays_on() {
    let cut = Cut::new(&sample_film(), Some("350kB")).expect("cut");
    let site = end_to_end::Site::page("").expect("site");
    std::fs::remove_file(site.path().join("watchparty-captions-module_bg.wasm")).expect("it is there");
    let origin = Origin::serve_site(cut.path(), site.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    let show = "player.showTextTrack(player.addTextTrack({ src: new Blob(['0:1 --> 0:2\\nx']) }))
        .then(() => 'shown', ({ code, fatal }) => [code, fatal])";
    page.wait_for_playhead(0.5).await.expect("playback");
    assert_eq!(page.execute_async(show).await.expect("an error"), json!(["subtitles-network", false]));
    page.wait_until("video.currentTime > 1.5", PATIENCE).await.expect("playback");
}
