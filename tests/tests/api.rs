//! What a page that embeds the player can rely on, in a real browser with a real film.

use std::time::Duration;

use end_to_end::{Browser, Kind, Page, Stage};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(60);

/// A function that makes a further, muted player in the page.
const ANOTHER: &str = "window.another = (options) => {
        const element = Object.assign(document.createElement('video'), { muted: true });
        document.body.append(element);
        const player = window.wasmBindings.Player.attach(element, options);
        return { element, player, load: (how) => player.load('/media/current/manifest.json', how) };
    };
    window.until = async (holds) => { while (!holds()) await new Promise((done) => setTimeout(done, 20)); };";

/// The page, with the film playing.
async fn page_of(stage: &Stage) -> Page<'_> {
    let page = Page::open(&stage.browser, &stage.origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    page.run(ANOTHER).await.expect("a function");
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn several_players_on_a_page_play_side_by_side() {
    let stage = Stage::set().await.expect("a stage");
    let page = page_of(&stage).await;
    page.run("window.pair = [another(), another()]").await.expect("two players");
    page.execute_async(
        "Promise.all(pair.map(({ load, player }, at) => load({ startTime: at * 10 }).then(() => player.play())))",
    )
    .await
    .expect("playback");
    let far = "pair.every(({ element }, at) => element.currentTime > at * 10 + 1) && !video.paused";
    page.wait_until(far, PATIENCE).await.expect("all three play");
    page.execute("pair.forEach(({ player }) => player.destroy())").await.expect("two fewer");
    page.wait_until("video.currentTime > 3", PATIENCE).await.expect("the first goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_goes_on_where_this_viewer_left_it() {
    let stage = Stage::set().await.expect("a stage");
    let page = page_of(&stage).await;
    let leave = "(async () => { const { element, player, load } = another({ resume: true });
        await load({ startTime: 12 });
        await until(() => element.readyState >= 2);
        player.seek(17.5, { origin: 'user' });
        await until(() => !element.seeking && element.readyState >= 2 && element.currentTime === 17.5);
        player.destroy(); })()";
    page.execute_async(leave).await.expect("a viewing");
    let again = "(async () => { const { element, player, load } = another({ resume: true });
        await load();
        await until(() => element.readyState >= 2 && !element.seeking);
        const at = element.currentTime;
        player.destroy();
        return at; })()";
    assert_eq!(page.execute_async(again).await.expect("a viewing"), json!(17.5));
    let unasked = "(async () => { const { element, player, load } = another();
        await load();
        await until(() => element.readyState >= 2 && !element.seeking);
        return element.currentTime; })()";
    assert_eq!(page.execute_async(unasked).await.expect("a viewing"), json!(0), "only if the page asks for it");
    let seen = leave.replace("17.5", "28.5");
    page.execute_async(&seen).await.expect("a viewing");
    assert_eq!(page.execute_async(again).await.expect("a viewing"), json!(0), "who left there has seen it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_before_the_film_begins_is_no_refusal() {
    let stage = Stage::set().await.expect("a stage");
    let page = page_of(&stage).await;
    let outcome = "(async () => { const { element, player, load } = another({ preload: 'metadata' });
        await load();
        const playing = player.play().then((result) => result, ({ name, code }) => `${name} ${code}`);
        player.pause();
        return [await playing, element.muted]; })()";
    assert_eq!(page.execute_async(outcome).await.expect("an outcome"), json!(["PlayerError superseded", true]));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_pressed_nothing_hears_nothing_and_programs_are_told_what_helps() {
    let mut stage = Stage::set().await.expect("a stage");
    stage.browser = Browser::start_waiting_for_gestures().await.expect("browser");
    let page = page_of(&stage).await;
    // What nobody can see does not play without sound in Chromium; in Firefox it does.
    let outcomes = "(async () => {
        const outcomes = [];
        for (const kind of ['video', 'audio']) {
            const element = document.body.appendChild(document.createElement(kind));
            const player = window.wasmBindings.Player.attach(element);
            const told = [];
            player.addEventListener('error', ({ detail }) => told.push(detail.code, detail.action, detail.fatal));
            await player.load('/media/current/manifest.json');
            const result = await player.play();
            outcomes.push(result, element.muted, element.paused, told, player.state === 'failed');
            player.destroy();
        }
        return outcomes; })()";
    let muted = json!(["muted", true, false, [], false]);
    let blocked = json!(["blocked", false, true, ["gesture-needed", "gesture", false], false]);
    let unseen = if stage.browser.kind == Kind::Firefox { muted.clone() } else { blocked };
    let expected = [muted, unseen].map(|of| of.as_array().expect("a list").clone()).concat();
    assert_eq!(page.execute_async(outcomes).await.expect("outcomes"), json!(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_scrubs_is_told_of_once() {
    let stage = Stage::set().await.expect("a stage");
    let page = page_of(&stage).await;
    let told = "(async () => {
        const { element, player, load } = another({ seekRest: 1 });
        await load();
        await until(() => element.readyState >= 2);
        const told = [];
        player.addEventListener('seek', ({ detail }) => told.push([detail.to, detail.origin]));
        let seeks = 0;
        player.addEventListener('seeking', () => (seeks += 1));
        for (let step = 1; step <= 20; step++) {
            // By the page's own bar, and by the browser's.
            if (step % 2) player.seek(step, { origin: 'user' });
            else element.currentTime = step;
            await new Promise((done) => setTimeout(done, 30));
        }
        await until(() => told.length > 0 && !element.seeking);
        player.destroy();
        return [seeks, told]; })()";
    assert_eq!(page.execute_async(told).await.expect("seeks"), json!([20, [[20, "user"]]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_wrongly_is_said_alike_everywhere_and_costs_no_film() {
    let stage = Stage::set().await.expect("a stage");
    let page = page_of(&stage).await;
    let outcomes = "(async () => {
        const said = ({ name, code, action, message, remedy }) =>
            [name, code, action, message.includes(remedy) || remedy.includes(message)].join(' ');
        const thrown = (act) => { try { act(); return 'nothing'; } catch (error) { return said(error); } };
        const rejected = (promise) => promise.then(() => 'nothing', said);
        const { element, player, load } = another({ ahead: 1 });
        const outcomes = [thrown(() => player.retry())];
        let nearest;
        try { another({ ahed: 3 }); } catch (error) { outcomes.push(said(error)); nearest = error.message; }
        await player.load(new Request('/media/current/manifest.json'));
        await until(() => element.readyState >= 2);
        outcomes.push(thrown(() => player.selectAudio(77)), thrown(() => (player.playbackRate = -1)),
            thrown(() => player.seek(NaN)), thrown(() => player.configure({ ahed: 3 })),
            await rejected(player.load(undefined)), await rejected(load({ startTime: NaN })),
            await rejected(load({ startTime: '3' })), await rejected(load({ start: 3 })));
        const before = [player.state, player.film !== null, nearest.includes('is ahead meant?')];
        // An option that is changed later counts from the next request on.
        let asked = 0;
        player.configure({ request: () => void (asked += 1) });
        before.push(asked === 0);
        player.seek(25);
        await until(() => asked > 0);
        const controller = new AbortController();
        const loading = rejected(load({ signal: controller.signal }));
        controller.abort();
        outcomes.push(await loading);
        player.destroy();
        return [outcomes, before]; })()";
    let error = |code: &str, action: &str| format!("PlayerError {code} {action} false");
    let mut expected = vec![error("no-film", "load"), error("option-invalid", "none")];
    expected.extend(vec![error("argument-invalid", "none"); 3]);
    expected.push(error("option-invalid", "none"));
    expected.extend(vec![error("argument-invalid", "none"); 4]);
    expected.push(error("aborted", "none"));
    assert_eq!(page.execute_async(outcomes).await.expect("outcomes"), json!([expected, ["ready", true, true, true]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_told_in_order_whatever_their_listeners_do() {
    let stage = Stage::set().await.expect("a stage");
    let page = page_of(&stage).await;
    let order = "(async () => {
        const { player } = watchparty;
        const order = [];
        player.addEventListener('seeked', () => player.seek(22.5, { origin: 'party' }), { once: true });
        for (const name of ['seeking', 'seeked']) {
            player.addEventListener(name, ({ type, detail }) => order.push(`${type} ${detail.to} ${detail.origin}`));
        }
        player.seek(11.5, { origin: 'user' });
        await until(() => order.length > 3);
        return order; })()";
    assert_eq!(
        page.execute_async(order).await.expect("two seeks"),
        json!(["seeking 11.5 user", "seeked 11.5 user", "seeking 22.5 party", "seeked 22.5 party"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn players_that_come_and_go_while_they_play_leave_no_memory_behind() {
    let stage = Stage::set().await.expect("a stage");
    let page = page_with_memory(&stage).await;
    let viewings = "(async () => { const bytes = [];
        for (let time = 0; time < 200; time++) {
            const { element, player, load } = another();
            await load({ startTime: (time * 7) % 28 });
            await player.play();
            await until(() => element.readyState >= 2 && !element.seeking);
            player.destroy();
            player.free();
            element.remove();
            bytes.push(wasmMemory.buffer.byteLength);
        }
        return bytes; })()";
    let bytes = sizes(&page.execute_async(viewings).await.expect("two hundred viewings"));
    // 180 times a kilobyte would be three pages of 64 KiB. Two are let pass, for the most that was ever in use at once
    // depends on how the pieces of the bodies fell.
    assert!(bytes[199] - bytes[20] <= 2 << 16, "WebAssembly's memory grew: {bytes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_players_that_are_destroyed_in_the_middle_leave_nothing_behind() {
    let stage = Stage::set().await.expect("a stage");
    let page = page_with_memory(&stage).await;
    // Destroyed at once, after the manifest, or while media come: whatever is under way is given up.
    let viewings = "(async () => { const bytes = [];
        for (let time = 0; time < 500; time++) {
            const { element, player, load } = another();
            const loading = load({ startTime: (time * 7) % 28 }).catch(({ code }) => code);
            if (time % 3) await loading;
            if (time % 3 === 2) await until(() => player.stats().mediaBytes > 0 || element.readyState > 0);
            player.destroy();
            const outcome = await loading;
            if (time % 3 === 0 && outcome !== 'superseded' && outcome !== 'destroyed') throw new Error(`${outcome}`);
            if (element.src || element.srcObject) throw new Error('the element still has the film');
            player.free();
            element.remove();
            bytes.push(wasmMemory.buffer.byteLength);
        }
        return bytes; })()";
    let bytes = sizes(&page.execute_async(viewings).await.expect("five hundred players"));
    // A leak of 300 bytes a player would be more. One page of 64 KiB is let pass, for the most that was ever in use at
    // once depends on how the pieces of the bodies fell, and on when the browser tells of what it has collected.
    let grown = bytes[499] - bytes[20];
    assert!(grown <= 1 << 16, "WebAssembly's memory grew by {grown} bytes: {bytes:?}");
}

/// The sizes of WebAssembly's memory after each player, the first of which fill the allocator's pools.
fn sizes(bytes: &serde_json::Value) -> Vec<u64> {
    bytes.as_array().expect("a list").iter().map(|now| now.as_u64().expect("bytes")).collect()
}

/// The page, with the film playing and the engine's memory in `wasmMemory`.
async fn page_with_memory(stage: &Stage) -> Page<'_> {
    let memory = "const own = WebAssembly.instantiateStreaming;
        WebAssembly.instantiateStreaming = async (...given) => {
            const made = await own.apply(WebAssembly, given);
            window.wasmMemory = made.instance.exports.memory;
            return made;
        };";
    let url = format!("{}/?src=/media/current/manifest.json", stage.origin.address());
    let page = Page::open_url(&stage.browser, &url, &[memory]).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    page.run(ANOTHER).await.expect("a function");
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_hidden_tab_the_film_plays_on_and_no_timer_runs_hot() {
    let stage = Stage::set().await.expect("a stage");
    let count = "window.timers = 0; for (const name of ['setTimeout', 'setInterval', 'requestAnimationFrame']) {
        const own = window[name].bind(window);
        window[name] = (act, ...rest) => own((...given) => { timers += document.hidden; act(...given); }, ...rest); }";
    let url = format!("{}/?src=/media/current/manifest.json", stage.origin.address());
    let page = Page::open_url(&stage.browser, &url, &[count]).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    page.run("window.stalls = 0; watchparty.player.addEventListener('stalled', () => (stalls += 1))")
        .await
        .expect("ears");

    let hidden = page.hide().await.expect("another tab");
    tokio::time::sleep(Duration::from_secs(4)).await;
    page.show(hidden).await.expect("the page again");
    assert_eq!(page.execute("[stalls, player.state]").await.expect("a state"), json!([0, "ready"]));

    // Paused, with as much buffered as is kept, there is nothing to be done.
    page.execute("player.pause()").await.expect("a pause");
    page.wait_until("player.bufferedAhead() > 5 && player.flow().requests.length === 0", PATIENCE)
        .await
        .expect("enough of it");
    let hidden = page.hide().await.expect("another tab");
    tokio::time::sleep(Duration::from_secs(1)).await;
    page.show(hidden).await.expect("the page again");
    page.execute("timers = 0").await.expect("a count");
    let hidden = page.hide().await.expect("another tab");
    tokio::time::sleep(Duration::from_secs(4)).await;
    page.show(hidden).await.expect("the page again");
    let timers = page.execute("timers").await.expect("a count").as_u64().expect("a number");
    // A few when the tab changes hands; one that runs hot would have rung sixteen times or more.
    assert!(timers <= 8, "{timers} timers rang in 4 s of a hidden, paused page");
}
