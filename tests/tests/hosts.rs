//! What a page that embeds the player needs of its requests and errors: in a real browser, with a server that makes difficulties.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use end_to_end::{Browser, Cut, Fate, Origin, Page, Proxy, Site, sample_film};
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

/// What a page's hook says that each request is for, and the path that is asked for.
type Asked = Arc<Mutex<Vec<(String, String)>>>;

#[tokio::test(flavor = "multi_thread")]
async fn a_film_of_another_site_that_wants_every_request_signed_plays() {
    let words = tempfile::Builder::new().suffix(".srt").tempfile().expect("a file");
    std::fs::write(&words, "1\n00:00:01,000 --> 00:00:20,000\nGood evening\n").expect("words");
    let subtitles = format!("--subtitles=en={}", words.path().display());
    let options = ["--chunk-size=350kB", "--thumbnails=5", &subtitles];
    let mut cut = Cut::with_options(&sample_film(), &options).expect("cut");
    cut.ask_for_inits().expect("inits of their own");
    let origin = Origin::serve(cut.path()).expect("origin");
    let [seen, refused] = [Asked::default(), Asked::default()];
    let noted = [seen.clone(), refused.clone()];
    // Of what is no chunk, the first that is asked for is not to be had at once.
    let busy = Mutex::new(vec!["init", "table", "subtitles"]);
    let signed = Proxy::ruled(&origin, move |request| {
        if request[0].starts_with("OPTIONS") {
            return answer("204 No Content", "", "");
        }
        let purpose = field(request, "x-purpose").unwrap_or_default().to_owned();
        let is_signed = field(request, "x-ticket") == Some("7") && path(request).contains("sig=a%2Bb");
        let is_good = is_signed && !purpose.is_empty();
        let kind = purpose.split('-').next().unwrap_or_default();
        let is_busy = is_good && {
            let mut busy = busy.lock().expect("no panic");
            let at = busy.iter().position(|busy| *busy == kind);
            at.map(|at| busy.remove(at)).is_some()
        };
        if is_busy {
            return answer("503 Service Unavailable", "", "");
        }
        let asked = (purpose, path(request).split('?').next().unwrap_or_default().to_owned());
        noted[usize::from(!is_good)].lock().expect("no panic").push(asked);
        if is_good { Fate::Pass } else { answer("403 Forbidden", "", "") }
    });
    let signed = signed.expect("proxy");
    let browser = Browser::start().await.expect("browser");
    let page = open(&browser, &origin).await;
    let plays = format!(
        "(async () => {{
            const request = async (request, {{ kind, stream, chunk }}) => {{
                await new Promise((done) => setTimeout(done));
                const changed = new Request(request);
                changed.headers.set('x-purpose', [kind, stream, chunk].filter((part) => part !== null).join('-'));
                return changed;
            }};
            const {{ element, player }} = another('', {{ backoff: 0.1, headers: {{ 'x-ticket': '7' }}, token: 'sig', request }});
            const signed = new URL('{}/media/current/manifest.json?sig=a%2Bb&other=1');
            const without = another('{0}', {{ attempts: 1 }});
            const refused = await outcome(without.load());
            without.player.destroy();
            await player.load(signed);
            await player.play();
            await until(() => element.currentTime > 1);
            await player.showTextTrack(player.textTracks[0].id);
            await until(() => element.textTracks[0].cues?.length);
            const words = element.textTracks[0].cues[0].text;
            player.seek(22);
            await until(() => !element.seeking && element.currentTime > 22.2);
            const [{{ url, x, y, width, height }}] = await Promise.all([12, 13, 14].map((at) => player.thumbnailAt(at)));
            const picture = new URL(url);
            const {{ width: wide, height: high, bandwidth, frameRate }} = player.film.streams[0];
            player.configure({{ ahead: 3 }});
            player.destroy();
            return [refused, words, picture.search, [width, height], [wide, high, bandwidth > 0, frameRate]]; }})()",
        signed.address()
    );
    let (film, document) = (sample_film(), cut.document());
    let stream = &document.streams[0];
    assert_eq!(
        page.execute_async(&plays).await.expect("it plays"),
        json!([
            "manifest-network retry",
            "Good evening",
            "?sig=a%2Bb",
            [160, 90],
            [stream.width, stream.height, true, film.frame_rate]
        ])
    );
    let seen = seen.lock().expect("no panic").clone();
    let thumbnails = document.thumbnails.as_ref().expect("thumbnails");
    let mut kinds = vec![
        ("manifest".to_owned(), "manifest.json"),
        ("subtitles".to_owned(), document.subtitles[0].url.as_str()),
        ("thumbnails".to_owned(), thumbnails.url.as_str()),
    ];
    for (number, stream) in document.streams.iter().enumerate() {
        let table = stream.chunks[0].fragments.as_ref().expect("a table");
        kinds.extend([
            (format!("init-{number}"), stream.init.url.as_str()),
            (format!("chunk-{number}-0"), stream.chunks[0].url.as_str()),
            (format!("table-{number}-0"), table.url.as_str()),
        ]);
    }
    for (kind, url) in kinds {
        let is_it = |(known, path): &&(String, String)| *known == kind && path.ends_with(url);
        assert!(seen.iter().any(|asked| is_it(&asked)), "no request for {kind} of {url}: {seen:?}");
    }
    assert_eq!(seen.iter().filter(|(kind, _)| kind == "thumbnails").count(), 1, "a pointer that moves asks once");
    let refused = refused.lock().expect("no panic").clone();
    assert!(refused.iter().all(|(_, path)| path.ends_with("manifest.json")), "not signed: {refused:?}");
}

/// What every request is for, and whether it brought a cookie, of a page that says whether cookies go along.
#[tokio::test(flavor = "multi_thread")]
async fn cookies_go_along_as_the_page_says() {
    let mut cut = Cut::with_options(&sample_film(), &["--chunk-size=350kB", "--thumbnails=5"]).expect("cut");
    cut.ask_for_inits().expect("inits of their own");
    let browser = Browser::start().await.expect("browser");
    for (credentials, goes_along) in [("omit", false), ("include", true)] {
        // Of an address of its own, of which the browser keeps nothing.
        let origin = Origin::serve(cut.path()).expect("origin");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let noted = seen.clone();
        let edge = Proxy::ruled(&origin, move |request| {
            if let Some(purpose) = field(request, "x-purpose") {
                noted.lock().expect("no panic").push((purpose.to_owned(), field(request, "cookie").is_some()));
            }
            Fate::Pass
        });
        let edge = edge.expect("proxy");
        let page = Page::open_url(&browser, &format!("{}/?src=/none.json", edge.address()), &[]).await.expect("page");
        page.wait_until("player.state === 'failed'", PATIENCE).await.expect("a page without a film");
        page.run(ANOTHER).await.expect("functions");
        let plays = format!(
            "(async () => {{
                document.cookie = 'ticket=7';
                const request = (request, {{ kind }}) => request.headers.set('x-purpose', kind);
                const {{ element, player, load }} = another('', {{ credentials: {credentials:?}, request }});
                await load();
                await player.play();
                await until(() => element.currentTime > 0.1);
                await player.thumbnailAt(2);
                player.destroy(); }})()"
        );
        page.execute_async(&plays).await.expect("it plays");
        let seen = seen.lock().expect("no panic").clone();
        for kind in ["manifest", "init", "chunk", "table", "thumbnails"] {
            assert!(seen.contains(&(kind.to_owned(), goes_along)), "{credentials}, {kind}: {seen:?}");
        }
        assert!(seen.iter().all(|(_, came)| *came == goes_along), "{credentials}: {seen:?}");
    }
}

/// The documented way of several films below one origin: each is checked by its own digests, which its manifest vouches for.
#[tokio::test(flavor = "multi_thread")]
async fn each_of_several_films_below_one_origin_plays_and_is_checked() {
    let films = Site::page("").expect("a directory");
    std::fs::create_dir(films.path().join("more")).expect("room");
    let cuts = ["350kB", "700kB"].map(|size| Cut::new(&sample_film(), Some(size)).expect("cut"));
    for (name, cut) in ["first", "more/second"].iter().zip(&cuts) {
        // With its times, which a copy would not have.
        std::fs::rename(cut.path(), films.path().join(name)).expect("room");
    }
    let origin = Origin::serve_films(films.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    for (name, cut) in ["first", "more/second"].iter().zip(&cuts) {
        let src = format!("/media/{name}/manifest.json");
        let url = format!("{}/?src={src}&ahead=5", origin.address());
        let page = Page::open_url(&browser, &url, &[]).await.expect("page");
        page.wait_for_playhead(1.0).await.expect("playback");
        let entry = &cut.document().streams[0].chunks[0];
        let chunk = format!("/media/{name}/{}", entry.url);
        let said = format!(
            "fetch({chunk:?}).then(({{ headers }}) => ['etag', 'repr-digest'].map((name) => headers.get(name) ?? ''))"
        );
        let said = page.execute_async(&said).await.expect("an answer");
        assert_eq!(said[0], json!(format!("\"sha256-{}\"", entry.sha256)), "{chunk}");
        assert!(said[1].as_str().is_some_and(|digest| digest.starts_with("sha-256=:")), "{chunk}: {said}");
        page.wait_until("player.stats().checkedFragments > 0", PATIENCE).await.expect("checked");
        assert_eq!(page.execute("player.film.id").await.expect("an id"), json!(cut.document().id));
    }
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
