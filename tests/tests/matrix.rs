//! Everything that the splitter's own tests have cut and held against ffprobe, played by the browser: whole, and of a
//! long film the beginning and the end.

use std::{fs, time::Duration};

use end_to_end::{Browser, Origin, Page};
use serde_json::{Value, json};

/// More than the matrix that the splitter has to handle; far fewer would mean that its tests did not leave their cuts.
const AT_LEAST: usize = 60;

/// Films that are played at the same time: nothing here depends on how fast that goes.
const SIDE_BY_SIDE: usize = 4;

/// Chromium says that it plays AAC whose channels are listed in front of the sound (channel configuration 0 of an AudioSpecificConfig), and
/// refuses the init of every one: it has to be told as what it is.
const REFUSED_BY_CHROMIUM: &str = "silence-aac_whose_channels_are_listed";

/// Plays a cut to its end at four times its rate, but skips the middle of a long one: an element of its own for each.
const PLAY: &str = "window.play = async (url) => {
        const LONG = 100, SHORT = 40, PART = 8;
        const element = Object.assign(document.createElement('video'), { muted: true });
        document.body.append(element);
        const player = window.wasmBindings.Player.attach(element, {});
        const manifest = await (await fetch(url)).json();
        // Of the rungs of a set one that the browser has is enough.
        const has = ({ mime }) => MediaSource.isTypeSupported(mime);
        const unsupported = manifest.streams
            .filter(({ set = null }, at, all) => !all.some((other, place) =>
                has(other) && (place === at || (set !== null && other.set === set))))
            .map(({ mime }) => mime);
        const begins = Math.max(...manifest.streams.map(({ timescale, chunks: [{ start }] }) => start / timescale));
        const ranges = () => [...Array(element.buffered.length).keys()]
            .map((at) => [element.buffered.start(at), element.buffered.end(at)]);
        const failure = new Promise((done) => player.addEventListener('error',
            ({ detail }) => detail.fatal && done(`${detail.code}: ${detail.message}`)));
        const reaches = (event, isThere) => Promise.race([failure,
            new Promise((done) => element.addEventListener(event, () => isThere() && done(null))),
            new Promise((done) => setTimeout(() => done(`stuck at ${element.currentTime}`), 250_000))]);
        try {
            await player.load(url);
            element.playbackRate = 4;
            player.play();
            // The element may not have its own duration yet, and what was played long ago is not kept.
            const from = manifest.duration > SHORT ? manifest.duration - PART : begins;
            let error = await reaches('timeupdate', () => element.buffered.length > 0);
            const began = ranges()[0]?.[0];
            // A seek deep into a long group costs Firefox minutes.
            if (!error && manifest.duration > LONG) {
                error = await reaches('timeupdate', () => element.currentTime > PART);
                player.seek(from);
            }
            error ??= await reaches('ended', () => true);
            const pictures = manifest.streams.filter((stream) => stream.kind !== 'audio' && has(stream));
            // The link says which rung of a set it ends with.
            const sizes = pictures.filter((stream, at) => at === 0 || (stream.set ?? null) !== null && stream.set === pictures[0].set)
                .map(({ width, height }) => [width, height]);
            return { unsupported, error, begins, began, from, ranges: ranges(),
                at: element.currentTime, duration: element.duration,
                shown: [element.videoWidth, element.videoHeight], said: sizes,
                frames: element.getVideoPlaybackQuality().totalVideoFrames };
        } catch ({ code, message }) {
            return { unsupported, error: `${code}: ${message}` };
        } finally {
            player.destroy();
            element.remove();
        }
    };";

#[tokio::test(flavor = "multi_thread")]
async fn every_film_of_the_splitters_own_tests_plays_to_its_end() {
    let cuts = end_to_end::cuts().expect("cuts");
    let origin = Origin::serve(&cuts).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open_url(&browser, &format!("{}/?src=/none", origin.address()), &[]).await.expect("page");
    page.wait_until("window.wasmBindings", Duration::from_secs(60)).await.expect("the engine");
    page.run(PLAY).await.expect("a function");

    let is_firefox = page.execute("navigator.userAgent.includes('Firefox')").await.expect("an answer") == true;

    let names = fs::read_dir(&cuts).expect("cuts").map(|cut| cut.expect("a cut").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    let (mut played, mut wrong) = (0, Vec::new());
    for names in names.chunks(SIDE_BY_SIDE) {
        let urls: Vec<_> = names.iter().map(|name| format!("/media/current/{name}/manifest.json")).collect();
        let outcomes = page.execute_async(&format!("Promise.all({}.map(play))", json!(urls))).await.expect("outcomes");
        for (name, seen) in names.iter().zip(outcomes.as_array().expect("one each")) {
            let is_refused = !is_firefox && name.starts_with(REFUSED_BY_CHROMIUM);
            if is_refused
                && seen["error"].as_str().is_some_and(|error| error.starts_with("decoder: the browser refused"))
            {
                continue;
            }
            match judge(seen) {
                Ok(is_played) => played += usize::from(is_played),
                Err(why) => wrong.push(format!("{name}: {why}: {seen}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(played >= AT_LEAST, "only {played} of {names:?} were played");
}

/// Whether it was played; one of codecs that the browser has not must be refused with the name of one.
fn judge(seen: &Value) -> Result<bool, &'static str> {
    let unsupported = seen["unsupported"].as_array().ok_or("no answer")?;
    if !unsupported.is_empty() {
        let error = seen["error"].as_str().ok_or("played what the browser says it has not")?;
        let named = unsupported.iter().any(|mime| error.contains(mime.as_str().unwrap_or("?")));
        return if named { Ok(false) } else { Err("the error does not name the codec") };
    }
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let is_near = |a: &Value, b: &Value| (number(a) - number(b)).abs() < 0.06;
    let said = seen["said"].as_array().ok_or("no sizes")?;
    let is_said = if said.is_empty() { seen["shown"] == json!([0, 0]) } else { said.contains(&seen["shown"]) };
    let last = seen["ranges"].as_array().and_then(|ranges| ranges.last()).unwrap_or(&Value::Null);
    match () {
        () if !seen["error"].is_null() => Err("not played to the end"),
        () if !is_near(&seen["began"], &seen["begins"]) => Err("the buffer does not begin with the film"),
        () if number(&last[0]) > number(&seen["from"]) + 0.06 => Err("the buffer has a hole"),
        () if !is_near(&last[1], &seen["duration"]) => Err("the buffer does not end with the film"),
        () if !is_near(&seen["at"], &seen["duration"]) => Err("ended elsewhere"),
        () if !said.is_empty() && number(&seen["frames"]) < 1.0 => Err("no picture was decoded"),
        () if !is_said => Err("the picture has another size than the manifest says"),
        () => Ok(true),
    }
}
