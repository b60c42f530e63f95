//! What a friend's film may be made of, cut and played to the end: the very frames, and no other codec than before.

use std::time::Duration;

use end_to_end::{Browser, Cut, Origin, Page, Recoded};

/// Long enough for three groups.
const SECONDS: u32 = 6;
const PATIENCE: Duration = Duration::from_secs(60);

struct Case {
    name: &'static str,
    /// Arguments of ffmpeg.
    coding: &'static str,
    /// Options of the splitter.
    options: &'static [&'static str],
    /// What the codecs are called (RFC 6381), as far as it does not depend on the encoder.
    codecs: &'static [&'static str],
}

const CASES: &[Case] = &[
    Case {
        name: "vp9-opus.mp4",
        coding: "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -row-mt 1 -b:v 1M -g 48 -c:a libopus",
        options: &[],
        codecs: &["vp09.00.", "opus"],
    },
    Case {
        name: "av1-flac.mp4",
        coding: "-c:v libsvtav1 -preset 12 -crf 40 -g 48 -c:a flac -strict -2",
        options: &[],
        codecs: &["av01.0.", "flac"],
    },
    Case {
        name: "av1-opus-muxed.mp4",
        coding: "-c:v libsvtav1 -preset 12 -crf 40 -g 48 -c:a libopus",
        options: &["--muxed"],
        codecs: &["av01.0.", "opus"],
    },
    Case {
        name: "h264-of-a-film-camera.mov",
        coding: "-vf scale=640:360,setsar=4/3 -c:v libx264 -preset ultrafast -bf 2 -g 48 -video_track_timescale 23976 \
                 -c:a aac -ar 44100",
        options: &[],
        codecs: &["avc1.", "mp4a.40.2"],
    },
    Case {
        name: "fragmented.mp4",
        coding: "-c:v libx264 -preset veryfast -crf 30 -bf 2 -g 48 -c:a aac -movflags +frag_keyframe+delay_moov",
        options: &[],
        codecs: &["avc1.64", "mp4a.40.2"],
    },
];

async fn plays(case: &Case, browser: &Browser) {
    let Case { name, .. } = case;
    let recoded = Recoded::new(name, SECONDS, case.coding).expect("a film");
    let options: Vec<&str> = ["--chunk-size", "500kB"].iter().chain(case.options).copied().collect();
    let cut = Cut::with_options(&recoded.film, &options).expect("cut");
    let mimes: Vec<&str> = cut.document().streams.iter().map(|stream| stream.mime.as_str()).collect();
    for codec in case.codecs {
        assert!(mimes.iter().any(|mime| mime.to_ascii_lowercase().contains(codec)), "{name}: {codec} in {mimes:?}");
    }
    let origin = Origin::serve(cut.path()).expect("origin");
    let page = Page::open(browser, &origin).await.expect("page");
    page.wait_for_end(&recoded.film).await.unwrap_or_else(|error| panic!("{name}: {error:#}"));
    let watch = page.watch().await.expect("notes");
    assert_eq!(watch.events("player", "error").count(), 0, "{name}: {:?}", watch.events);
    watch.assert_in_order(&recoded.film);
    watch.assert_frames_right(&recoded.film);
    watch.assert_without_holes();
    watch.assert_spans(&recoded.film);
}

#[tokio::test(flavor = "multi_thread")]
async fn films_in_every_codec_that_the_browser_has_play_to_the_end() {
    let browser = Browser::start().await.expect("browser");
    for case in CASES {
        plays(case, &browser).await;
    }
}

/// Takes `changeType` from a browser that has it.
const WITHOUT_CHANGE_TYPE: &str = "for (const name of ['SourceBuffer', 'ManagedSourceBuffer'])
        delete window[name]?.prototype.changeType;";

#[tokio::test(flavor = "multi_thread")]
async fn a_language_in_another_codec_takes_over_even_where_no_source_buffer_changes_its_type() {
    let recoded = Recoded::with_second_language_in("libopus", SECONDS, SECONDS).expect("a film");
    let film = &recoded.film;
    let cut = Cut::with_options(film, &["--chunk-size", "500kB"]).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let url = format!("{}/?src=/media/current/manifest.json", origin.address());
    let page = Page::open_url(&browser, &url, &[WITHOUT_CHANGE_TYPE]).await.expect("page");
    page.wait_for_playhead(1.0).await.expect("playback");
    // There and back: a decoder that failed would be replaced once.
    for at in [1, 0] {
        page.execute(&format!("void player.selectAudio(player.audioTracks[{at}].id)")).await.expect("a choice");
        let took_over = format!("player.audioTracks[{at}].active && player.bufferedAhead() > 0.2 && !video.paused");
        page.wait_until(&took_over, PATIENCE).await.expect("it plays");
    }
    // Pictures that are copied end some frames after the second at which they are cut.
    page.wait_until("video.ended", PATIENCE).await.expect("the end");
    let watch = page.watch().await.expect("notes");
    assert_eq!(watch.events("player", "error").count(), 0, "{:?}", watch.events);
    watch.assert_frames_right(film);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_of_sound_alone_plays_to_the_end() {
    let recoded = Recoded::new("sound.m4a", SECONDS, "-vn -c:a copy").expect("a film");
    let cut = Cut::new(&recoded.film, None).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_until("video.ended", PATIENCE).await.expect("the end");
    assert!(page.execute("Math.abs(video.currentTime - 6) < 0.1").await.expect("a time").as_bool().expect("an answer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_codec_that_the_browser_has_not_is_an_error_that_says_what_helps() {
    let recoded = Recoded::new("mp3.mp4", SECONDS, "-c:v copy -c:a libmp3lame").expect("a film");
    let cut = Cut::new(&recoded.film, None).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    let error = page.failure().await.expect("an error");
    assert!(error.detail.contains("mp4a.6B") && error.detail.contains("--transcode"), "{error:?}");
}
