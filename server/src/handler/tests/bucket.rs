//! Media that lies in a bucket: what is asked of the store, and what comes of its faults.

use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use signing::{Keys, Link};
use test_bucket::{Bucket, Fault, Seen};

use super::*;

const KEY: &str = "media/0a1b2c3d4e5f/video-1/0001.mp4";
const MANIFEST: &str = "/media/current/manifest.json";
const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    fn store(&self) -> &Bucket {
        self.bucket.as_ref().expect("a bucket")
    }
}

/// A store that is given up once it has been silent for so long.
fn given(seconds: u64) -> World {
    World::of_bucket(|mut config| {
        config.limits.store_time = Duration::from_secs(seconds);
        config
    })
}

#[tokio::test]
async fn the_store_is_asked_for_the_range_and_no_more() {
    let world = World::of_bucket(|config| config);
    for range in ["bytes=100-199", "bytes=300000-", "bytes=0-0"] {
        assert_eq!(world.get(CHUNK, &[("range", range)]).await.0, StatusCode::PARTIAL_CONTENT);
    }
    assert_eq!(world.get(CHUNK, &[]).await.0, StatusCode::OK);
    // What is not sent is not asked for.
    assert_eq!(world.ask(Method::HEAD, CHUNK, &[]).await.0, StatusCode::OK);
    let (_, fields, _) = world.get(CHUNK, &[("range", "bytes=900000-")]).await;
    assert_eq!(field(&fields, "content-range"), "bytes */800000");
    let seen = world.store().seen();
    let of_chunk = |method: Method| seen.iter().filter(move |seen| seen.method == method && seen.key == KEY);
    assert_eq!(of_chunk(Method::HEAD).count(), 1);
    let ranges: Vec<_> = of_chunk(Method::GET).filter_map(|seen| seen.range.as_deref()).collect();
    // The last two are the whole of it, once for a body that the test collects after HEAD.
    assert_eq!(ranges, ["bytes=100-199", "bytes=300000-799999", "bytes=0-0", "bytes=0-799999", "bytes=0-799999"]);
    assert!(
        seen.iter().all(|seen| seen.query.is_empty() || seen.query.contains_key("x-id")),
        "nothing is listed: {seen:?}"
    );
}

#[tokio::test]
async fn small_objects_are_fetched_once() {
    let world = World::of_bucket(|config| config);
    for _ in 0..3 {
        assert_eq!(world.get(MANIFEST, &[]).await.2, b"{}");
        assert_eq!(world.get(MANIFEST, &[("range", "bytes=1-")]).await.2, b"}");
    }
    let is_get = |seen: &&Seen| seen.method == Method::GET;
    assert_eq!(world.store().seen().iter().filter(is_get).count(), 1);
}

#[tokio::test]
async fn what_passes_is_waited_out() {
    let world = World::of_bucket(|config| config);
    world.store().fail(|_, before| (before == 0).then_some(Fault::Answer(503, "SlowDown")));
    let (status, _, body) = world.get(CHUNK, &[("range", "bytes=10-19")]).await;
    assert_eq!((status, &body[..]), (StatusCode::PARTIAL_CONTENT, &content()[10..20]));
}

#[tokio::test]
async fn faults_are_errors_that_no_cache_keeps() {
    use StatusCode as Is;
    for (fault, expected) in [
        (Fault::Answer(503, "SlowDown"), Is::SERVICE_UNAVAILABLE),
        (Fault::Answer(500, "InternalError"), Is::SERVICE_UNAVAILABLE),
        (Fault::Silence, Is::SERVICE_UNAVAILABLE),
        (Fault::Answer(403, "AccessDenied"), Is::BAD_GATEWAY),
        (Fault::Answer(400, "ExpiredToken"), Is::BAD_GATEWAY),
        (Fault::Answer(404, "NoSuchKey"), Is::NOT_FOUND),
    ] {
        for method in [Method::HEAD, Method::GET] {
            let world = given(if matches!(fault, Fault::Silence) { 1 } else { 60 });
            let failing = method.clone();
            world.store().fail(move |seen, _| (seen.method == failing).then_some(fault));
            let (status, fields, body) = world.get(CHUNK, &[("range", "bytes=0-9")]).await;
            assert_eq!(status, expected, "{method} {fault:?}");
            assert_eq!(field(&fields, "cache-control"), "no-store");
            assert_eq!(field(&fields, "cloudflare-cdn-cache-control"), "no-store");
            assert!(!fields.contains_key("etag") && !fields.contains_key("content-range"), "{fields:?}");
            let said = String::from_utf8(body).expect("text");
            assert!(!said.contains("AccessDenied") && !said.contains("films"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_body_that_the_store_breaks_off_is_never_whole() {
    for fault in [Fault::Break(300_000), Fault::Stall(300_000), Fault::Shorter(1)] {
        let world = given(if matches!(fault, Fault::Stall(_)) { 6 } else { 60 });
        world.store().fail(move |seen, _| (seen.method == Method::GET && seen.key == KEY).then_some(fault));
        let request = Request::get(CHUNK).body(()).expect("a request");
        let response = world.handler.respond(&request, SystemTime::now()).await;
        assert_eq!(response.status(), StatusCode::OK, "{fault:?}");
        assert!(response.into_body().collect().await.is_err(), "{fault:?}");
    }
    // What is read whole first is an error before anything is sent.
    for fault in [Fault::Break(1), Fault::Shorter(1)] {
        let world = given(60);
        world.store().fail(move |seen, _| (seen.method == Method::GET).then_some(fault));
        let (status, fields, _) = world.get(MANIFEST, &[]).await;
        assert_eq!((status, field(&fields, "cache-control")), (StatusCode::SERVICE_UNAVAILABLE, "no-store"));
    }
}

#[tokio::test]
async fn an_object_that_is_replaced_is_looked_at_again() {
    let world = World::of_bucket(|config| config);
    let (_, before, _) = world.get(CHUNK, &[("range", "bytes=0-9")]).await;
    world.store().put(KEY, vec![b'n'; 700_000], None);
    let (status, after, body) = world.get(CHUNK, &[("range", "bytes=0-9")]).await;
    assert_eq!((status, &body[..]), (StatusCode::PARTIAL_CONTENT, &b"nnnnnnnnnn"[..]));
    assert_eq!(field(&after, "content-range"), "bytes 0-9/700000");
    assert_ne!(before["etag"], after["etag"]);
    // Whoever has half of the old one begins again.
    let old = field(&before, "etag");
    let (status, _, body) = world.get(CHUNK, &[("range", "bytes=10-"), ("if-range", old)]).await;
    assert_eq!((status, body.len()), (StatusCode::OK, 700_000));

    std::fs::remove_file(world.store().films().join(KEY)).expect("it is there");
    let (status, fields, _) = world.get(CHUNK, &[("range", "bytes=0-9")]).await;
    assert_eq!((status, field(&fields, "cache-control")), (StatusCode::NOT_FOUND, "no-store"));
}

#[tokio::test]
async fn the_tag_is_the_digest_that_it_was_stored_with_or_that_its_manifest_has() {
    let digest = "00112233445566778899aabbccddeeff".repeat(2);
    for is_stored_with_it in [true, false] {
        let world = World::of_bucket(|config| config);
        let stored = Some(digest.as_str()).filter(|_| is_stored_with_it);
        world.store().put(KEY, content(), stored);
        if !is_stored_with_it {
            world.store().put("media/manifest.json", manifest(&digest, 800_000), None);
        }
        let (status, fields, body) = world.get(CHUNK, &[("range", "bytes=0-9")]).await;
        assert_eq!((status, &body[..]), (StatusCode::PARTIAL_CONTENT, &content()[..10]));
        assert_eq!(field(&fields, "etag"), format!("\"sha256-{digest}\""));
        assert_eq!(field(&fields, "repr-digest"), "sha-256=:ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=:");
    }
}

/// Parts of one chunk under two tags would never be put together.
#[tokio::test]
async fn where_the_manifest_cannot_be_asked_nothing_is_sent_under_another_tag() {
    let world = given(60);
    world.store().fail(|seen, _| seen.key.ends_with("manifest.json").then_some(Fault::Answer(503, "SlowDown")));
    assert_eq!(world.get(CHUNK, &[]).await.0, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_new_manifest_is_seen() {
    let world = World::of_bucket(|config| config);
    let (_, before, _) = world.get(MANIFEST, &[]).await;
    world.store().put("media/manifest.json", "{\"new\": true}", None);
    let end = Instant::now() + PATIENCE;
    loop {
        let (_, fields, body) = world.get(MANIFEST, &[]).await;
        if body == b"{\"new\": true}" {
            assert_ne!(fields["etag"], before["etag"]);
            break;
        }
        assert!(Instant::now() < end, "the old one is still answered");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn several_films_of_one_bucket_are_shown_to_links_alone() {
    let keys = tempfile::NamedTempFile::new().expect("a file");
    let secret = "0123456789abcdef0123456789abcdef";
    std::fs::write(keys.path(), secret).expect("room");
    let world = World::of_bucket(|config| Config { share_key: Some(keys.path().to_owned()), ..config });
    for film in ["one", "more/two"] {
        world.store().put(&format!("media/{film}/manifest.json"), format!("\"{film}\""), None);
        world.store().put(&format!("media/{film}/0a/v/0001.mp4"), "chunk", None);
        let path = format!("/media/current/{film}/manifest.json");
        assert_eq!(world.get(&path, &[]).await.0, StatusCode::FORBIDDEN);
        let signed = Keys::parse(secret.as_bytes()).expect("a key");
        let link = Link::sign(&signed, &path, SystemTime::now() + PATIENCE).expect("in time");
        let (status, fields, body) = world.get(&format!("{path}?{}", link.query()), &[]).await;
        assert_eq!((status, body), (StatusCode::OK, format!("\"{film}\"").into_bytes()));
        assert_eq!(field(&fields, "cache-control"), "private, no-store");
        assert_eq!(world.get(&format!("/media/current/{film}/0a/v/0001.mp4"), &[]).await.2, b"chunk");
    }
}

#[tokio::test]
async fn whether_it_is_well_is_what_the_store_says() {
    let world = given(60);
    assert!(world.handler.is_media_there().await);
    for fault in [Fault::Answer(403, "AccessDenied"), Fault::Answer(503, "SlowDown")] {
        let world = given(60);
        world.store().fail(move |_, _| Some(fault));
        assert!(!world.handler.is_media_there().await, "{fault:?}");
    }
    let empty =
        World::of_bucket(|config| Config { media: Media::parse("s3://films/none".into()).expect("a place"), ..config });
    assert!(empty.handler.is_media_there().await, "a film may still come");
    let text = world.handler.metrics().expect("a bucket counts");
    assert!(text.contains("origin_store_requests_total{outcome=\"answered\"} 1\n"), "{text}");
}
