//! Rungs as users see them: planned, published, listed, read by other players.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::film::sample;
use crate::program::{cut, fail, findings, json as printed, send, splitter, succeed};

/// The film of the repository, smaller, with its keyframes.
pub(crate) fn rung(directory: &Path) -> PathBuf {
    let path = directory.join("film-90.mp4");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-i"]).arg(sample());
    ffmpeg.args("-an -vf scale=160:90 -c:v libx264 -preset ultrafast -force_key_frames source -flags +cgop".split(' '));
    succeed(ffmpeg.args(["-fflags", "+bitexact"]).arg(&path));
    path
}

#[test]
fn a_film_with_a_rung_is_planned_published_and_proven() {
    let place = TempDir::new().expect("a directory");
    let (rung, out) = (rung(place.path()), place.path().join("out"));
    let rung = rung.to_str().expect("UTF-8");

    let plan = printed(&succeed(&mut cut(&sample(), &out, &[rung, "--dry-run", "--json"])));
    let of = |document: &Value, field: &str| {
        document["streams"].as_array().expect("a list").iter().map(|stream| stream[field].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of(&plan, "set"), [json!(1), json!(1), Value::Null]);
    assert_eq!(of(&plan, "size"), [json!([1280, 720]), json!([160, 90]), Value::Null]);
    let groups = of(&plan, "groups");
    assert_eq!(groups[0], groups[1]);
    assert!(!out.exists());

    let manifest = printed(&succeed(&mut cut(&sample(), &out, &[rung, "--json"])));
    assert_eq!(
        (of(&manifest, "set"), of(&manifest, "height")),
        (of(&plan, "set"), vec![json!(720), json!(90), Value::Null])
    );
    assert_eq!(of(&manifest, "bandwidth"), of(&plan, "bandwidth"));
    assert_eq!(findings(&out), []);
    let verdict = printed(&succeed(splitter().arg("verify").arg(&out).arg("--json")));
    assert_eq!(verdict["ladders"], json!([{ "set": 1, "rungs": 2, "groups": groups[0] }]));
    let said = String::from_utf8(succeed(splitter().arg("verify").arg(&out)).stdout).expect("UTF-8");
    assert!(said.starts_with("set 1: 2 rungs of 15 groups\n"), "{said}");
    assert_eq!(printed(&succeed(splitter().arg("prune").arg(&out).arg("--json")))["removed"], json!([]));

    let seen = printed(&succeed(splitter().arg("inspect").arg(&out).arg("--json")));
    assert_eq!((of(&seen, "set"), of(&seen, "rung")), (of(&plan, "set"), vec![json!(1), json!(0), Value::Null]));
    for field in ["mime", "size", "bandwidth", "groups", "longest_group_seconds"] {
        assert_eq!(of(&seen, field), of(&plan, field), "{field}");
    }
    assert_eq!(of(&seen, "default"), [json!(true), json!(false), json!(true)]);
    assert_eq!((&seen["ladders"], &seen["id"]), (&verdict["ladders"], &manifest["id"]));
    let said = succeed(splitter().arg("inspect").arg(out.join("manifest.json"))).stdout;
    let said = String::from_utf8(said).expect("UTF-8");
    assert!(
        said.contains("set 1: 2 rungs of 15 groups\n  stream 0  video/mp4") && said.contains("  160x90  "),
        "{said}"
    );

    // Equal files, equal bytes.
    let again = printed(&succeed(&mut cut(&sample(), &out, &[rung, "--json"])));
    assert_eq!(again, manifest);

    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-show_entries", "program=program_id:program_stream=width", "-of", "json"]);
    let programs = printed(&succeed(ffprobe.arg(out.join("master.m3u8"))));
    let width = |variant: &Value| {
        let streams = variant["streams"].as_array().expect("a list").iter();
        streams.map(|stream| stream["width"].clone()).find(Value::is_number)
    };
    let widths: Vec<_> = programs["programs"].as_array().expect("a list").iter().filter_map(width).collect();
    assert_eq!(widths, [json!(1280), json!(160)], "a variant for each rung");
}

#[test]
fn damage_of_one_rung_is_found_in_that_rung() {
    let place = TempDir::new().expect("a directory");
    let (rung, out) = (rung(place.path()), place.path().join("out"));
    let manifest = printed(&succeed(&mut cut(&sample(), &out, &[rung.to_str().expect("UTF-8"), "--json"])));
    let chunk = manifest["streams"][1]["chunks"][0]["url"].as_str().expect("a name");
    assert!(chunk.contains("/video-2/"));
    let mut bytes = std::fs::read(out.join(chunk)).expect("readable");
    *bytes.last_mut().expect("media") ^= 1;
    std::fs::write(out.join(chunk), bytes).expect("room");
    let found: Vec<_> = findings(&out).into_iter().map(|(problem, file, _)| (problem, file)).collect();
    assert!(
        found.iter().all(|(_, file)| file == chunk) && found.iter().any(|(problem, _)| problem == "digest"),
        "{found:?}"
    );
}

/// Names of what is kept of rungs.
fn kept(out: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(out.join(".rungs")) else { return Vec::new() };
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.sort_unstable();
    names
}

const QUICK: [&str; 4] = ["--ladder", "90p", "--ladder-preset", "ultrafast"];

#[test]
fn a_rung_is_made_once_and_kept_until_it_is_pruned() {
    let place = TempDir::new().expect("a directory");
    let out = place.path().join("out");
    let plan = printed(&succeed(&mut cut(&sample(), &out, &[&QUICK[..], &["--dry-run", "--json"]].concat())));
    assert_eq!((&plan["rungs"][0]["name"], &plan["rungs"][0]["size"]), (&json!("90p"), &json!([160, 90])));
    assert!(!out.exists(), "a plan writes nothing");

    let first = printed(&succeed(&mut cut(&sample(), &out, &[&QUICK[..], &["--json"]].concat())));
    assert_eq!(first["streams"][1]["height"], json!(90));
    let names = kept(&out);
    assert!(names.len() == 1 && names[0].starts_with("90p-") && names[0].ends_with(".mp4"), "{names:?}");
    let written =
        || fs::metadata(out.join(".rungs").join(&names[0])).and_then(|file| file.modified()).expect("it is there");
    let when = written();
    // Other chunks of the same film and rung.
    let again =
        printed(&succeed(&mut cut(&sample(), &out, &[&QUICK[..], &["--json", "--chunk-size", "800kB"]].concat())));
    assert_eq!((kept(&out), written()), (names.clone(), when));
    assert_ne!(first["id"], again["id"]);
    assert_eq!(findings(&out), []);
    let plan = printed(&succeed(&mut cut(&sample(), &out, &[&QUICK[..], &["--dry-run", "--json"]].concat())));
    assert_eq!(plan["streams"].as_array().expect("a list").len(), 3, "what is made already is planned as it is");

    let removed = printed(&succeed(splitter().arg("prune").arg(&out).arg("--json")));
    let removed: Vec<_> =
        removed["removed"].as_array().expect("a list").iter().map(|entry| entry["path"].to_string()).collect();
    assert!(removed.len() == 2 && removed.iter().any(|path| path.contains(".rungs")), "{removed:?}");
    assert_eq!((kept(&out), findings(&out)), (Vec::new(), Vec::new()));
}

/// Cuts with a rung that takes long, and sends a signal once ffmpeg has begun to write it.
fn interrupted(out: &Path, signal: &str) {
    let mut splitter = cut(&sample(), out, &["--ladder", "720p", "--ladder-preset", "veryslow", "--quiet"]);
    let mut child = splitter.spawn().expect("it starts");
    while !kept(out).iter().any(|name| name.ends_with(".partial")) {
        assert_eq!(child.try_wait().expect("it runs"), None, "it is done");
        thread::yield_now();
    }
    send(signal, &child);
    assert!(!child.wait().expect("it ends").success());
}

#[cfg(unix)]
#[test]
fn half_a_rung_is_never_taken_for_a_whole_one() {
    let place = TempDir::new().expect("a directory");
    let out = place.path().join("out");
    interrupted(&out, "TERM");
    assert!(!out.exists(), "nothing is left where nothing was");
    interrupted(&out, "KILL");
    let left = kept(&out);
    assert!(left.iter().all(|name| name.ends_with(".partial")), "{left:?}");
    succeed(&mut cut(&sample(), &out, &QUICK));
    assert_eq!(findings(&out), []);
}

#[test]
fn what_makes_no_ladder_is_refused_before_anything_is_written() {
    let place = TempDir::new().expect("a directory");
    let out = place.path().join("out");
    let refused = |options: &[&str], words: &str| {
        let said = fail(&mut cut(&sample(), &out, options));
        assert!(said.contains(words) && !out.exists(), "{said}");
    };
    refused(&["--ladder", "1080p"], "1080p is more than the film's 720p");
    refused(&["--ladder", "auto", "--muxed"], "--muxed");
    refused(&["--ladder", "auto", "--audio-only"], "--audio-only");
    refused(&["--ladder", "auto", "--ladder-preset", "placebo"], "libx264 has no such preset");
    let film = sample();
    refused(&[film.to_str().expect("UTF-8"), "--ladder", "auto"], "several are given");
}
