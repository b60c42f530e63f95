//! The media element is the page's: what a page does to it counts, as it would without a player.

use std::time::Duration;

use end_to_end::{Browser, Cut, Origin, Page, Site, Stage, sample_film};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(60);

/// Functions that make a further, muted element in the page, and a player for it.
const FUNCTIONS: &str = "window.makeElement = () => {
        const element = Object.assign(document.createElement('video'), { muted: true });
        document.body.append(element);
        return element;
    };
    window.makePlayer = (element, options) => {
        const player = window.wasmBindings.Player.attach(element, options);
        const told = [];
        for (const name of ['state', 'detached', 'loaded', 'seeking', 'seeked', 'ended', 'error'])
            player.addEventListener(name, ({ detail }) => told.push([name, detail?.state ?? detail?.origin ?? detail?.code ?? null]));
        return { element, player, told, load: (how) => player.load('/media/current/manifest.json', how) };
    };
    window.outcome = (promise) => Promise.race([
        promise.then((value) => value ?? 'done', ({ name, code }) => `${name} ${code}`),
        new Promise((done) => setTimeout(done, 20000, 'never')),
    ]);
    window.until = async (holds, what = String(holds)) => {
        const end = performance.now() + 20000;
        while (!holds()) {
            if (performance.now() > end) throw new Error(`never: ${what}`);
            await new Promise((done) => setTimeout(done, 20));
        }
    };
    window.seeks = (told) => told.filter(([name]) => name.startsWith('seek')).map((event) => event.join(' '));
    window.unhandled = [];
    addEventListener('unhandledrejection', ({ reason }) => unhandled.push(`${reason}`));";

/// The page without a film of its own.
async fn page_of(stage: &Stage) -> Page<'_> {
    let url = format!("{}/?src=/none.json", stage.origin.address());
    let page = Page::open_url(&stage.browser, &url, &[]).await.expect("page");
    page.wait_until("player.state === 'failed'", PATIENCE).await.expect("a page without a film");
    page.run(FUNCTIONS).await.expect("functions");
    page
}

/// What comes of an async function in the page.
async fn act(page: &Page<'_>, body: &str) -> Value {
    let outcome = page.execute_async(&format!("(async () => {{ {body} }})()")).await;
    outcome.unwrap_or_else(|error| panic!("{error:#}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_element_that_is_anothers_is_let_go_and_one_that_is_loaded_anew_goes_on() {
    let stage = Stage::set().await.expect("a stage");
    let page = page_of(&stage).await;
    for (taken, left) in [
        ("element.src = URL.createObjectURL(new MediaSource())", "element.src === was && was.startsWith('blob:')"),
        ("element.removeAttribute('src'); element.load()", "element.src === '' && element.readyState === 0"),
        ("element.srcObject = new MediaStream()", "element.srcObject instanceof MediaStream"),
    ] {
        let body = format!(
            "const {{ element, player, told, load }} = makePlayer(makeElement());
            await load();
            await player.play();
            await until(() => element.currentTime > 0.3);
            {taken};
            const was = element.src;
            await until(() => told.some(([name]) => name === 'detached'));
            const {{ requests }} = player.stats();
            await new Promise((done) => setTimeout(done, 500));
            const letGo = [told.slice(-2), {left}, player.stats().requests === requests, player.state, player.film];
            await load({{ startTime: 5 }});
            const result = await player.play();
            await until(() => element.currentTime > 5.2);
            player.destroy();
            return [...letGo, result, told.some(([name]) => name === 'error')];"
        );
        let told = json!([["state", "idle"], ["detached", null]]);
        assert_eq!(act(&page, &body).await, json!([told, true, true, "idle", null, "playing", false]), "{taken}");
    }
    // A second player on the element; the first is at work, or on its way.
    for begun in ["await until(() => first.player.film && element.readyState > 1)", "await null"] {
        let body = format!(
            "const element = makeElement();
            const [first, second] = [makePlayer(element), makePlayer(element)];
            const loading = outcome(first.load());
            {begun};
            await second.load();
            await second.player.play();
            await until(() => element.currentTime > 0.3);
            const told = ({{ told }}) => told.some(([name]) => name === 'detached');
            const states = [first.player.state, second.player.state, told(first), told(second),
                ['done', 'PlayerError superseded'].includes(await loading)];
            second.player.destroy();
            return states;"
        );
        assert_eq!(act(&page, &body).await, json!(["idle", "ready", true, false, true]), "{begun}");
    }
    let body = "const { element, player, told, load } = makePlayer(makeElement());
        await load({ startTime: 12 });
        await player.play();
        player.playbackRate = 1.5;
        await until(() => element.currentTime > 12.5);
        const before = element.currentTime;
        element.load();
        await until(() => element.currentTime > 13.2 && !element.paused);
        const played = [player.state, player.playbackRate, told.filter(([name]) => name === 'loaded').length,
            element.played.start(0) > before - 0.5];
        const at = element.currentTime;
        player.pause();
        element.load();
        await until(() => told.filter(([name]) => name === 'loaded').length > 2 && element.readyState >= 2 && !element.seeking);
        const paused = [Math.abs(element.currentTime - at) < 0.1, element.paused];
        element.load();
        const result = await outcome(player.play());
        await until(() => element.currentTime > at + 0.3);
        player.destroy();
        return [...played, ...paused, result, told.some(([name]) => name === 'error' || name === 'seeking')];";
    assert_eq!(act(&page, body).await, json!(["ready", 1.5, 2, true, true, true, "playing", false]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_sets_or_wants_before_there_is_a_film_counts() {
    let stage = Stage::set().await.expect("a stage");
    let page = page_of(&stage).await;
    let cases = [
        // Before the load, after it, and once the manifest is known; what is said last counts, as far as it says anything.
        ("element.currentTime = 14; player.playbackRate = 1.5; await load()", json!([14, 1.5, []])),
        (
            "element.playbackRate = 2; const loading = load(); element.currentTime = 15; await loading",
            json!([15, 2, []]),
        ),
        ("const loading = load({ startTime: 3 }); element.currentTime = 15; await loading", json!([15, 1, []])),
        ("await load(); element.currentTime = 16", json!([16, 1, []])),
        ("element.currentTime = 14; await load({ startTime: 3 })", json!([3, 1, []])),
        (
            "const loading = load({ startTime: 3 }); player.seek(12, { origin: 'party' });
            if (player.state !== 'loading') throw new Error(player.state); await loading",
            json!([12, 1, ["seeking party", "seeked party"]]),
        ),
    ];
    for (wish, expected) in cases {
        let body = format!(
            "const {{ element, player, told, load }} = makePlayer(makeElement());
            {wish};
            await until(() => element.readyState >= 2 && !element.seeking && player.state === 'ready');
            await until(() => seeks(told).length % 2 === 0);
            const seen = [element.currentTime, element.playbackRate, seeks(told)];
            player.destroy();
            return seen;"
        );
        assert_eq!(act(&page, &body).await, expected, "{wish}");
    }
    let body = "const { element, player, told, load } = makePlayer(makeElement(), { preload: 'metadata' });
        await load({ startTime: 7 });
        await until(() => element.readyState >= 1 && told.some(([name]) => name === 'loaded'));
        await new Promise((done) => setTimeout(done, 300));
        const before = [element.duration > 29.9, player.state, player.stats().mediaBytes];
        await player.play();
        await until(() => element.currentTime > 7.3);
        player.destroy();
        return before;";
    assert_eq!(act(&page, body).await, json!([true, "ready", 0]), "with metadata preloaded");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_play_settles_and_beginning_again_is_no_seek_of_the_users() {
    let stage = Stage::set().await.expect("a stage");
    let page = page_of(&stage).await;
    let body = "const settled = [];
        const { element, player, load } = makePlayer(makeElement());
        settled.push(await outcome(player.play()));
        const failing = player.load('/none.json');
        const early = outcome(player.play());
        settled.push(await outcome(failing), await early, await outcome(player.play()));
        const loading = outcome(load());
        const overtaken = outcome(player.play());
        player.detach();
        settled.push(await loading, await overtaken, await outcome(player.play()));
        await load();
        settled.push(await outcome(player.play()));
        player.destroy();
        settled.push(await outcome(player.play()));
        for (const act of ['seek', 'selectAudio', 'retry', 'pause', 'checkForUpdate'])
            try { player[act](1); settled.push(act); } catch ({ code }) { settled.push(code); }
        settled.push(await outcome(load()), await outcome(player.showTextTrack(null)));
        element.remove();
        await new Promise((done) => setTimeout(done, 200));
        return [settled, unhandled];";
    let error = |code: &str| format!("PlayerError {code}");
    let (none, failed, overtaken) = (error("no-film"), error("manifest-network"), error("superseded"));
    let mut expected = vec![none.clone(), failed.clone(), failed.clone(), failed, overtaken.clone(), overtaken, none];
    expected.extend(["playing".to_owned(), error("destroyed")]);
    expected.extend(vec!["destroyed".to_owned(); 5]);
    expected.extend([error("destroyed"), error("destroyed")]);
    assert_eq!(act(&page, body).await, json!([expected, []]));
    let cases = [
        ("await until(() => element.ended); await player.play()", "element.currentTime < 2"),
        ("element.loop = true; await until(() => element.currentTime < 20)", "element.currentTime > 0"),
    ];
    for (wish, reached) in cases {
        let body = format!(
            "const {{ element, player, told, load }} = makePlayer(makeElement());
            await load({{ startTime: 29.3 }});
            await player.play();
            {wish};
            await until(() => !element.seeking && {reached} && seeks(told).length > 1);
            player.destroy();
            return seeks(told);"
        );
        assert_eq!(act(&page, &body).await, json!(["seeking program", "seeked program"]), "{wish}");
    }
    let body = "const { element, player, told, load } = makePlayer(makeElement());
        await load({ startTime: 99 });
        await until(() => element.readyState >= 2 && !element.seeking && player.state !== 'loading');
        await new Promise((done) => setTimeout(done, 300));
        player.destroy();
        return seeks(told);";
    assert_eq!(act(&page, body).await, json!([]), "a start beyond the end is no seek");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_custom_element_is_used_as_a_media_element_is() {
    let site = Site::example("minimal").expect("site");
    let cut = Cut::new(&sample_film(), Some("350kB")).expect("cut");
    let origin = Origin::serve_site(cut.path(), site.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let url = format!("{}/", origin.address());
    let body = "document.body.replaceChildren();
        const player = document.createElement('watchparty-player');
        Object.assign(player, { src: '/media/current/manifest.json', muted: true, volume: 0.5, loop: true, currentTime: 12, preload: 'auto' });
        const asked = new Set();
        player.options = { preload: 'none', request: (_, { kind }) => void asked.add(kind) };
        document.body.append(player);
        const told = [];
        for (const name of ['play', 'timeupdate', 'seeking', 'seeked', 'loaded'])
            player.addEventListener(name, ({ detail }) => told.includes(name) || told.push(name));
        const { defineElement } = await import('/watchparty-player/element.js');
        defineElement();
        await until(() => player.player && player.readyState >= 2 && !player.seeking);
        const { video } = player;
        const seen = [player.currentTime, player.paused, video.muted, video.volume, video.loop, player.duration > 29.9, player.getAttribute('src')];
        seen.push(['manifest', 'chunk'].every((kind) => asked.has(kind)));
        player.options = { ahead: 20 };
        try { player.options = { ahed: 20 }; } catch ({ code }) { seen.push(code, Object.keys(player.options)); }
        asked.clear();
        const result = await player.play();
        player.playbackRate = 1.5;
        await until(() => player.currentTime > 12.3);
        seen.push(result, player.paused);
        // Moved at once, then out of the document for a while.
        document.body.prepend(player);
        const moved = player.player;
        await new Promise((done) => setTimeout(done, 50));
        seen.push(player.player === moved);
        const at = player.currentTime;
        player.remove();
        await new Promise((done) => setTimeout(done, 300));
        seen.push(player.player, await outcome(player.play()));
        document.body.append(player);
        await until(() => player.player && player.currentTime > at + 0.4 && !player.paused);
        seen.push(asked.has('manifest'));
        seen.push(player.playbackRate, video.played.start(0) > at - 0.3);
        player.pause();
        await until(() => player.paused);
        const paused = player.currentTime;
        player.remove();
        await new Promise((done) => setTimeout(done, 50));
        seen.push(Math.abs(player.currentTime - paused) < 0.1);
        document.body.append(player);
        await until(() => player.player && player.readyState >= 2 && !player.seeking);
        seen.push(Math.abs(player.currentTime - paused) < 0.1, player.paused, player.loop);
        player.loop = false;
        player.currentTime = 3;
        await until(() => told.includes('seeked'));
        seen.push(video.loop, told.sort());
        const wrong = Object.assign(document.createElement('watchparty-player'), { src: '/none.json', options: { ahed: 20 } });
        document.body.append(wrong);
        seen.push(await new Promise((done) => wrong.addEventListener('error', ({ detail: { code } }) => done(code))));
        wrong.remove();
        // Nothing is asked for before somebody wants it.
        const lazy = document.createElement('watchparty-player');
        performance.clearResourceTimings();
        Object.assign(lazy, { src: '/media/current/manifest.json?lazy', muted: true, preload: 'none' });
        document.body.append(lazy);
        await until(() => lazy.player);
        await new Promise((done) => setTimeout(done, 200));
        seen.push(performance.getEntriesByType('resource').some(({ name }) => name.includes('lazy')));
        await lazy.play();
        await until(() => lazy.currentTime > 0.2);
        seen.push(unhandled);
        return seen;";
    // A function of the page's own: what a driver sends, Firefox runs in a realm whose modules are not the page's.
    let script = format!("window.act = async () => {{ {body} }};");
    let page = Page::open_url(&browser, &url, &["window.watchparty = {};", FUNCTIONS, &script]).await.expect("page");
    let expected = json!([
        12,
        true,
        true,
        0.5,
        true,
        true,
        "/media/current/manifest.json",
        true,
        "option-invalid",
        ["preload", "request", "ahead"],
        "playing",
        false,
        true,
        null,
        "PlayerError no-film",
        true,
        1.5,
        true,
        true,
        true,
        true,
        true,
        false,
        ["loaded", "play", "seeked", "seeking", "timeupdate"],
        "option-invalid",
        false,
        []
    ]);
    assert_eq!(act(&page, "return act()").await, expected);
}
