//! What killed runs have left of files that were under way.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::stage::{Stage, count, fail, files, json, succeed};

/// Names in a directory that nobody is to see. Somebody may be at work there: what is listed may be gone by now.
fn staged(directory: &Path) -> BTreeSet<String> {
    let (mut staged, mut open) = (BTreeSet::new(), vec![directory.to_owned()]);
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(&path).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(directory).expect("it is below").to_string_lossy().into_owned();
            if path.is_dir() {
                open.push(path);
            } else if name.contains('#') {
                staged.insert(name);
            }
        }
    }
    staged
}

fn url(directory: &Path) -> String {
    url::Url::from_file_path(directory).expect("a path").into()
}

/// Kills a run that publishes into a directory while files are under way; what it leaves there.
fn kill(stage: &Stage, directory: &Path) -> BTreeSet<String> {
    let mut slow = stage.publish(&url(directory));
    // It would take the better part of an hour.
    slow.args(["--limit-rate", "1kB"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = slow.spawn().expect("it starts");
    while staged(directory).is_empty() {
        assert_eq!(child.try_wait().expect("it can be asked"), None, "it ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    // Whoever comes to a directory where somebody is at work takes nothing away.
    assert!(fail(&mut stage.publish(&url(directory))).contains("another splitter"));
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    staged(directory)
}

#[test]
fn what_a_killed_run_has_left_in_a_directory_goes_with_the_next() {
    let stage = Stage::new();
    let place = tempfile::tempdir().expect("a directory");
    let out = place.path().join("film");
    let left = kill(&stage, &out);
    assert!(!left.is_empty(), "nothing was under way");
    fs::write(out.join("manifest.json#2"), "{").expect("room");
    fs::write(out.join("notes#1"), "mine").expect("room");
    succeed(&mut stage.publish(&url(&out)));
    assert_eq!(staged(&out), BTreeSet::from(["notes#1".to_owned()]));
    succeed(stage.splitter().arg("verify").arg(&out));
}

#[test]
fn what_a_killed_run_has_left_of_another_cut_is_pruned() {
    let stage = Stage::new();
    let place = tempfile::tempdir().expect("a directory");
    let out = place.path().join("film");
    succeed(&mut stage.publish(&url(&out)));
    let before = files(&out);
    fs::remove_dir_all(&stage.cut).expect("it is there");
    stage.cut_with("Two", "500kB");
    let left = kill(&stage, &out);
    let another = left.first().and_then(|name| name.split('/').next()).expect("below its id").to_owned();
    fs::write(out.join("master.m3u8#1"), "#EXTM3U").expect("room");

    let prune = |more: &[&str]| {
        let mut prune = stage.splitter();
        json(&succeed(prune.args(["prune", &url(&out), "--json"]).args(more)))
    };
    let removed = prune(&["--dry-run"])["removed"].clone();
    assert_eq!(count(&removed), 2);
    assert!(removed[0]["path"].as_str().is_some_and(|path| path.ends_with(&another)), "{removed}");
    assert!(removed[1]["path"].as_str().is_some_and(|path| path.ends_with("/master.m3u8#1")), "{removed}");
    assert!(!staged(&out).is_empty(), "it was only asked");
    assert_eq!(prune(&[])["removed"], removed);
    assert!(files(&out) == before && !out.join(another).exists());
}

#[test]
fn parts_of_another_cut_are_pruned() {
    let stage = Stage::new();
    succeed(&mut stage.publish("s3://films/x"));
    stage.leave_parts_of_another_cut("s3://films/x");
    let removed = json(&succeed(stage.splitter_with_keys().args(["prune", "s3://films/x", "--json"])));
    assert_eq!((count(&removed["removed"]), stage.bucket.left_over_parts()), (1, 0));
}
