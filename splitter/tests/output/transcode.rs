//! What `--transcode` does where ffmpeg does not do at once what it is asked for.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::{env, fs};

use tempfile::TempDir;

use crate::program::{cut, fail, findings, succeed};

/// An ffmpeg that copies no track, in front of the real one.
const COPIES_NOTHING: &str = r#"#!/bin/sh
case " $* " in *" -c:0 copy "*) echo "[error] that cannot be copied" >&2; exit 1;; esac
PATH="${PATH#*:}" exec ffmpeg "$@"
"#;

#[test]
fn what_cannot_be_copied_is_coded_anew() {
    let place = TempDir::new().expect("a directory");
    let ffmpeg = place.path().join("ffmpeg");
    fs::write(&ffmpeg, COPIES_NOTHING).expect("room");
    fs::set_permissions(&ffmpeg, fs::Permissions::from_mode(0o755)).expect("ours");
    let real = env::var_os("PATH").expect("where ffmpeg is");
    let paths = [place.path().to_owned()].into_iter().chain(env::split_paths(&real));
    let path = env::join_paths(paths).expect("no colon in it");
    let film = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/films/cut_off.mkv"));
    let out = place.path().join("out");
    let said = fail(cut(film, &out, &["--keep-going"]).env("PATH", &path));
    assert!(said.contains("that cannot be copied"), "{said}");
    succeed(cut(film, &out, &["--keep-going", "--transcode"]).env("PATH", &path));
    assert_eq!(findings(&out), []);
}
