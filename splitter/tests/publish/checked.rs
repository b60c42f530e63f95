//! `splitter check` at the store itself.

use std::fs;

use http::Method;
use serde_json::{Value, json};

use crate::stage::{Stage, count, fail, json, succeed};
use test_bucket::Fault;

/// Looks at what was published; what it says, and its exit status.
fn check(stage: &Stage, url: &str, more: &[&str]) -> (Value, Option<i32>) {
    let output = stage.splitter_with_keys().args(["check", url, "--json"]).args(more).output().expect("it starts");
    (json(&output), output.status.code())
}

/// What was found, file by file.
fn found(review: &Value) -> Vec<(String, String)> {
    let text = |finding: &Value, member: &str| finding[member].as_str().expect("a text").to_owned();
    let findings = review["findings"].as_array().expect("a list").iter();
    findings.map(|finding| (text(finding, "file"), text(finding, "problem"))).collect()
}

/// The name of a chunk of pictures.
fn chunk(stage: &Stage, number: u32) -> String {
    let end = format!("video-1/{number:04}.mp4");
    stage.expected().into_keys().find(|name| name.ends_with(&end)).expect("a chunk")
}

#[test]
fn what_was_published_is_right_at_the_store() {
    let stage = Stage::new();
    succeed(&mut stage.publish("s3://films/x"));
    stage.bucket.forget();
    let (review, code) = check(&stage, "s3://films/x", &[]);
    assert_eq!((found(&review), code), (vec![], Some(0)));
    assert_eq!(review["url"], "s3://films/x/manifest.json");
    // All that is there was looked at, the playlists as well.
    assert_eq!(count(&review["files"]), stage.expected().len());
    let seen = stage.bucket.seen();
    for name in stage.expected().keys() {
        let is_it = |seen: &&test_bucket::Seen| seen.method == Method::HEAD && seen.key == format!("x/{name}");
        assert!(seen.iter().any(|seen| is_it(&seen)), "{name}");
    }
    // Of chunks the first and the last of each stream, by ranges.
    assert!(seen.iter().any(|seen| seen.key.ends_with(&chunk(&stage, 1)) && seen.range.is_some()));
    assert!(!seen.iter().any(|seen| seen.key.ends_with(&chunk(&stage, 2)) && seen.method == Method::GET));
    assert!(review["unseen"][0].as_str().is_some_and(|unseen| unseen.contains("https://")), "{review}");
    assert_eq!(count(&review["unseen"]), 1);
    // Whole, every one of them.
    let (review, code) = check(&stage, "s3://films/x", &["--warm"]);
    assert_eq!((found(&review), code), (vec![], Some(0)));
    let all: usize = stage.expected().values().map(Vec::len).sum();
    assert!(review["bytes"].as_u64().is_some_and(|bytes| bytes >= all as u64), "{review}");

    let output = succeed(stage.splitter_with_keys().args(["check", "s3://films/x"]));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("0 faults, 0 notes") && said.contains("not seen here: what an edge"), "{said}");
}

#[test]
fn what_is_stored_otherwise_is_found_and_published_again() {
    let stage = Stage::new();
    succeed(&mut stage.publish("s3://films/x"));
    let expected = stage.expected();
    let (other, gone, short, wrong) = (chunk(&stage, 1), chunk(&stage, 2), chunk(&stage, 3), chunk(&stage, 4));
    let films = stage.bucket.films().join("x");
    // As a tool stores it that knows nothing of films.
    let fields = [("content-type", "binary/octet-stream"), ("cache-control", "max-age=60")];
    stage.bucket.put_with(&format!("x/{other}"), expected[&other].clone(), &fields);
    fs::remove_file(films.join(&gone)).expect("it is there");
    fs::write(films.join(&short), &expected[&short][1..]).expect("room");
    stage.bucket.put_with(&format!("x/{wrong}"), expected[&wrong].clone(), &[("x-amz-meta-sha256", &"0".repeat(64))]);
    fs::write(films.join("master.m3u8"), vec![b'#'; expected["master.m3u8"].len()]).expect("room");

    let (review, code) = check(&stage, "s3://films/x", &[]);
    let named = |name: &str, problem: &str| (name.to_owned(), problem.to_owned());
    let expected_findings = [
        named("master.m3u8", "digest"),
        named(&other, "stored-type"),
        named(&other, "stored-rules"),
        named(&gone, "not-there"),
        named(&short, "length"),
    ];
    let found = found(&review);
    assert!(expected_findings.iter().all(|finding| found.contains(finding)), "{found:?}");
    assert!(found.contains(&named(&wrong, "digest")) && code == Some(1), "{found:?}");
    let about_rules = |finding: &&Value| finding["problem"] == "stored-rules" && finding["file"] == other.as_str();
    let rules = review["findings"].as_array().and_then(|all| all.iter().find(about_rules)).expect("it is there");
    assert_eq!(rules["found"], "max-age=60");
    assert_eq!(rules["expected"], "public, max-age=31536000, immutable, s-maxage=31536000");

    // The playlist has the length and the digest that it had.
    fs::write(films.join("master.m3u8"), &expected["master.m3u8"]).expect("room");
    succeed(&mut stage.publish("s3://films/x"));
    assert_eq!(check(&stage, "s3://films/x", &[]).1, Some(0));
}

#[test]
fn a_range_that_brings_other_bytes_is_found() {
    let stage = Stage::new();
    succeed(&mut stage.publish("s3://films/x"));
    let (first, second) = (chunk(&stage, 1), chunk(&stage, 2));
    for name in [&first, &second] {
        let path = stage.bucket.films().join("x").join(name);
        let mut bytes = fs::read(&path).expect("it is there");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(path, bytes).expect("room");
    }
    let digest = |name: &String| (name.clone(), "digest".to_owned());
    assert_eq!(found(&check(&stage, "s3://films/x", &[]).0), [digest(&first)]);
    assert_eq!(found(&check(&stage, "s3://films/x", &["--all"]).0), [digest(&first), digest(&second)]);
    // A body that breaks off is no answer.
    stage.bucket.fail(|seen, _| (seen.range.is_some() && seen.key.ends_with(".mp4")).then_some(Fault::Break(10)));
    let found = found(&check(&stage, "s3://films/x", &[]).0);
    assert!(found.contains(&(first, "no-answer".to_owned())), "{found:?}");
}

#[test]
fn what_an_upload_has_left_is_noted() {
    let stage = Stage::new();
    succeed(&mut stage.publish("s3://films/x"));
    stage.leave_parts_of_another_cut("s3://films/x");
    let (review, code) = check(&stage, "s3://films/x", &[]);
    let found = found(&review);
    assert!(!found.is_empty() && found.iter().all(|(_, problem)| problem == "unfinished"), "{found:?}");
    assert!(found[0].0.ends_with(" (parts)") && code == Some(0), "{found:?}");
}

#[test]
fn a_film_that_still_goes_up_is_right_as_far_as_it_is_there() {
    let stage = Stage::new();
    let total: u64 = stage.expected().values().map(|bytes| bytes.len() as u64).sum();
    let mut publish = stage.publish("s3://films/x");
    crate::killed::end_after(&stage, publish.arg("--progressive"), total * 3 / 4, "KILL");
    assert!(!stage.assert_never_promises("x"), "all of it is there");
    let (review, code) = check(&stage, "s3://films/x", &[]);
    assert_eq!((found(&review), code), (vec![], Some(0)));
    assert_eq!(review["files"][0]["cache_control"], "public, max-age=1, s-maxage=1");
}

#[test]
fn a_directory_keeps_no_fields_which_is_said_and_no_fault() {
    let stage = Stage::new();
    let place = tempfile::tempdir().expect("a directory");
    let out = place.path().join("film");
    let url = url::Url::from_file_path(&out).expect("a path").to_string();
    succeed(&mut stage.publish(&url));
    let (review, code) = check(&stage, &url, &[]);
    assert_eq!((found(&review), code), (vec![], Some(0)));
    assert!(review["unseen"][1].as_str().is_some_and(|unseen| unseen.contains("a directory keeps none")), "{review}");
    assert_eq!(review["files"][0]["cache_control"], Value::Null);
    fs::write(out.join("manifest.json#1"), "{").expect("room");
    fs::remove_file(out.join(chunk(&stage, 2))).expect("it is there");
    let (review, code) = check(&stage, &url, &[]);
    let expected =
        [(chunk(&stage, 2), "not-there".to_owned()), ("manifest.json#1".to_owned(), "unfinished".to_owned())];
    assert_eq!((found(&review), code), (expected.to_vec(), Some(1)));
    assert_eq!(review["findings"][1]["bytes"], json!(1));
}

#[test]
fn where_there_is_nothing_to_look_at_it_says_so() {
    let stage = Stage::new();
    let place = tempfile::tempdir().expect("a directory");
    let none = place.path().join("none");
    let url = url::Url::from_file_path(&none).expect("a path").to_string();
    let said = fail(stage.splitter().args(["check", &url]));
    assert!(said.contains("none") && !none.exists(), "{said}");
    let said = fail(stage.splitter_with_keys().args(["check", "s3://films/elsewhere"]));
    assert!(said.contains("s3://films/elsewhere has no manifest.json"), "{said}");
    let said = fail(stage.splitter().args(["check", "s3://films/x"]));
    assert!(said.contains("AWS_ACCESS_KEY_ID"), "{said}");
    let said = fail(stage.splitter_with_keys().args(["check", "s3://films/x", "--page", "https://example.org"]));
    assert!(said.contains("--page"), "{said}");
    stage.bucket.fail(|_, _| Some(Fault::Answer(503, "SlowDown")));
    let said = fail(stage.splitter_with_keys().args(["check", "s3://films/x"]));
    assert!(said.contains("tried 4 times") && said.contains("SlowDown"), "{said}");
}
