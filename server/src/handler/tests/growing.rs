//! Manifests of a film that is watched while it goes up: behind an edge, too, what comes is seen at once.

use signing::{Keys, Link};

use super::*;

const MANIFEST: &str = "/media/current/manifest.json";
const WHOLE: &str = "0123456789abcdef0123456789abcdef";
const MANIFESTS: [&str; 2] = ["public, max-age=60, s-maxage=300", "public, max-age=300, stale-if-error=86400"];
const GROWING: [&str; 2] = ["public, max-age=1, s-maxage=1", ""];

/// A manifest of this id.
fn manifest_of(id: &str) -> String {
    manifest(&"00".repeat(32), 800_000).replace(r#""id": "0a1b2c3d4e5f""#, &format!(r#""id": "{id}""#))
}

/// What is said to caches of an answer, to all and to the edge.
async fn kept(world: &World, path: &str, fields: &[(&str, &str)]) -> (StatusCode, [String; 2]) {
    let (status, fields, _) = world.get(path, fields).await;
    (status, ["cache-control", "cloudflare-cdn-cache-control"].map(|name| field(&fields, name).to_owned()))
}

#[tokio::test]
async fn in_a_directory_its_id_says_so() {
    let world = World::new();
    let media = world.dir.path().join("media");
    let write = |name: &str, text: &str| std::fs::write(media.join(name), text).expect("room");
    for (id, expected) in [
        (format!("{WHOLE}r2000"), GROWING),
        (format!("{WHOLE}r12000"), GROWING),
        (WHOLE.to_owned(), MANIFESTS),
        (format!("{WHOLE}{WHOLE}r700"), GROWING),
        (format!("{WHOLE}rx"), MANIFESTS),
    ] {
        write("manifest.json", &manifest_of(&id));
        assert_eq!(kept(&world, MANIFEST, &[]).await, (StatusCode::OK, expected.map(str::to_owned)), "{id}");
        let (_, fields, _) = world.get(MANIFEST, &[]).await;
        let again = kept(&world, MANIFEST, &[("if-none-match", field(&fields, "etag"))]).await;
        assert_eq!(again, (StatusCode::NOT_MODIFIED, expected.map(str::to_owned)), "{id}");
    }
    // Nothing else is taken for one, whatever stands in it.
    for name in ["other.json", "master.m3u8"] {
        write(name, &manifest_of(&format!("{WHOLE}r2000")));
        assert_eq!(kept(&world, &format!("/media/current/{name}"), &[]).await.1, MANIFESTS, "{name}");
    }
    assert_eq!(kept(&world, CHUNK, &[]).await.1[0], "public, max-age=31536000, immutable, s-maxage=31536000");
}

#[tokio::test]
async fn in_a_bucket_what_it_was_stored_with_does() {
    let world = World::of_bucket(|config| config);
    let bucket = world.bucket.as_ref().expect("a bucket");
    for (film, stored, expected) in
        [("growing", GROWING[0], GROWING), ("whole", MANIFESTS[0], MANIFESTS), ("other", "max-age=7", MANIFESTS)]
    {
        bucket.put_with(&format!("media/{film}/manifest.json"), "{}", &[("cache-control", stored)]);
        assert_eq!(kept(&world, &format!("/media/current/{film}/manifest.json"), &[]).await.1, expected, "{film}");
    }
    bucket.put_with("media/film/0a/v/0001.mp4", "chunk", &[("cache-control", GROWING[0])]);
    let chunk = kept(&world, "/media/current/film/0a/v/0001.mp4", &[]).await;
    assert_eq!(chunk.1[0], "public, max-age=31536000, immutable, s-maxage=31536000");
}

#[tokio::test]
async fn by_a_signed_link_no_cache_keeps_it_either() {
    let world = World::shared(WHOLE);
    std::fs::write(world.dir.path().join("media/manifest.json"), manifest_of(&format!("{WHOLE}r2000"))).expect("room");
    let keys = Keys::parse(WHOLE.as_bytes()).expect("a key");
    let until = SystemTime::now() + std::time::Duration::from_secs(3_600);
    let link = Link::sign(&keys, MANIFEST, until).expect("in time");
    let answer = kept(&world, &format!("{MANIFEST}?{}", link.query()), &[]).await;
    assert_eq!(answer, (StatusCode::OK, ["private, no-store", "no-store"].map(str::to_owned)));
}
