use super::*;
use world::{World, content};

const CHUNK: &str = "/media/current/0a1b2c3d4e5f/video-1/0001.mp4";

fn field<'a>(fields: &'a HeaderMap, name: &str) -> &'a str {
    fields.get(name).map_or("", |value| value.to_str().expect("visible ASCII"))
}

#[tokio::test]
async fn a_chunk_comes_whole_with_the_plans_fields() {
    for world in World::both() {
        a_chunk_comes_whole(&world).await;
    }
}

async fn a_chunk_comes_whole(world: &World) {
    let (status, fields, body) = world.get(CHUNK, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, content());
    for (name, value) in [
        ("content-length", "800000"),
        ("content-type", "video/mp4"),
        ("accept-ranges", "bytes"),
        ("cache-control", "public, max-age=31536000, immutable, s-maxage=31536000"),
        ("cloudflare-cdn-cache-control", "public, max-age=604800"),
        ("access-control-allow-origin", "*"),
        ("timing-allow-origin", "*"),
    ] {
        assert_eq!(field(&fields, name), value, "{name}");
    }
    assert!(field(&fields, "etag").starts_with('"'));
    for name in ["Content-Range", "CF-Cache-Status", "Age", "ETag", "Retry-After"] {
        assert!(field(&fields, "access-control-expose-headers").contains(name), "{name}");
    }
    assert!(!fields.contains_key("set-cookie") && !fields.contains_key("vary"));
}

#[tokio::test]
async fn the_manifest_is_short_lived_and_the_page_is_asked_again() {
    for world in World::both() {
        manifest_and_page(&world).await;
    }
}

async fn manifest_and_page(world: &World) {
    let (_, fields, body) = world.get("/media/current/manifest.json", &[]).await;
    assert_eq!(field(&fields, "cache-control"), "public, max-age=60, s-maxage=300");
    assert_eq!(body, b"{}");
    let (status, fields, body) = world.get("/", &[]).await;
    assert_eq!((status, field(&fields, "cache-control")), (StatusCode::OK, "no-cache"));
    assert_eq!(body, b"<!doctype html>");
    let (_, fields, _) = world.get("/player-8a7f0c1d2e3f4a5b_bg.wasm", &[]).await;
    assert_eq!(field(&fields, "content-type"), "application/wasm");
    assert!(field(&fields, "cache-control").contains("immutable"));
}

/// A field, and where the bytes that it means begin and end.
const RANGES: [(&str, usize, usize); 6] = [
    ("bytes=0-0", 0, 1),
    ("bytes=799999-", 799_999, 800_000),
    ("bytes=65535-65536", 65_535, 65_537),
    ("bytes=100000-700000", 100_000, 700_001),
    ("bytes=-70000", 730_000, 800_000),
    ("bytes=0-999999999", 0, 800_000),
];

#[tokio::test]
async fn a_range_is_exactly_those_bytes() {
    for (world, (range, start, end)) in World::both().iter().flat_map(|world| RANGES.map(|range| (world, range))) {
        let (status, fields, body) = world.get(CHUNK, &[("range", range)]).await;
        assert_eq!(status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(field(&fields, "content-range"), format!("bytes {start}-{}/800000", end - 1));
        assert_eq!(field(&fields, "content-length"), (end - start).to_string());
        assert!(body == content()[start..end], "{range}");
    }
}

#[tokio::test]
async fn a_range_outside_is_416_and_kept_by_no_cache() {
    let cases = [
        (CHUNK, "bytes=800000-", "bytes */800000"),
        (CHUNK, "bytes=-0", "bytes */800000"),
        ("/media/current/0a1b2c3d4e5f/empty.mp4", "bytes=0-", "bytes */0"),
    ];
    for (world, (path, range, expected)) in World::both().iter().flat_map(|world| cases.map(|case| (world, case))) {
        let (status, fields, _) = world.get(path, &[("range", range)]).await;
        assert_eq!((status, field(&fields, "content-range")), (StatusCode::RANGE_NOT_SATISFIABLE, expected));
        assert_eq!(field(&fields, "cache-control"), "no-store");
    }
}

/// The parts of a multipart body: type, place and bytes of each.
fn parts(content_type: &str, body: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let boundary = content_type.strip_prefix("multipart/byteranges; boundary=").expect("a multipart type");
    let find = |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).position(|window| window == needle);
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let mut rest = body;
    let mut parts = Vec::new();
    loop {
        assert!(rest.starts_with(&delimiter));
        rest = &rest[delimiter.len()..];
        if rest == b"--\r\n" {
            return parts;
        }
        let head_end = find(rest, b"\r\n\r\n").expect("a head") + 4;
        let head = std::str::from_utf8(&rest[..head_end]).expect("ASCII");
        let field = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name)).expect("the field");
            line.trim_start_matches(':').trim().to_owned()
        };
        let end = head_end + find(&rest[head_end..], &delimiter).expect("a delimiter");
        parts.push((field("Content-Type"), field("Content-Range"), rest[head_end..end].to_vec()));
        rest = &rest[end..];
    }
}

#[tokio::test]
async fn several_ranges_come_as_parts_in_the_order_asked_for() {
    for world in World::both() {
        several_ranges(&world).await;
    }
}

async fn several_ranges(world: &World) {
    let (status, fields, body) = world.get(CHUNK, &[("range", "bytes=700000-799999,0-9, -1")]).await;
    assert_eq!(status, StatusCode::PARTIAL_CONTENT);
    assert!(!fields.contains_key("content-range"));
    assert_eq!(field(&fields, "content-length"), body.len().to_string());
    // The last byte lies within the first range and is sent with it.
    let expected = [(700_000, 800_000), (0, 10)];
    let parts = parts(field(&fields, "content-type"), &body);
    assert_eq!(parts.len(), 2);
    for ((part_type, place, bytes), (start, end)) in parts.iter().zip(expected) {
        assert_eq!(part_type, "video/mp4");
        assert_eq!(*place, format!("bytes {start}-{}/800000", end - 1));
        assert!(*bytes == content()[start..end]);
    }
}

#[tokio::test]
async fn ranges_that_join_into_one_come_as_one() {
    let (status, fields, body) = World::new().get(CHUNK, &[("range", "bytes=0-9,10-19")]).await;
    assert_eq!((status, field(&fields, "content-range")), (StatusCode::PARTIAL_CONTENT, "bytes 0-19/800000"));
    assert_eq!((field(&fields, "content-type"), body.len()), ("video/mp4", 20));
}

#[tokio::test]
async fn conditions_are_answered_with_304_and_412() {
    for world in World::both() {
        conditions(&world).await;
    }
}

async fn conditions(world: &World) {
    let (_, fields, _) = world.get(CHUNK, &[]).await;
    let (etag, modified) = (field(&fields, "etag"), field(&fields, "last-modified"));
    for condition in [("if-none-match", etag), ("if-modified-since", modified)] {
        let (status, not_modified, body) = world.get(CHUNK, &[condition, ("range", "bytes=0-9")]).await;
        assert_eq!((status, body.len()), (StatusCode::NOT_MODIFIED, 0));
        for name in
            ["etag", "cache-control", "cloudflare-cdn-cache-control", "last-modified", "access-control-allow-origin"]
        {
            assert_eq!(not_modified.get(name), fields.get(name), "{name}");
        }
    }
    let (status, ..) = world.get(CHUNK, &[("if-match", "\"other\"")]).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    for (value, expected) in [
        (etag, StatusCode::PARTIAL_CONTENT),
        (modified, StatusCode::PARTIAL_CONTENT),
        ("\"other\"", StatusCode::OK),
        (&format!("W/{etag}"), StatusCode::OK),
    ] {
        let (status, ..) = world.get(CHUNK, &[("if-range", value), ("range", "bytes=0-9")]).await;
        assert_eq!(status, expected, "{value}");
    }
}

#[tokio::test]
async fn head_is_get_without_ranges() {
    for world in World::both() {
        let get = world.get(CHUNK, &[]).await;
        assert_eq!(get.0, StatusCode::OK);
        assert_eq!(world.ask(Method::HEAD, CHUNK, &[("range", "bytes=0-9")]).await, get);
    }
}

#[tokio::test]
async fn other_methods_are_refused_and_options_answers_a_preflight() {
    let world = World::new();
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::CONNECT, Method::TRACE, Method::PATCH] {
        let (status, fields, _) = world.ask(method, CHUNK, &[]).await;
        assert_eq!((status, field(&fields, "allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD, OPTIONS"));
    }
    let (status, fields, _) = world.ask(Method::OPTIONS, CHUNK, &[]).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(field(&fields, "access-control-allow-headers").contains("Range"));
}

#[tokio::test]
async fn what_is_not_served_is_404_and_kept_by_no_cache() {
    for world in World::both() {
        nothing_there(&world).await;
    }
}

async fn nothing_there(world: &World) {
    for path in [
        "/media/current/",
        "/media/current",
        "/media/current/none.mp4",
        "/media/current/.env",
        "/media/current/0a1b2c3d4e5f",
        "/media/current/../../secret",
        "/media/current/%2e%2e/secret",
        "/media/current/..%2f..%2fsecret",
        "/secret",
        "/media/current/manifest.json/",
        "/media/current/manifest.json/x",
        "/media/currentmanifest.json",
    ] {
        let (status, fields, body) = world.get(path, &[]).await;
        assert_eq!((status, field(&fields, "cache-control")), (StatusCode::NOT_FOUND, "no-store"), "{path}");
        assert_eq!(field(&fields, "content-length"), body.len().to_string());
    }
}

/// A manifest that names the chunk of [`World`] with its length and a digest.
fn manifest(digest: &str, bytes: u64) -> String {
    let url = "0a1b2c3d4e5f/video-1/0001.mp4";
    format!(
        r#"{{"version": 1, "id": "0a1b2c3d4e5f", "duration": 1, "streams": [{{
            "kind": "video", "mime": "video/mp4", "timescale": 1, "bandwidth": 1,
            "init": {{"url": "0a1b2c3d4e5f/video-1/init.mp4", "bytes": 1, "sha256": "{digest}"}},
            "chunks": [{{"url": "{url}", "bytes": {bytes}, "sha256": "{digest}", "start": 0, "duration": 1,
                "groups": {{"bytes": [{bytes}], "ticks": [[1, 1]]}}}}]
        }}]}}"#
    )
}

#[tokio::test]
async fn the_tag_is_the_digest_where_the_manifest_vouches_for_the_file() {
    let world = World::new();
    let media = world.dir.path().join("media");
    let digest = "00112233445566778899aabbccddeeff".repeat(2);
    let (_, before, _) = world.get(CHUNK, &[]).await;
    assert!(!field(&before, "etag").contains(&digest));

    std::fs::write(media.join("manifest.json"), manifest(&digest, 800_000)).expect("room");
    let (_, fields, _) = world.get(CHUNK, &[("range", "bytes=0-9")]).await;
    assert_eq!(field(&fields, "etag"), format!("\"sha256-{digest}\""));
    assert_eq!(field(&fields, "repr-digest"), "sha-256=:ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=:");

    // Another length than the manifest says: not the file that it means.
    std::fs::write(media.join("manifest.json"), manifest(&digest, 799_999)).expect("room");
    let (_, fields, _) = world.get("/media/current/0a1b2c3d4e5f/empty.mp4", &[]).await;
    assert!(!field(&fields, "etag").contains(&digest));
}

/// Several films below one directory, and files of theirs that are neither chunk nor table.
#[tokio::test]
async fn each_manifest_vouches_for_what_lies_below_it() {
    let world = World::new();
    let media = world.dir.path().join("media");
    let digest = "00112233445566778899aabbccddeeff".repeat(2);
    let file = |name: &str| {
        let path = media.join(name);
        std::fs::create_dir_all(path.parent().expect("below the media")).expect("room");
        std::fs::write(path, "text").expect("room");
    };
    for film in ["one", "more/two"] {
        for name in ["0a/t/en.vtt", "0a/t/cues.vtt", "0a/t/1.jpg"] {
            file(&format!("{film}/{name}"));
        }
        let manifest = format!(
            r#"{{"version": 1, "id": "0a", "duration": 1, "streams": [],
                "subtitles": [{{"url": "0a/t/en.vtt", "bytes": 4, "sha256": "{digest}"}}],
                "thumbnails": {{"url": "0a/t/cues.vtt", "bytes": 4, "sha256": "{digest}",
                    "pictures": [{{"url": "0a/t/1.jpg", "bytes": 4, "sha256": "{digest}"}}]}}}}"#
        );
        std::fs::write(media.join(film).join("manifest.json"), manifest).expect("room");
    }
    file("three/0a/t/en.vtt");
    for (path, is_known) in [
        ("one/0a/t/en.vtt", true),
        ("one/0a/t/cues.vtt", true),
        ("one/0a/t/1.jpg", true),
        ("more/two/0a/t/en.vtt", true),
        ("three/0a/t/en.vtt", false),
    ] {
        let (status, fields, _) = world.get(&format!("/media/current/{path}"), &[]).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(field(&fields, "etag") == format!("\"sha256-{digest}\""), is_known, "{path}");
        assert_eq!(fields.contains_key("repr-digest"), is_known, "{path}");
    }
}

/// An edge that has half of a chunk, or a player in the middle of one, would otherwise have to begin again.
#[tokio::test]
async fn a_chunk_keeps_its_tag_when_another_film_is_published() {
    let world = World::new();
    let media = world.dir.path().join("media");
    let digest = "00112233445566778899aabbccddeeff".repeat(2);
    std::fs::write(media.join("manifest.json"), manifest(&digest, 800_000)).expect("room");
    let (_, before, _) = world.get(CHUNK, &[]).await;
    assert_eq!(field(&before, "etag"), format!("\"sha256-{digest}\""));

    let other = manifest(&"ff".repeat(32), 7).replace("0a1b2c3d4e5f", "ffffffffffff");
    std::fs::write(media.join("manifest.json"), other).expect("room");
    world.get("/media/current/0a1b2c3d4e5f/empty.mp4", &[]).await;
    let (_, after, _) = world.get(CHUNK, &[]).await;
    assert_eq!(after, before);
}

/// Parts of one chunk under two tags would never be put together: an edge that keeps them fails for a year.
#[tokio::test(flavor = "multi_thread")]
async fn all_who_ask_at_once_for_a_new_cut_get_one_tag() {
    let digest = "00112233445566778899aabbccddeeff".repeat(2);
    for round in 0..40 {
        let world = std::sync::Arc::new(World::new());
        std::fs::write(world.dir.path().join("media/manifest.json"), manifest(&digest, 800_000)).expect("room");
        let ask = |_| {
            let world = world.clone();
            tokio::spawn(async move { world.get(CHUNK, &[("range", "bytes=0-9")]).await })
        };
        let viewers: Vec<_> = (0..32).map(ask).collect();
        for viewer in viewers {
            let (_, fields, _) = viewer.await.expect("an answer");
            assert_eq!(field(&fields, "etag"), format!("\"sha256-{digest}\""), "round {round}");
        }
    }
}

#[tokio::test]
async fn a_file_written_after_the_manifest_is_not_vouched_for() {
    let world = World::new();
    let media = world.dir.path().join("media");
    let digest = "00112233445566778899aabbccddeeff".repeat(2);
    std::fs::write(media.join("manifest.json"), manifest(&digest, 800_000)).expect("room");
    let chunk =
        std::fs::OpenOptions::new().write(true).open(media.join("0a1b2c3d4e5f/video-1/0001.mp4")).expect("there");
    chunk.set_modified(SystemTime::now() + std::time::Duration::from_secs(5)).expect("own file");
    let (_, fields, _) = world.get(CHUNK, &[]).await;
    assert!(!field(&fields, "etag").contains(&digest));
    assert!(!fields.contains_key("repr-digest"));
}

#[cfg(unix)]
#[tokio::test]
async fn links_that_lead_out_are_404_and_links_that_stay_are_followed() {
    let world = World::new();
    let dir = world.dir.path();
    let link = |target: &str, name: &str| std::os::unix::fs::symlink(target, dir.join(name)).expect("room");
    link("../secret", "media/out.mp4");
    link("/etc/passwd", "media/absolute.mp4");
    link("..", "media/up");
    link("0a1b2c3d4e5f", "media/latest");
    for path in ["/media/current/out.mp4", "/media/current/absolute.mp4", "/media/current/up/secret"] {
        assert_eq!(world.get(path, &[]).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(world.get("/media/current/latest/video-1/0001.mp4", &[]).await.0, StatusCode::OK);
}

mod bucket;
mod growing;
mod shared;
mod world;
