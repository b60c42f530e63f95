//! The page where something of it is missing, below other paths than the root, and with films from elsewhere.

use std::{fs, time::Duration};

use end_to_end::{Browser, Cut, Origin, Page, Site, sample_film};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(30);

fn cut() -> Cut {
    Cut::new(&sample_film(), Some("350kB")).expect("cut")
}

/// Tests look at the page through this, which is not there where the player does not start.
const WITHOUT_PLAYER: &str = "window.watchparty = {};";

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_missing_the_page_says_that_it_does_not_start() {
    let cut = cut();
    let browser = Browser::start().await.expect("browser");
    for missing in ["_bg.wasm", "player-", "page.js", "words.js"] {
        let site = Site::page("").expect("site");
        let in_page = ["page.js", "words.js"].contains(&missing);
        let directory = if in_page { site.path().join("page") } else { site.path().to_owned() };
        let names = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
        let is_it = |name: &str| match missing {
            "player-" => name.contains("player-") && name.ends_with(".js"),
            "_bg.wasm" => name.contains("player-") && name.ends_with("_bg.wasm"),
            _ => name == missing,
        };
        let found = names.filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_it));
        let found: Vec<_> = found.collect();
        assert_eq!(found.len(), 1, "{missing}");
        fs::remove_file(&found[0]).expect("it was there");
        let origin = Origin::serve_site(cut.path(), site.path()).expect("origin");
        let url = format!("{}/", origin.address());
        let page = Page::open_url(&browser, &url, &[WITHOUT_PLAYER]).await.expect("page");
        let failed = "document.getElementById('stage').dataset.state === 'failed'";
        page.wait_until(failed, PATIENCE).await.unwrap_or_else(|error| panic!("{missing}: {error}"));
        let told =
            "['status', 'remedy', 'retry'].map((id) => document.getElementById(id)).map(({ hidden, textContent }) =>
            hidden ? '' : textContent)";
        let told = page.execute(told).await.expect("texts");
        assert_eq!(told[0], "The player could not be started.", "{missing}");
        assert!(told[1].as_str().is_some_and(|text| text.contains("Reload the page")), "{missing}: {told}");
        assert_eq!(told[2], "Try again", "{missing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn below_any_path_the_page_finds_itself_and_its_film() {
    let cut = cut();
    let site = Site::page("films/to night").expect("site");
    site.add(cut.path(), "films/to night/media/current").expect("room");
    // The film at the root is another one's: there is none.
    let empty = Site::page("").expect("site");
    let origin = Origin::serve_site(empty.path(), site.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let url = format!("{}/films/to%20night/", origin.address());
    let page = Page::open_url(&browser, &url, &[]).await.expect("page");
    page.wait_for_playhead(1.0).await.expect("playback");
    let captions = "(async () => {
        await player.showTextTrack(player.addTextTrack({ src: new Blob(['0:1 --> 0:20\\nx']) }));
        return player.textTracks.length; })()";
    assert_eq!(page.execute_async(captions).await.expect("captions"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_taken_as_people_write_them() {
    let cut = cut();
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    let here = origin.address();
    let host = here.trim_start_matches("http://");
    let port = host.rsplit(':').next().expect("a port");
    let manifest = format!("{here}/media/current/manifest.json");
    for (typed, expected) in [
        (" /media/current/manifest.json\t".to_owned(), Some(manifest.as_str())),
        (manifest.replace("http", "HTTP"), Some(&manifest)),
        ("media/current/manifest.json".to_owned(), Some(&manifest)),
        ("./media/current/".to_owned(), Some(&manifest)),
        ("manifest.json".to_owned(), Some(&format!("{here}/manifest.json"))),
        (format!("{host}/media/current/"), Some(&manifest)),
        (host.to_owned(), Some(&manifest)),
        (format!("localhost:{port}/a.json"), Some(&format!("http://localhost:{port}/a.json"))),
        ("nas:8080/a.json".to_owned(), Some("http://nas:8080/a.json")),
        ("Example.org/film/manifest.json".to_owned(), Some("https://example.org/film/manifest.json")),
        ("example.org".to_owned(), Some("https://example.org/media/current/manifest.json")),
        ("my films/one/manifest.json".to_owned(), Some(&format!("{here}/my%20films/one/manifest.json"))),
        ("ftp://example.org/a.json".to_owned(), None),
        ("https://example.org/#src=/m/a.json?verify=1-a".to_owned(), Some("https://example.org/m/a.json?verify=1-a")),
        ("  ".to_owned(), None),
    ] {
        let take = format!("import('/page/address.js').then(({{ typedAddress }}) => typedAddress({typed:?}))");
        assert_eq!(page.execute_async(&take).await.expect("an answer"), json!(expected), "{typed:?}");
    }
    for (pasted, expected) in [
        ("  HTTP://example.org/a.json\nand more", Some("http://example.org/a.json")),
        ("/a.json", Some(&*format!("{here}/a.json"))),
        ("some words", None),
        ("example.org", None),
    ] {
        let take = format!("import('/page/address.js').then(({{ plainAddress }}) => plainAddress({pasted:?}))");
        assert_eq!(page.execute_async(&take).await.expect("an answer"), json!(expected), "{pasted:?}");
    }
    let submit = "(() => { document.getElementById('address').value = '  media/current/ ';
        video.currentTime = 20;
        document.querySelector('#open form').requestSubmit(); })()";
    page.execute(submit).await.expect("an address");
    page.wait_until("video.currentTime > 0.5 && video.currentTime < 15", PATIENCE).await.expect("playback");
    let query = page.execute("new URLSearchParams(location.search).get('src')").await.expect("a query");
    assert_eq!(query, manifest.as_str());
}

/// A folder of this machine with these files, chosen on the page. Their names have what means something in addresses.
const CHOOSE: &str = "(async () => {
    const base = new URL('/media/current/manifest.json', location.href);
    const text = await (await fetch(base)).text();
    const { id } = JSON.parse(text);
    const name = '50% #1? ü';
    const urls = [...new Set([...text.matchAll(/\"url\":\"([^\"]*)\"/g)].map(([, url]) => url))];
    const file = (bytes, path) => Object.defineProperty(new File([bytes], path.split('/').pop()), 'webkitRelativePath',
        { value: path });
    const renamed = text.replaceAll(`\"url\":\"${id}/`, `\"url\":\"${encodeURIComponent(name)}/`);
    const files = [file(renamed, 'My #1 film?/manifest.json')];
    for (const url of urls) {
        const bytes = await (await fetch(new URL(url, base))).blob();
        files.push(file(bytes, `My #1 film?/${url.replace(id, name)}`));
    }
    const folder = document.getElementById('folder');
    Object.defineProperty(folder, 'files', { value: files });
    watchparty.player.detach();
    window.chosen = performance.now();
    folder.dispatchEvent(new Event('change'));
})()";

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_may_have_any_name() {
    let cut = cut();
    let origin = Origin::serve(cut.path()).expect("origin");
    let browser = Browser::start().await.expect("browser");
    let page = Page::open(&browser, &origin).await.expect("page");
    page.wait_for_playhead(0.5).await.expect("playback");
    page.execute_async(CHOOSE).await.expect("a folder");
    page.wait_until("video.currentTime > 1", PATIENCE).await.expect("playback");
    // Firefox lists a request of the film before only after that has been given up.
    let fetched = "performance.getEntriesByType('resource')
        .filter(({ name, startTime }) => startTime >= chosen && name.startsWith('http') && /[.]mp4|[.]bin/.test(name))
        .map(({ name }) => name)";
    assert_eq!(page.execute(fetched).await.expect("a list"), json!([]), "everything is in the folder");
}
