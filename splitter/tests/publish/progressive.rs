//! A film that can be watched while it goes up.

use std::process::{Command, Stdio};
use std::time::Duration;

use http::Method;
use serde_json::Value;

use crate::stage::{Stage, count, json, succeed};

/// The manifest below a prefix as players get it.
fn manifest(stage: &Stage, prefix: &str) -> Option<Value> {
    serde_json::from_slice(stage.there(prefix).get("manifest.json")?).ok()
}

/// Runs a program to its end, looking at what its manifests name meanwhile; the ids of all that were seen.
fn watched(stage: &Stage, program: &mut Command) -> Vec<String> {
    let mut child = program.stdout(Stdio::null()).spawn().expect("it starts");
    let mut ids = Vec::new();
    let status = loop {
        let status = child.try_wait().expect("it can be asked");
        // What is named stays there, so that looking later finds it, too.
        if let Some(id) = manifest(stage, "x").and_then(|manifest| Some(manifest["id"].as_str()?.to_owned())) {
            stage.assert_never_promises("x");
            if ids.last() != Some(&id) {
                ids.push(id);
            }
        }
        if let Some(status) = status {
            break status;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success());
    ids
}

#[test]
fn a_manifest_names_what_is_there_until_all_of_it_is() {
    let stage = Stage::new();
    let ways = [stage.publish("s3://films/x"), stage.cut_into(Stage::film(), "s3://films/x")];
    for mut program in ways {
        let ids = watched(&stage, program.args(["--progressive", "--limit-rate", "1MB"]));
        let (last, grown) = ids.split_last().expect("a manifest");
        assert!(!grown.is_empty(), "{ids:?}");
        let reach = |id: &String| id.strip_prefix(last.as_str())?.strip_prefix('r')?.parse::<u64>().ok();
        let reaches: Option<Vec<_>> = grown.iter().map(reach).collect();
        assert!(reaches.is_some_and(|reaches| reaches.is_sorted() && reaches[0] > 0), "{ids:?}");
        assert!(stage.there("x") == stage.expected());
        // The one that stays is kept as long as every manifest, the others were not.
        let written = stage.bucket.written();
        assert_eq!(written[written.len() - 3..], ["x/master.m3u8", "x/manifest.mpd", "x/manifest.json"]);
        std::fs::remove_dir_all(stage.bucket.films().join("x")).expect("it is there");
        stage.bucket.forget();
    }
}

#[test]
fn what_was_broken_off_can_be_watched_and_goes_on() {
    let stage = Stage::new();
    let total: u64 = stage.expected().values().map(|bytes| bytes.len() as u64).sum();
    let mut child =
        stage.publish("s3://films/x").arg("--progressive").stdout(Stdio::null()).spawn().expect("it starts");
    let pid = child.id().to_string();
    stage.bucket.after(total * 3 / 4, move || drop(Command::new("kill").args(["-s", "KILL", &pid]).status()));
    assert!(child.wait().expect("it ends").code().is_none());
    assert!(!stage.assert_never_promises("x"), "all of it is there");
    let grown = manifest(&stage, "x").expect("a part can be watched");
    succeed(stage.splitter_with_keys().args(["verify", "s3://films/x"]));
    // What is going up is no earlier cut.
    let pruned = json(&succeed(stage.splitter_with_keys().args(["prune", "s3://films/x", "--dry-run", "--json"])));
    assert_eq!(count(&pruned["removed"]), 0);

    stage.bucket.forget();
    succeed(stage.publish("s3://films/x").arg("--progressive"));
    assert!(stage.there("x") == stage.expected());
    assert!(
        stage
            .bucket
            .written()
            .iter()
            .all(|key| !grown["streams"][0]["chunks"][0]["url"].as_str().is_some_and(|url| key.ends_with(url)))
    );

    // What is whole stays so.
    stage.bucket.forget();
    succeed(stage.publish("s3://films/x").arg("--progressive"));
    assert!(stage.bucket.seen().iter().all(|seen| seen.method != Method::PUT));
}
