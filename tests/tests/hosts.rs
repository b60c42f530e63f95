//! What a page that embeds the player needs of its requests and errors: in a real browser, with a server that makes difficulties.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use end_to_end::{Browser, Cut, Fate, Origin, Page, Proxy, sample_film};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(60);

/// `another(address, options)` makes a further, muted player in the page, and notes what it tells.
const ANOTHER: &str = "window.another = (address, options, query = '') => {
        const element = Object.assign(document.createElement('video'), { muted: true });
        document.body.append(element);
        const player = window.wasmBindings.Player.attach(element, options);
        const told = [];
        for (const name of ['retrying', 'error', 'reconnected']) {
            player.addEventListener(name, ({ detail }) => told.push(`${name} ${detail?.code ?? ''}`.trim()));
        }
        const load = (how) => player.load(`${address}/media/current/manifest.json${query}`, how);
        return { element, player, told, load };
    };
    window.outcome = (promise) => promise.then(() => 'good', ({ code, action }) => `${code} ${action}`);
    window.until = async (holds) => { while (!holds()) await new Promise((done) => setTimeout(done, 20)); };";

/// The page that is built, with nothing to play.
async fn open<'a>(browser: &'a Browser, origin: &Origin) -> Page<'a> {
    let page = Page::open_at(browser, origin.address(), "&ahead=5").await.expect("page");
    page.wait_until("video.readyState > 1", PATIENCE).await.expect("the page's own film");
    page.run(ANOTHER).await.expect("functions");
    page
}

fn path(request: &[String]) -> &str {
    request[0].split(' ').nth(1).unwrap_or_default()
}

fn field<'a>(request: &'a [String], name: &str) -> Option<&'a str> {
    request.iter().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// An answer without more fields than CORS asks for.
fn answer(status: &str, fields: &str, body: &str) -> Fate {
    let length = body.len();
    Fate::Answer(format!(
        "HTTP/1.1 {status}\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: *\r\n\
        Access-Control-Allow-Headers: range, x-ticket, x-purpose\r\nConnection: close\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_of_another_site_that_wants_every_request_signed_plays() {
    let cut = Cut::with_options(&sample_film(), &["--chunk-size=350kB", "--thumbnails=5"]).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    let signed = Proxy::ruled(&origin, move |request| {
        if request[0].starts_with("OPTIONS") {
            return answer("204 No Content", "", "");
        }
        let purpose = field(request, "x-purpose").unwrap_or_default().to_owned();
        let is_signed = field(request, "x-ticket") == Some("7") && path(request).contains("sig=a%2Bb");
        if !is_signed || purpose.is_empty() {
            return answer("403 Forbidden", "", "");
        }
        noted.lock().expect("no panic").push(purpose);
        Fate::Pass
    });
    let signed = signed.expect("proxy");
    let browser = Browser::start().await.expect("browser");
    let page = open(&browser, &origin).await;
    let plays = format!(
        "(async () => {{
            const request = async (request, {{ kind }}) => {{
                await new Promise((done) => setTimeout(done));
                request.headers.set('x-purpose', kind);
            }};
            const {{ element, player }} = another('', {{ headers: {{ 'x-ticket': '7' }}, token: 'sig', request }});
            const signed = new URL('{}/media/current/manifest.json?sig=a%2Bb&other=1');
            const without = another('{0}', {{ attempts: 1 }});
            const refused = await outcome(without.load());
            without.player.destroy();
            await player.load(signed);
            await player.play();
            await until(() => element.currentTime > 1);
            player.seek(22);
            await until(() => !element.seeking && element.currentTime > 22.2);
            const [{{ url, x, y, width, height }}] = await Promise.all([12, 13, 14].map((at) => player.thumbnailAt(at)));
            const picture = new URL(url);
            const {{ width: wide, height: high, bandwidth, frameRate }} = player.film.streams[0];
            player.configure({{ ahead: 3 }});
            player.destroy();
            return [refused, picture.search, [width, height], [wide, high, bandwidth > 0, frameRate]]; }})()",
        signed.address()
    );
    let (film, stream) = (sample_film(), &cut.document().streams[0]);
    assert_eq!(
        page.execute_async(&plays).await.expect("it plays"),
        json!([
            "manifest-network retry",
            "?sig=a%2Bb",
            [160, 90],
            [stream.width, stream.height, true, film.frame_rate]
        ])
    );
    let seen = seen.lock().expect("no panic").clone();
    for kind in ["manifest", "chunk", "table", "thumbnails"] {
        assert!(seen.iter().any(|known| known == kind), "no request for {kind}: {seen:?}");
    }
    assert_eq!(seen.iter().filter(|kind| *kind == "thumbnails").count(), 1, "a pointer that moves asks once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_makes_difficulties_is_asked_again_and_what_helps_is_said() {
    let cut = Cut::new(&sample_film(), Some("350kB")).expect("cut");
    let origin = Origin::serve(cut.path()).expect("origin");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    // 1. Busy. 2. Mute. 3. Busy for as long as a budget of two lasts. 4. Good, but for the chunks, which are elsewhere.
    let difficult = Proxy::ruled(&origin, move |request| {
        if !path(request).contains("manifest.json") {
            return answer("200 OK", "Content-Type: text/html\r\n", "<!doctype html><title>Home</title>");
        }
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => answer("503 Service Unavailable", "Retry-After: 1\r\n", ""),
            1 => Fate::Silence,
            3 | 4 => answer("503 Service Unavailable", "", ""),
            _ => Fate::Pass,
        }
    });
    let difficult = difficult.expect("proxy");
    let browser = Browser::start().await.expect("browser");
    let page = open(&browser, &origin).await;
    let outcomes = format!(
        "(async () => {{
            const options = {{ silence: 1.5, backoff: 0.1, attempts: 2 }};
            const patient = another('{0}', {{ ...options, attempts: 3, preload: 'metadata' }});
            const first = await outcome(patient.load());
            patient.player.destroy();
            // The browser has kept the manifest, but not of this address.
            const late = another('{0}', {{ ...options, preload: 'metadata' }}, '?late');
            const second = await outcome(late.load());
            late.player.retry();
            await until(() => late.player.film);
            const told = late.told;
            late.player.destroy();
            const astray = another('{0}', options);
            await astray.load();
            await until(() => astray.player.state === 'failed');
            const third = astray.told.at(-1);
            astray.player.destroy();
            const given = [undefined, 77, ''].map((source) => outcome(player.load(source)));
            return [first, patient.told, second, told, third, await Promise.all(given), player.state]; }})()",
        difficult.address()
    );
    assert_eq!(
        page.execute_async(&outcomes).await.expect("outcomes"),
        json!([
            "good",
            ["retrying manifest-network", "retrying manifest-network"],
            "manifest-network retry",
            ["retrying manifest-network", "error manifest-network", "reconnected"],
            "error wrong-object",
            ["argument-invalid none", "argument-invalid none", "argument-invalid none"],
            "ready",
        ])
    );
    assert!(asked.load(Ordering::SeqCst) >= 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_another_cut_has_taken_the_films_place_loading_it_again_plays_that() {
    let [old, new] = ["350kB", "700kB"].map(|size| Cut::new(&sample_film(), Some(size)).expect("cut"));
    let [before, after] = [&old, &new].map(|cut| Origin::serve(cut.path()).expect("origin"));
    let replaced = Arc::new(AtomicUsize::new(0));
    let (now, elsewhere) = (replaced.clone(), after.address().to_owned());
    let edge = Proxy::ruled(&before, move |_| match now.load(Ordering::SeqCst) {
        0 => Fate::Pass,
        _ => Fate::Elsewhere(elsewhere.clone()),
    });
    let edge = edge.expect("proxy");
    let browser = Browser::start().await.expect("browser");
    // With a name and a password in the address, from which no browser lets a script fetch.
    let address = edge.address().replace("http://", "http://me:word@");
    let page = Page::open_at(&browser, &address, "&ahead=5").await.expect("page");
    page.wait_for_playhead(1.0).await.expect("playback");
    assert_eq!(page.execute("player.film.id").await.expect("an id"), json!(old.document().id));
    page.run("watchparty.player.addEventListener('error', ({ detail }) => (window.failed = detail), { once: true })")
        .await
        .expect("ears");
    replaced.store(1, Ordering::SeqCst);
    page.execute("player.seek(25)").await.expect("a seek");
    page.wait_until("window.failed", PATIENCE).await.expect("an error");
    assert_eq!(page.execute("[failed.code, failed.action]").await.expect("words"), json!(["content-changed", "load"]));
    // Its manifest is fresh in the browser's cache.
    page.execute("void player.load('media/current/manifest.json', { startTime: 25 }).then(() => player.play())")
        .await
        .expect("the way on");
    page.wait_until("video.currentTime > 25.5 && player.state !== 'failed'", PATIENCE).await.expect("playback");
    assert_eq!(page.execute("player.film.id").await.expect("an id"), json!(new.document().id));
}
