//! Rungs as users see them: planned, published, listed, read by other players.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::film::sample;
use crate::program::{cut, findings, json as printed, splitter, succeed};

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
