//! A film goes into the bucket while it is cut.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use http::Method;

use crate::stage::{Stage, count, fail, json, succeed};
use test_bucket::Fault;

#[test]
fn a_film_lies_in_the_bucket_as_if_its_directory_had_been_published() {
    let stage = Stage::new();
    let film = Stage::film();
    let dry = json(&succeed(stage.cut_into(&film, "s3://films/x").arg("--dry-run")));
    assert_eq!(count(&dry["sent"]), stage.expected().len());
    assert!(stage.there("x").is_empty());

    let published = json(&succeed(&mut stage.cut_into(&film, "s3://films/x")));
    assert!(stage.there("x") == stage.expected(), "the bucket has other files than the directory");
    assert_eq!(published["sent"].as_array().map(Vec::len), dry["sent"].as_array().map(Vec::len));
    let written = stage.bucket.written();
    assert_eq!(written[written.len() - 3..], ["x/master.m3u8", "x/manifest.mpd", "x/manifest.json"]);

    // What is there is neither sent nor made again, whichever way it came.
    stage.bucket.forget();
    let again = json(&succeed(&mut stage.cut_into(&film, "s3://films/x")));
    assert_eq!((count(&again["sent"]), again["kept"].as_u64()), (0, Some(stage.expected().len() as u64)));
    assert_eq!(count(&json(&succeed(&mut stage.publish("s3://films/x")))["sent"]), 0);
    assert!(stage.bucket.seen().iter().all(|seen| seen.method == Method::HEAD));
}

#[test]
fn what_goes_with_a_film_goes_into_the_bucket_too() {
    let stage = Stage::new();
    let place = tempfile::tempdir().expect("a directory");
    let text = place.path().join("en.srt");
    fs::write(&text, "1\n00:00:01,000 --> 00:00:02,000\nHello\n").expect("room");
    let subtitles = format!("en={}", text.display());
    let more = ["--subtitles", &subtitles, "--thumbnails=5", "--name", "One", "--chunk-size", "350kB", "--quiet"];
    succeed(stage.splitter().arg(Stage::film()).arg("--out").arg(&stage.cut).args(more));
    // Through standard input it is spooled, where it is said.
    let mut cut = stage.splitter_with_keys();
    cut.args(["-", "--out", "s3://films/x", "--spool"]).arg(place.path()).args(more);
    let mut child = cut.stdin(Stdio::piped()).spawn().expect("it starts");
    let film = fs::read(Stage::film()).expect("it is in the repository");
    child.stdin.take().expect("it is piped").write_all(&film).expect("it is taken");
    assert!(child.wait().expect("it ends").success());
    let mut expected = stage.expected();
    let current = fs::read_to_string(stage.cut.join("manifest.json")).expect("it is there");
    expected.retain(|name, _| !name.contains('/') || current.contains(&name[..32]));
    assert!(
        expected.keys().any(|name| name.ends_with(".jpg")) && expected.keys().any(|name| name.contains("subtitles"))
    );
    assert!(stage.there("x") == expected);
    assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 1, "something is left on the disk");
}

#[test]
fn what_passes_is_waited_out_and_each_chunk_is_made_anew() {
    let stage = Stage::new();
    stage.bucket.fail(|seen, before| match (&seen.method, before) {
        (&Method::PUT, 0) if seen.key.ends_with("0001.mp4") => Some(Fault::Reset(100_000)),
        (&Method::PUT, 0) if seen.key.ends_with("0002.mp4") => Some(Fault::Altered),
        (&Method::PUT, 0) if seen.key.ends_with("0003.mp4") => Some(Fault::Answer(503, "SlowDown")),
        (&Method::HEAD, 1) if seen.key.ends_with("0004.mp4") => Some(Fault::WrongDigest),
        _ => None,
    });
    succeed(&mut stage.cut_into(Stage::film(), "s3://films/x"));
    assert!(stage.there("x") == stage.expected());
}

#[test]
fn a_film_that_changes_while_it_is_sent_is_never_published() {
    let stage = Stage::new();
    let place = tempfile::tempdir().expect("a directory");
    let film = place.path().join("film.mp4");
    let mut bytes = fs::read(Stage::film()).expect("it is in the repository");
    fs::write(&film, &bytes).expect("room");
    // Media that is sent last: behind it is no box but those of a film that has them at its end.
    let late = bytes.len() * 9 / 10;
    bytes[late..late + 4096].iter_mut().for_each(|byte| *byte ^= 0x55);
    let changed = film.clone();
    stage.bucket.after(1, move || fs::write(changed, bytes).expect("room"));
    let said = fail(stage.cut_into(&film, "s3://films/x").args(["--jobs", "1"]));
    assert!(said.contains("film.mp4") && said.contains("changed while it was read"), "{said}");
    assert!(!stage.there("x").contains_key("manifest.json"));
}

#[test]
fn a_store_that_says_no_says_so_before_the_film_is_read() {
    let stage = Stage::new();
    let said = fail(stage.cut_into(Stage::film(), "s3://films/x").env("AWS_SECRET_ACCESS_KEY", "wrong"));
    assert!(said.contains("refuses to look at manifest.json"), "{said}");
    let said = fail(stage.cut_into(Stage::film(), "s3://films/x").env_remove("AWS_ACCESS_KEY_ID"));
    assert!(said.contains("AWS_ACCESS_KEY_ID"), "{said}");
}

#[test]
fn a_directory_is_such_a_place_too() {
    let stage = Stage::new();
    let place = tempfile::tempdir().expect("a directory");
    let url = url::Url::from_file_path(place.path().join("one")).expect("a URL");
    succeed(&mut stage.cut_into(Stage::film(), url.as_str()));
    succeed(stage.splitter().arg("verify").arg(place.path().join("one")));
    let again = json(&succeed(&mut stage.cut_into(Stage::film(), url.as_str())));
    assert_eq!(count(&again["sent"]), 0);
}
