//! Nothing goes wrong.

use std::collections::BTreeSet;

use http::Method;
use representation::cache_policy::{Place, Policy};
use representation::mime;

use crate::stage::{Stage, count, fail, json, succeed};

#[test]
fn what_was_cut_lies_in_the_bucket_and_is_served_from_there() {
    let stage = Stage::new();
    let published = json(&succeed(&mut stage.publish("s3://films/one/current")));
    let expected = stage.expected();
    assert!(stage.there("one/current") == expected, "the bucket has other files than the directory");
    assert_eq!(count(&published["sent"]), expected.len());

    // What the manifest names goes first, and the manifest last of all.
    let written = stage.bucket.written();
    let order = ["master.m3u8", "manifest.mpd", "manifest.json"].map(|name| format!("one/current/{name}"));
    assert_eq!(written[written.len() - 3..], order);
    assert_eq!(written.iter().collect::<BTreeSet<_>>().len(), written.len(), "a file was written twice");
    assert!(stage.bucket.seen().iter().all(|seen| seen.query.is_empty()), "a small file went in parts");

    // As everybody sees it, without keys: the fields that the origin gives, and every bit.
    for name in expected.keys() {
        let url = format!("{}/films/one/current/{name}", stage.bucket.endpoint());
        let answer = ureq::get(&url).call().expect("an answer");
        let field = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        assert_eq!(field("content-type").as_deref(), Some(mime::of(name)), "{name}");
        let policy = Policy::of(Place::Media, name).cache_control;
        assert_eq!(field("cache-control").as_deref(), Some(policy), "{name}");
    }
    let public = format!("{}/films/one/current/manifest.json", stage.bucket.endpoint());
    succeed(stage.splitter().arg("verify").arg(public));

    // With keys the bucket itself is read.
    succeed(stage.splitter_with_keys().args(["verify", "s3://films/one/current"]));
    let name = expected.keys().find(|name| name.ends_with("0001.mp4")).expect("a chunk");
    let path = stage.bucket.films().join("one/current").join(name);
    let mut bytes = std::fs::read(&path).expect("it is there");
    bytes[0] ^= 1;
    std::fs::write(&path, bytes).expect("room");
    let output = stage.splitter_with_keys().args(["verify", "s3://films/one/current"]).output().expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains(name), "{output:?}");
}

#[test]
fn what_is_there_is_not_sent_again() {
    let stage = Stage::new();
    let dry = json(&succeed(stage.publish("s3://films/x").arg("--dry-run")));
    assert_eq!(count(&dry["sent"]), stage.expected().len());
    assert_eq!(stage.bucket.written(), [] as [&str; 0]);
    assert!(stage.there("x").is_empty());

    succeed(&mut stage.publish("s3://films/x"));
    stage.bucket.forget();
    let again = json(&succeed(&mut stage.publish("s3://films/x")));
    assert_eq!(count(&again["sent"]), 0);
    assert_eq!(again["kept"], stage.expected().len());
    assert!(stage.bucket.seen().iter().all(|seen| seen.method == Method::HEAD));

    // The same film under another name is another manifest, written within the second after the first: R2 refuses that
    // once or twice.
    stage.cut_as("Two");
    stage.bucket.forget();
    succeed(&mut stage.publish("s3://films/x"));
    // Its name stands in that of DASH, too.
    assert_eq!(stage.bucket.written(), ["x/manifest.mpd", "x/manifest.json"]);
    assert!(stage.there("x") == stage.expected());
}

#[test]
fn a_file_of_the_right_length_and_other_bytes_is_sent_again() {
    let stage = Stage::new();
    succeed(&mut stage.publish("s3://films/x"));
    let name = stage.expected().into_keys().find(|name| name.ends_with("0001.mp4")).expect("a chunk");
    // Somebody else has put something there, which carries no digest of ours.
    let url = format!("{}/films/x/{name}", stage.bucket.endpoint());
    assert!(ureq::put(&url).send(&b"no"[..]).is_err(), "anybody may write");
    let path = stage.bucket.films().join("x").join(&name);
    let mut bytes = std::fs::read(&path).expect("it is there");
    bytes[0] ^= 1;
    std::fs::write(&path, &bytes).expect("it can be written");
    bytes.push(0);
    stage.bucket.forget();
    // By its metadata it is right; read back it is not, and only a file that is sent is read back.
    succeed(&mut stage.publish("s3://films/x"));
    assert_eq!(stage.bucket.written(), [] as [&str; 0]);
    std::fs::write(&path, &bytes).expect("it can be written");
    succeed(&mut stage.publish("s3://films/x"));
    assert_eq!(stage.bucket.written(), [format!("x/{name}")]);
    assert!(stage.there("x") == stage.expected());
}

#[test]
fn earlier_cuts_go_when_they_are_pruned() {
    let stage = Stage::new();
    succeed(&mut stage.publish("s3://films/x"));
    let old = stage.expected();
    let keep = stage.bucket.films().join("x/notes.txt");
    std::fs::write(&keep, "mine").expect("room");
    std::fs::remove_dir_all(&stage.cut).expect("it is there");
    stage.cut_with("Two", "500kB");
    succeed(&mut stage.publish("s3://films/x"));
    let all = stage.there("x").len();
    let old_files = old.keys().filter(|name| name.contains('/')).count();

    let mut prune = stage.splitter_with_keys();
    let dry = json(&succeed(prune.args(["prune", "s3://films/x", "--dry-run", "--json"])));
    assert_eq!((count(&dry["removed"]), stage.there("x").len()), (1, all));
    let mut prune = stage.splitter_with_keys();
    let said = json(&succeed(prune.args(["prune", "s3://films/x", "--json"])));
    let bytes: usize = old.iter().filter(|(name, _)| name.contains('/')).map(|(_, bytes)| bytes.len()).sum();
    assert_eq!(said["removed"][0]["bytes"], bytes);
    assert!(keep.exists());
    assert_eq!(stage.there("x").len(), all - old_files);
    std::fs::remove_file(&keep).expect("it is there");
    assert!(stage.there("x") == stage.expected());
    let said = fail(stage.splitter_with_keys().args(["prune", "s3://films/elsewhere"]));
    assert!(said.contains("manifest.json"), "{said}");
}

#[test]
fn a_directory_is_a_place_too() {
    let stage = Stage::new();
    let place = tempfile::tempdir().expect("a directory");
    let url = url::Url::from_file_path(place.path().join("films/one")).expect("a URL");
    let published = json(&succeed(&mut stage.publish(url.as_str())));
    assert_eq!(count(&published["sent"]), stage.expected().len());
    let again = json(&succeed(&mut stage.publish(url.as_str())));
    assert_eq!(count(&again["sent"]), 0);
    let out = place.path().join("films/one");
    succeed(stage.splitter().arg("verify").arg(&out));
    // Its files carry no digest, so that their bytes are what counts.
    let name = stage.expected().into_keys().find(|name| name.ends_with("0001.mp4")).expect("a chunk");
    let mut bytes = std::fs::read(out.join(&name)).expect("a file");
    bytes[7] ^= 1;
    std::fs::write(out.join(&name), bytes).expect("room");
    let mended = json(&succeed(&mut stage.publish(url.as_str())));
    assert_eq!(mended["sent"][0]["name"], name.as_str());
    succeed(stage.splitter().arg("verify").arg(&out));
}

#[test]
fn a_cut_that_is_damaged_or_none_does_not_go_up() {
    let stage = Stage::new();
    let name = stage.expected().into_keys().find(|name| name.ends_with("0001.mp4")).expect("a chunk");
    let path = stage.cut.join(&name);
    let mut bytes = std::fs::read(&path).expect("a file");
    bytes[7] ^= 1;
    std::fs::write(&path, &bytes).expect("room");
    let said = fail(&mut stage.publish("s3://films/x"));
    assert!(said.contains(&name) && said.contains("splitter verify"), "{said}");
    assert!(!stage.there("x").contains_key("manifest.json"));
    std::fs::write(&path, &bytes[1..]).expect("room");
    assert!(fail(&mut stage.publish("s3://films/x")).contains(&name));
    std::fs::remove_file(stage.cut.join("manifest.json")).expect("it is there");
    assert!(fail(&mut stage.publish("s3://films/x")).contains("manifest.json"));
}
