//! Pictures for the seek bar: right in number and place, named by what is in them, and told apart from other bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::directory::{files, id};
use crate::film::sample;
use crate::program::{cut, fail, findings, json, succeed};

/// The files of the thumbnails with an ending, as the manifest has them.
fn pictures(out: &Path, ending: &str) -> Vec<PathBuf> {
    let directory = out.join(id(out)).join("thumbnails");
    let paths = fs::read_dir(directory).expect("thumbnails").map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == ending)).collect()
}

/// Width and height of a picture, as ffprobe has them.
fn size(picture: &Path) -> String {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0"]).arg(picture);
    String::from_utf8(succeed(&mut ffprobe).stdout).expect("ASCII").trim().to_owned()
}

#[test]
fn each_keyframe_has_its_picture_from_its_time_on() {
    let out = TempDir::new().expect("a directory");
    let manifest = json(&succeed(&mut cut(&sample(), out.path(), &["--thumbnails=4", "--json"])));
    let [text] = pictures(out.path(), "vtt").try_into().expect("one WebVTT file");
    let [sprite] = pictures(out.path(), "jpg").try_into().expect("one sprite");
    assert_eq!(out.path().join(manifest["thumbnails"]["url"].as_str().expect("a URL")), text);
    assert_eq!(size(&sprite), "mjpeg,1280,90");
    let name = sprite.file_name().expect("a name").to_str().expect("ASCII");
    let text = fs::read_to_string(text).expect("a text");
    let cues: Vec<_> = text.split("\n\n").collect();
    assert_eq!((cues[0], cues.len()), ("WEBVTT", 9), "a keyframe every 2 s, every other of them is picked");
    assert_eq!(cues[1], format!("00:00:00.000 --> 00:00:04.000\n{name}#xywh=0,0,160,90"));
    assert_eq!(cues[8], format!("00:00:28.000 --> 00:00:30.000\n{name}#xywh=1120,0,160,90\n"));
    assert_eq!(findings(out.path()), []);
}

#[test]
fn equal_cuts_have_equal_pictures_and_other_intervals_another_id() {
    let [one, two, other] = [(); 3].map(|()| TempDir::new().expect("a directory"));
    succeed(&mut cut(&sample(), one.path(), &["--thumbnails=2"]));
    succeed(&mut cut(&sample(), two.path(), &["--thumbnails=2", "--muxed"]));
    succeed(&mut cut(&sample(), other.path(), &["--thumbnails"]));
    let bytes = |out: &TempDir| fs::read(&pictures(out.path(), "jpg")[0]).expect("a sprite");
    assert_eq!(bytes(&one), bytes(&two), "with sound in the same stream, too");
    assert_ne!(id(one.path()), id(other.path()));
    let before = files(one.path());
    succeed(&mut cut(&sample(), one.path(), &["--thumbnails=2"]));
    assert!(files(one.path()) == before);
    // What comes through standard input is as good as a file.
    let piped = TempDir::new().expect("a directory");
    let mut splitter = cut(Path::new("-"), piped.path(), &["--thumbnails=2"]);
    succeed(splitter.stdin(fs::File::open(sample()).expect("the sample")));
    assert_eq!(id(piped.path()), id(one.path()));
}

#[test]
fn damaged_and_missing_pictures_are_found() {
    let out = TempDir::new().expect("a directory");
    succeed(&mut cut(&sample(), out.path(), &["--thumbnails"]));
    let problems = || findings(out.path()).into_iter().map(|(problem, ..)| problem).collect::<Vec<_>>();
    let sprite = pictures(out.path(), "jpg").remove(0);
    let whole = fs::read(&sprite).expect("a sprite");
    let mut bytes = whole.clone();
    *bytes.last_mut().expect("a byte") ^= 1;
    fs::write(&sprite, bytes).expect("damaged");
    assert_eq!(problems(), ["digest"]);
    fs::write(&sprite, "GIF").expect("another");
    assert_eq!(problems(), ["no-picture"]);
    fs::remove_file(&sprite).expect("removed");
    assert_eq!(problems(), ["unreadable"]);
    fs::write(&sprite, whole).expect("put back");
    let text = pictures(out.path(), "vtt").remove(0);
    fs::write(&text, fs::read_to_string(&text).expect("a text") + "\n").expect("changed");
    assert_eq!(problems(), ["digest"]);
}

#[test]
fn without_ffmpeg_it_says_so_before_anything_is_written() {
    let out = TempDir::new().expect("a directory");
    let said = fail(cut(&sample(), out.path(), &["--thumbnails"]).env("PATH", ""));
    assert!(said.contains("--thumbnails needs ffmpeg"), "{said}");
    assert!(files(out.path()).is_empty());
    let said = fail(&mut cut(&sample(), out.path(), &["--thumbnails=0.1"]));
    assert!(said.contains("choose between 0.5 and 600"), "{said}");
}

#[test]
fn sound_alone_has_no_pictures_and_needs_none() {
    let out = TempDir::new().expect("a directory");
    let film = out.path().join("sound.m4a");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-i"]).arg(sample()).args(["-vn", "-c", "copy"]).arg(&film);
    succeed(&mut ffmpeg);
    let output = succeed(&mut cut(&film, out.path(), &["--thumbnails"]));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("no pictures"), "{said}");
    assert_eq!(findings(out.path()), []);
}
