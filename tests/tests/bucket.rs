//! A film that was published into a bucket, behind the edge: through the origin, and without one.

use std::net::SocketAddr;
use std::process::Command;

use edge::{Nginx, Settings};
use end_to_end::{Browser, Cut, Origin, Page, program, sample_film};
use test_bucket::Bucket;

fn published() -> Bucket {
    let cut = Cut::new(&sample_film(), Some("700kB")).expect("a cut");
    let bucket = Bucket::new();
    let mut publish = Command::new(program("splitter"));
    publish.arg("publish").arg(cut.path()).args(["s3://films/film", "--json"]);
    let output = publish.envs(bucket.environment()).output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    bucket
}

fn edge(origin: SocketAddr) -> Nginx {
    Nginx::edge(&Settings { origin, slice: "1m".to_owned(), clock: false }).expect("nginx")
}

fn address(url: &str) -> SocketAddr {
    url.trim_start_matches("http://").parse().expect("an address")
}

/// Plays the beginning and a later place, and looks at every frame.
async fn plays(url: &str) {
    let film = sample_film();
    let browser = Browser::start().await.expect("a browser");
    let page = Page::open_url(&browser, url, &[]).await.expect("a page");
    page.wait_for_playhead(4.0).await.expect("playback");
    let frame = page.seek(&film, 24.0).await.expect("a frame");
    frame.assert_covers(&film, 24.0);
    frame.assert_right(&film);
    page.wait_for_playhead(26.0).await.expect("playback");
    let watch = page.watch().await.expect("notes");
    watch.assert_frames_right(&film);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_plays_through_the_origin() {
    let bucket = published();
    let origin = Origin::serve_bucket("s3://films/film", &bucket.environment()).expect("an origin");
    let edge = edge(address(origin.address()));
    plays(&edge.url("/?src=/media/current/manifest.json")).await;
    let check = |url: &str| Command::new(program("splitter")).args(["check", url]).output().expect("it starts");
    let output = check(&edge.url("/media/current/manifest.json"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("0 faults, 0 notes"), "{said}");
    // What the edge has is not asked for again, and nothing is listed.
    let seen = bucket.seen();
    let gets: Vec<_> = seen.iter().filter(|seen| seen.method == "GET").map(|seen| (&seen.key, &seen.range)).collect();
    let once: std::collections::HashSet<_> = gets.iter().collect();
    assert!(gets.iter().all(|(key, range)| !key.is_empty() && range.is_some()), "{gets:?}");
    assert_eq!(once.len(), gets.len(), "{gets:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_plays_straight_from_the_bucket() {
    let bucket = published();
    let empty = tempfile::tempdir().expect("a directory");
    let page = Origin::serve(empty.path()).expect("an origin");
    // One host, as a bucket with a domain of its own beside the page would be.
    let host = Nginx::with_http(&format!(
        "server {{ listen LISTEN; location /films/ {{ proxy_pass {}; }} location / {{ proxy_pass {}; }} }}",
        bucket.endpoint(),
        page.address()
    ))
    .expect("nginx");
    plays(&edge(host.address()).url("/?src=/films/film/manifest.json")).await;
}
