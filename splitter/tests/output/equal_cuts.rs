//! Equal input and options give equal bytes.

use std::fs;
use std::time::SystemTime;

use tempfile::TempDir;

use crate::directory::{files, id, names};
use crate::film::sample;
use crate::program::{cut, findings, succeed};

#[test]
fn two_cuts_are_equal_to_the_last_byte() {
    let (one, other) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    // Another time of writing and another path are no other film.
    let copy = other.path().join("copy.mp4");
    fs::copy(sample(), &copy).expect("a copy");
    fs::File::options().append(true).open(&copy).expect("it").set_modified(SystemTime::UNIX_EPOCH).expect("a time");
    for options in [&["--chunk-size", "400kB"][..], &["--muxed"], &["--fragment-duration", "1"]] {
        succeed(&mut cut(&sample(), &one.path().join("out"), options));
        succeed(&mut cut(&copy, &other.path().join("out"), options));
    }
    assert_eq!(files(&one.path().join("out")), files(&other.path().join("out")));
}

#[test]
fn a_name_changes_the_manifest_and_not_the_cut() {
    let out = TempDir::new().expect("a directory");
    succeed(&mut cut(&sample(), out.path(), &[]));
    let (unnamed, before) = (id(out.path()), files(&out.path().join(id(out.path()))));
    succeed(&mut cut(&sample(), out.path(), &["--name", "A film & \"its\" name"]));
    assert_eq!(id(out.path()), unnamed);
    assert_eq!(files(&out.path().join(&unnamed)), before);
    let manifest = fs::read_to_string(out.path().join("manifest.json")).expect("a manifest");
    assert!(manifest.contains("A film & \\\"its\\\" name"));
    assert_eq!(findings(out.path()), []);
}

#[test]
fn the_same_cut_again_replaces_what_is_there() {
    let out = TempDir::new().expect("a directory");
    succeed(&mut cut(&sample(), out.path(), &[]));
    let whole = files(out.path());
    // A splitter that was killed while it made room for the same cut can have left this.
    let old = out.path().join(format!(".partial-old-{}/video-1", id(out.path())));
    fs::create_dir_all(&old).expect("a leftover");
    fs::write(old.join("0001.mp4"), "old").expect("a leftover");
    let damaged = out.path().join(id(out.path())).join("video-1/0001.mp4");
    fs::write(&damaged, "damaged").expect("room");
    succeed(&mut cut(&sample(), out.path(), &[]));
    fs::remove_dir_all(old.parent().expect("it has one")).expect("prune would");
    assert_eq!(files(out.path()), whole);
}

#[test]
fn earlier_cuts_stay_until_they_are_pruned() {
    let out = TempDir::new().expect("a directory");
    succeed(&mut cut(&sample(), out.path(), &["--chunk-size", "1MB"]));
    let (first, bytes) = (id(out.path()), files(&out.path().join(id(out.path()))));
    succeed(&mut cut(&sample(), out.path(), &["--chunk-size", "2MB"]));
    let second = id(out.path());
    assert_ne!(first, second);
    assert_eq!(files(&out.path().join(&first)), bytes);
    let top = |ids: &[&String]| {
        let others = ["manifest.json", "manifest.mpd", "master.m3u8"].map(str::to_owned);
        let mut names: Vec<String> = others.into_iter().chain(ids.iter().map(|id| (*id).clone())).collect();
        names.sort();
        names
    };
    assert_eq!(names(out.path()), top(&[&first, &second]));
}
