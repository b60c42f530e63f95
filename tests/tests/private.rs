//! A film that only those with a link may watch.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use end_to_end::{Browser, Cut, Fate, Origin, Page, Proxy, program, sample_film};
use signing::{Keys, Link};

const PATIENCE: Duration = Duration::from_secs(30);
const MANIFEST: &str = "/media/current/manifest.json";
const FAILED: &str = "!window.old && document.getElementById('stage').dataset.state === 'failed'";

async fn said(page: &Page<'_>) -> String {
    page.wait_until(FAILED, PATIENCE).await.expect("an error");
    let texts = "document.getElementById('status').textContent + ' ' + document.getElementById('remedy').textContent";
    page.execute(texts).await.expect("texts").as_str().expect("text").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_film_plays_by_its_link_and_says_what_to_do_without() {
    let directory = tempfile::tempdir().expect("a directory");
    let keys = directory.path().join("keys");
    std::fs::write(&keys, "0123456789abcdef0123456789abcdef").expect("room");
    let path = keys.to_str().expect("text");
    let options = ["--chunk-size", "350kB", "--private", "--key", path];
    let cut = Cut::with_options(&sample_film(), &options).expect("a cut");
    let origin = Origin::serve_private(cut.path(), &keys).expect("an origin");
    let heads = Arc::new(Mutex::new(Vec::new()));
    let seen = heads.clone();
    let proxy = Proxy::ruled(&origin, move |head| {
        seen.lock().expect("no panic").push(head.to_vec());
        Fate::Pass
    })
    .expect("a proxy");
    let browser = Browser::start().await.expect("a browser");

    let page = Page::open_at(&browser, proxy.address(), "").await.expect("a page");
    // Which of them is chosen is by the error's code.
    let told = said(&page).await;
    assert!(told.starts_with("This link does not open the film.") && told.ends_with("for a new link."), "{told}");

    let signed = Keys::read(&keys).expect("a key");
    let late = Link::sign(&signed, MANIFEST, SystemTime::now() - Duration::from_secs(3_600)).expect("in time").query();
    let link = format!("{}/#src={MANIFEST}?{late}", proxy.address());
    let page = Page::open_url(&browser, &link, &[]).await.expect("a page");
    let told = said(&page).await;
    assert!(told.starts_with("This link has expired.") && told.ends_with("for a new link."), "{told}");
    assert!(!told.contains("verify"), "{told}");

    // In the same tab, where only what is behind the number sign changes.
    let mut share = Command::new(program("splitter"));
    share.args(["share", &format!("{}{MANIFEST}", proxy.address()), "--for", "1h", "--page", "--key", path]);
    let link = String::from_utf8(share.output().expect("it starts").stdout).expect("text");
    let page = Page::open_url(&browser, link.trim(), &[]).await.expect("a page");
    page.wait_for_playhead(1.0).await.expect("playback");
    let copy = "(navigator.clipboard.writeText = async (text) => void (window.copied = text),
        player.dispatchEvent(new CustomEvent('damaged', { detail: { url: player.film.streams[0].chunks[0].url, start: 0, end: 9 } })),
        document.getElementById('flow-copy').click())";
    page.execute(copy).await.expect("a click");
    page.wait_until("window.copied", PATIENCE).await.expect("a report");
    let report = page.execute("copied").await.expect("a text").as_str().expect("text").to_owned();
    let id = &cut.document().id;
    assert!(report.contains(&id[..32]) && !report.contains(&id[32..]) && !report.contains("verify"), "{report}");

    // Withdrawn in mid-film: what plays goes on, and what is loaded again asks for another link.
    std::fs::write(&keys, "fedcba9876543210fedcba9876543210").expect("room");
    origin.reload().expect("a signal");
    let (_, query) = link.trim().split_once('?').expect("a signed link");
    let status = format!("fetch('{MANIFEST}?{query}', {{ cache: 'reload' }}).then(({{ status }}) => status)");
    let end = SystemTime::now() + PATIENCE;
    while page.execute_async(&status).await.expect("a status") != 403 {
        assert!(SystemTime::now() < end, "the key is still good");
    }
    page.execute_async("player.checkForUpdate()").await.expect("no error");
    page.execute("player.seek(25)").await.expect("a seek");
    page.wait_for_playhead(26.0).await.expect("playback goes on");
    assert_eq!(page.execute("player.state === 'failed'").await.expect("a state"), false);
    page.execute("(window.old = true, location.reload())").await.expect("a reload");
    let told = said(&page).await;
    assert!(told.starts_with("This link does not open the film."), "{told}");

    // The token has gone to the manifest's address and nowhere else.
    let heads = heads.lock().expect("no panic");
    let (mut opened, token) = (0, "verify=");
    for head in heads.iter() {
        opened += usize::from(head[0].contains(token));
        assert!(!head[0].contains(token) || head[0].starts_with(&format!("GET {MANIFEST}?{token}")), "{head:?}");
        let fields = &head[1..];
        assert!(
            !fields.iter().any(|line| line.contains(token) || line.to_lowercase().starts_with("referer:")),
            "{head:?}"
        );
    }
    assert!(opened >= 4, "{opened}");
}
