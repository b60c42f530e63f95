//! A disk that is full: what was published stands, nothing else is left, and the next run publishes once there is room.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::film::{long, sample};
use crate::program::succeed;

/// In a namespace of its own, where this account may mount a disk of six megabytes: the film of the repository has three, and twelve of
/// it do not fit beside that.
const SCRIPT: &str = r#"
    set -e
    mount -t tmpfs -o size=6m none "$OUT"
    cd "$OUT"
    sums() { find . -type f -exec sha256sum {} + | sort; }
    "$SPLITTER" "$SHORT" --out "$TO" --quiet
    sums > "$NOTES/before"
    code=0
    "$SPLITTER" "$LONG" --out "$TO" --chunk-size 1MB --quiet 2> "$NOTES/said" || code=$?
    echo $code > "$NOTES/code"
    sums > "$NOTES/after"
    "$SPLITTER" verify . --quiet
    mount -o remount,size=100m "$OUT"
    "$SPLITTER" "$LONG" --out "$TO" --chunk-size 1MB --quiet
    "$SPLITTER" verify . --quiet
    cp manifest.json "$NOTES"
"#;

/// What was there before the disk was full, and when it was: a file in each line, with its digest.
fn fill(to: impl FnOnce(&Path) -> String) -> [String; 2] {
    let place = TempDir::new().expect("a directory");
    let out = place.path().join("out");
    fs::create_dir(&out).expect("room");
    let film = long(place.path(), 12);
    let mut shell = Command::new("unshare");
    shell.args(["--map-root-user", "--mount", "sh", "-c", SCRIPT]);
    shell.env("SPLITTER", env!("CARGO_BIN_EXE_splitter")).env("OUT", &out).env("NOTES", place.path());
    succeed(shell.env("SHORT", sample()).env("LONG", film).env("TO", to(&out)));

    let note = |name: &str| fs::read_to_string(place.path().join(name)).expect("a note");
    let said = note("said");
    assert_eq!(note("code"), "1\n", "{said}");
    assert!(said.contains("cannot write") && said.contains("No space left on device"), "{said}");
    let manifest: serde_json::Value = serde_json::from_str(&note("manifest.json")).expect("JSON");
    assert!(manifest["duration"].as_f64() > Some(300.0), "the long film is published in the end");
    [note("before"), note("after")]
}

#[test]
fn a_disk_that_is_full_leaves_the_earlier_film_and_is_said() {
    let [before, after] = fill(|_| ".".to_owned());
    assert_eq!(before, after);
}

/// What has come already stays there, and is not sent again.
#[test]
fn a_disk_that_is_full_is_said_at_once_where_films_are_published() {
    let [before, after] = fill(|out| format!("file://{}", out.display()));
    assert!(before.lines().all(|line| after.contains(line)), "{before}\n{after}");
}
