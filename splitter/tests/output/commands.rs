//! The commands beside the cut, and what they print.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::directory::{id, names};
use crate::film::sample;
use crate::program::{cut, fail, json, splitter, succeed};

#[test]
fn a_dry_run_says_what_is_then_written() {
    let out = TempDir::new().expect("a directory");
    let options = ["--chunk-size", "500kB", "--json"];
    let plan = json(&succeed(cut(&sample(), out.path(), &options).arg("--dry-run")));
    assert_eq!(names(out.path()), [] as [&str; 0], "nothing is written");
    let manifest = json(&succeed(&mut cut(&sample(), out.path(), &options)));
    let streams = plan["streams"].as_array().expect("a list");
    assert_eq!(streams.len(), 2);
    for (planned, written) in streams.iter().zip(manifest["streams"].as_array().expect("a list")) {
        assert_eq!(planned["mime"], written["mime"]);
        let bytes = |stream: &serde_json::Value| {
            let chunks = stream["chunks"].as_array().expect("a list");
            chunks.iter().map(|chunk| chunk["bytes"].as_u64().expect("a number")).collect::<Vec<_>>()
        };
        assert_eq!(bytes(planned), bytes(written));
    }
    assert!(plan["bytes"].as_u64() > Some(2_700_000) && plan["warnings"] == serde_json::json!([]));
}

/// A directory with two cuts of one film, and their ids.
fn cut_twice() -> (TempDir, [String; 2]) {
    let out = TempDir::new().expect("a directory");
    let ids = [&["--chunk-size", "1MB"][..], &[]].map(|options| {
        succeed(&mut cut(&sample(), out.path(), options));
        id(out.path())
    });
    (out, ids)
}

fn prune_in(directory: &Path, options: &[&str]) -> serde_json::Value {
    json(&succeed(splitter().arg("prune").arg(directory).arg("--json").args(options)))
}

#[test]
fn prune_removes_earlier_cuts_and_leftovers_and_nothing_else() {
    let (out, [old, current]) = cut_twice();
    let prune = |options: &[&str]| prune_in(out.path(), options);
    fs::create_dir_all(out.path().join(".partial-0123/video-1")).expect("a leftover");
    fs::write(out.path().join(".partial-0123/video-1/0001.mp4"), "half").expect("a leftover");
    fs::write(out.path().join("poster.jpg"), "a picture").expect("a file of the user's");
    fs::create_dir(out.path().join("0123456789abcdef")).expect("a directory of the user's");

    let before = names(out.path());
    let planned = prune(&["--dry-run"]);
    assert_eq!(names(out.path()), before);
    let pruned = prune(&[]);
    assert_eq!(pruned, planned);
    assert_eq!(pruned["current"], current.as_str());
    assert_eq!(pruned["removed"][0]["bytes"], 4);
    let mut kept = vec!["0123456789abcdef", &current, "manifest.json", "manifest.mpd", "master.m3u8", "poster.jpg"];
    kept.sort_unstable();
    assert_eq!(names(out.path()), kept);
    assert!(!kept.contains(&old.as_str()));
    assert_eq!(prune(&[])["removed"], serde_json::json!([]));
}

/// As `splitter publish DIR file:///… --progressive` leaves it when it is broken off, or has it meanwhile.
#[test]
fn prune_keeps_a_film_that_still_goes_up() {
    let (out, [old, current]) = cut_twice();
    let prune = |options: &[&str]| prune_in(out.path(), options);
    let manifest = out.path().join("manifest.json");
    let grows = fs::read_to_string(&manifest).expect("a manifest");
    let grows = grows.replace(&format!("\"id\":\"{current}\""), &format!("\"id\":\"{current}r10000\""));
    fs::write(&manifest, grows).expect("room");
    assert_eq!(id(out.path()), format!("{current}r10000"));

    let planned = prune(&["--dry-run"]);
    let pruned = prune(&[]);
    assert_eq!(pruned, planned);
    assert_eq!(pruned["current"], current.as_str());
    let removed = pruned["removed"].as_array().expect("a list");
    assert!(removed.len() == 1 && removed[0]["path"].as_str().is_some_and(|path| path.ends_with(&old)), "{removed:?}");
    assert!(out.path().join(&current).join("video-1/0001.mp4").exists());
    succeed(splitter().arg("verify").arg(out.path()));
}

#[test]
fn prune_touches_nothing_where_nobody_can_tell_what_is_current() {
    let out = TempDir::new().expect("a directory");
    let stranger = "0123456789abcdef0123456789abcdef";
    fs::create_dir(out.path().join(stranger)).expect("a directory");
    assert!(fail(splitter().arg("prune").arg(out.path())).contains("manifest.json"));
    fs::write(out.path().join("manifest.json"), r#"[{"url":"a.mp4","bytes":1}]"#).expect("a plain manifest");
    assert!(fail(splitter().arg("prune").arg(out.path())).contains("no splitter wrote"));
    assert!(out.path().join(stranger).is_dir());
}

/// A splitter at work may be about to replace the manifest.
#[test]
fn prune_reads_the_manifest_when_nobody_writes_there() {
    let out = TempDir::new().expect("a directory");
    fs::write(out.path().join("manifest.json"), "not yet").expect("room");
    let lock = fs::File::create(out.path().join(".splitter.lock")).expect("a file");
    lock.lock().expect("a lock");
    let said = fail(splitter().arg("prune").arg(out.path()));
    assert!(said.contains("another splitter is writing"), "{said}");

    let missing = out.path().join("missing");
    assert!(fail(splitter().arg("prune").arg(&missing)).contains("manifest.json"));
    assert!(!missing.exists(), "it makes no directory");
}

#[test]
fn inspect_shows_boxes_and_streams() {
    let shown = json(&succeed(splitter().arg("inspect").arg("--json").arg(sample())));
    assert_eq!(shown["fragmented"], false);
    let video = &shown["tracks"][0];
    assert_eq!(video["codec"], "avc1.64001f");
    assert_eq!((video["samples"].as_u64(), video["sync_samples"].as_u64()), (Some(720), Some(15)));
    let kinds: Vec<_> = shown["boxes"].as_array().expect("a list").iter().map(|node| node["kind"].clone()).collect();
    assert_eq!(kinds, ["ftyp", "moov", "free", "mdat"]);

    let text = String::from_utf8(succeed(splitter().arg("inspect").arg(sample())).stdout).expect("Unicode");
    assert!(text.contains("track 1  video 1  avc1.64001f  1280x720") && text.contains("      stsd"), "{text}");
}

#[test]
fn inspect_tells_where_a_file_is_damaged() {
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("cut off.mp4");
    let film = fs::read(sample()).expect("the sample");
    fs::write(&path, &film[..film.len() - 1_000]).expect("written");
    let output = splitter().arg("inspect").arg("--json").arg(&path).output().expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    let problems = json(&output)["problems"].to_string();
    assert!(problems.contains("the file ends 1000 bytes before it does"), "{problems}");
    fs::write(&path, "<!doctype html>").expect("written");
    assert!(fail(splitter().arg("inspect").arg(&path)).contains("is no MP4"));
    assert!(fail(splitter().arg("inspect").arg(directory.path())).contains("manifest.json"), "no cut lies there");
}

#[test]
fn quiet_says_nothing_and_json_nothing_else() {
    let out = TempDir::new().expect("a directory");
    let output = succeed(&mut cut(&sample(), out.path(), &["--quiet"]));
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
    let output = succeed(&mut cut(&sample(), out.path(), &["--json"]));
    assert_eq!(json(&output)["id"], id(out.path()).as_str());
    assert!(output.stderr.is_empty());
}
