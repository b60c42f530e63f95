//! Films that are answered to signed links only.

use std::time::Duration;

use signing::{Keys, LIFETIME, Link};

use super::*;

const OLD: &str = "0123456789abcdef0123456789abcdef";
const NEW: &str = "fedcba9876543210fedcba9876543210";
const MANIFEST: &str = "/media/current/manifest.json";

/// A link to a path that is good for an hour, or was until an hour ago.
fn link(key: &str, path: &str, is_good: bool) -> String {
    let (now, hour) = (SystemTime::now(), Duration::from_secs(3_600));
    let keys = Keys::parse(key.as_bytes()).expect("a key");
    let link = Link::sign(&keys, path, if is_good { now + hour } else { now - hour }).expect("it is in time");
    format!("{path}?{}", link.query())
}

#[tokio::test]
async fn a_manifest_comes_by_its_link_alone_and_no_cache_keeps_it() {
    let world = World::shared(OLD);
    let (status, fields, body) = world.get(&link(OLD, MANIFEST, true), &[]).await;
    assert_eq!((status, &*body), (StatusCode::OK, &b"{}"[..]));
    let other = link(OLD, "/media/current/other.json", true);
    let borrowed = other.replace("other.json", "manifest.json");
    let good = link(OLD, MANIFEST, true);
    for (target, expected) in [
        (MANIFEST.to_owned(), 403),
        (format!("{MANIFEST}?"), 403),
        (format!("{MANIFEST}?verify="), 403),
        (format!("{good}x"), 403),
        (good.replace("manifest", "%6Danifest"), 403),
        (borrowed, 403),
        (link(NEW, MANIFEST, true), 403),
        (link(NEW, MANIFEST, false), 403),
        (link(OLD, MANIFEST, false), 410),
        // Whether it is there is told to nobody else.
        ("/media/current/other.json".to_owned(), 403),
        (other, 404),
    ] {
        let (status, refused, body) = world.get(&target, &[]).await;
        assert_eq!(status, expected, "{target}");
        assert_eq!(field(&refused, "cache-control"), "no-store", "{target}");
        assert_eq!(field(&refused, "cloudflare-cdn-cache-control"), "no-store", "{target}");
        assert_eq!(field(&refused, "access-control-allow-origin"), "*", "a page must hear why");
        assert!(expected == 404 || String::from_utf8_lossy(&body).contains("ask who shares it"), "{target}");
        assert!(!String::from_utf8_lossy(&body).contains("verify"), "{target}");
    }
    assert_eq!(field(&fields, "cache-control"), "private, no-store");
    assert_eq!(field(&fields, "cloudflare-cdn-cache-control"), "no-store");
}

#[tokio::test]
async fn chunks_and_the_page_need_no_link_and_are_kept_as_ever() {
    let (world, open) = (World::shared(OLD), World::new());
    for path in [CHUNK, "/", "/player-8a7f0c1d2e3f4a5b_bg.wasm"] {
        let ((status, fields, body), expected) = (world.get(path, &[]).await, open.get(path, &[]).await);
        assert_eq!((status, body), (StatusCode::OK, expected.2), "{path}");
        assert_eq!(fields.get("cache-control"), expected.1.get("cache-control"), "{path}");
    }
}

#[tokio::test]
async fn whatever_is_asked_of_a_manifest_needs_the_link() {
    let world = World::shared(OLD);
    let (good, late) = (link(OLD, MANIFEST, true), link(OLD, MANIFEST, false));
    let (_, fields, _) = world.get(&good, &[]).await;
    let tag = field(&fields, "etag").to_owned();
    for (method, condition, expected) in [
        (Method::GET, ("range", "bytes=0-0"), 206),
        (Method::GET, ("range", "bytes=9-"), 416),
        (Method::GET, ("if-none-match", tag.as_str()), 304),
        (Method::GET, ("if-none-match", "*"), 304),
        (Method::GET, ("if-match", "\"another\""), 412),
        (Method::HEAD, ("accept", "*/*"), 200),
        (Method::HEAD, ("if-none-match", tag.as_str()), 304),
    ] {
        let (status, fields, _) = world.ask(method.clone(), &good, &[condition]).await;
        assert_eq!(status, expected, "{method} {condition:?}");
        assert!(field(&fields, "cache-control").ends_with("no-store"), "{method} {condition:?}");
        for (target, expected) in [(MANIFEST, 403), (&late, 410)] {
            let (status, fields, _) = world.ask(method.clone(), target, &[condition]).await;
            assert_eq!(status, expected, "{method} {condition:?}");
            assert!(!fields.contains_key("etag") && !fields.contains_key("content-range"));
        }
    }
    assert_eq!(world.ask(Method::OPTIONS, MANIFEST, &[]).await.0, 204);
}

/// A key that is taken out of the file withdraws what it has signed; until then several count.
#[tokio::test]
async fn keys_are_rotated_and_links_withdrawn() {
    let world = World::shared(OLD);
    let (old, new) = (link(OLD, MANIFEST, true), link(NEW, MANIFEST, true));
    let statuses = async || (world.get(&old, &[]).await.0.as_u16(), world.get(&new, &[]).await.0.as_u16());
    let rekey = |keys: &str| {
        std::fs::write(world.dir.path().join("keys"), keys).expect("room");
        world.handler.share_keys().expect("a file of keys").reload()
    };
    assert_eq!(statuses().await, (200, 403));
    rekey(&format!("{NEW}\n{OLD}\n")).expect("two keys");
    assert_eq!(statuses().await, (200, 200));
    rekey("short").expect_err("no key");
    assert_eq!(statuses().await, (200, 200));
    rekey(NEW).expect("a key");
    assert_eq!(statuses().await, (403, 200));
}

/// The clock that counts is that of the origin: here it is wrong by so much.
#[tokio::test]
async fn a_clock_that_is_wrong_moves_the_end_and_no_link_is_too_new() {
    let world = World::shared(OLD);
    let now = SystemTime::now();
    let keys = Keys::parse(OLD.as_bytes()).expect("a key");
    let query = Link::sign(&keys, MANIFEST, now + LIFETIME).expect("it is in time").query();
    let status = async |clock| {
        let request = Request::builder().uri(format!("{MANIFEST}?{query}")).body(()).expect("a request");
        world.handler.respond(&request, clock).await.status().as_u16()
    };
    let (minutes, second) = (Duration::from_secs(600), Duration::from_secs(1));
    // Signed by a clock that is ten minutes ahead, for as long as links may last: the stamp is in the origin's future.
    assert_eq!(status(now - minutes).await, 200);
    assert_eq!(status(now + LIFETIME - minutes).await, 200);
    assert_eq!(status(now + LIFETIME - second).await, 200);
    assert_eq!(status(now + LIFETIME).await, 410);
}

#[test]
fn a_file_without_keys_starts_no_origin() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let config = Config { share_key: Some(dir.path().join("none")), ..Config::loopback(dir.path()) };
    let error = Handler::new(&config).expect_err("no keys").to_string();
    assert!(error.starts_with("--share-key: cannot use the keys in ") && error.contains("name a file"), "{error}");
}
