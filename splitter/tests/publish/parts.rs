//! Files that are too large for one request.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use http::Method;
use splitter::publish::{Options, publish};
use store::{Environment, Patience};

use crate::killed::end_after;
use crate::stage::{Stage, succeed};
use test_bucket::{Fault, KEY_ID, SECRET};

/// A cut of the sample film many times over, whose chunks are larger than two parts.
fn large(stage: &Stage, directory: &Path) -> PathBuf {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/media/sample.mp4");
    let film = directory.join("film.mp4");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-nostdin", "-stream_loop", "14", "-i"]).arg(sample);
    succeed(ffmpeg.args(["-c", "copy", "-fflags", "+bitexact"]).arg(&film));
    let cut = directory.join("cut");
    succeed(stage.splitter().arg(&film).arg("--out").arg(&cut).arg("--quiet"));
    cut
}

fn options(endpoint: String, cut: &Path) -> Options {
    let mut options = Options::new(cut, "s3://films/x".parse().expect("an address"));
    options.environment = [
        ("AWS_ACCESS_KEY_ID", KEY_ID.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ("AWS_ENDPOINT_URL", endpoint),
    ]
    .into_iter()
    .collect::<Environment>();
    options.patience = Patience { first: Duration::from_millis(10), ..Patience::default() };
    options.largest_put = 1_000_000;
    options
}

#[test]
fn a_large_file_goes_in_equal_parts_each_of_which_may_fail() {
    let stage = Stage::new();
    let place = tempfile::tempdir().expect("a directory");
    let cut = large(&stage, place.path());
    let options = options(stage.bucket.endpoint(), &cut);
    stage.bucket.fail(|seen, before| match (&seen.method, before) {
        (&Method::PUT, 0) if seen.query.contains_key("partNumber") => Some(Fault::Reset(1 << 20)),
        (&Method::PUT, 1) if seen.query.contains_key("partNumber") => Some(Fault::Answer(503, "SlowDown")),
        _ => None,
    });
    let published = publish(&options, &()).expect("it is published");
    let seen = stage.bucket.seen();
    let whole = |seen: &&test_bucket::Seen| seen.query.contains_key("partNumber") && seen.status == 200;
    let numbers: BTreeSet<_> = seen.iter().filter(whole).map(|seen| seen.query["partNumber"].clone()).collect();
    assert!(numbers.len() >= 3, "{numbers:?}");
    for file in &published.sent {
        let (there, here) = (stage.bucket.films().join("x").join(&file.name), cut.join(&file.name));
        assert!(
            std::fs::read(there).expect("it is there") == std::fs::read(here).expect("it is here"),
            "{}",
            file.name
        );
    }
    assert_eq!(stage.bucket.left_over_parts(), 0);
}

#[test]
fn parts_of_what_is_refused_are_forgotten() {
    let stage = Stage::new();
    let place = tempfile::tempdir().expect("a directory");
    let cut = large(&stage, place.path());
    let options = options(stage.bucket.endpoint(), &cut);
    stage.bucket.fail(|seen, _| {
        let number = seen.query.get("partNumber").map(String::as_str);
        (number == Some("3")).then_some(Fault::Answer(403, "AccessDenied"))
    });
    let said = publish(&options, &()).expect_err("it is refused").to_string();
    assert!(said.contains("AccessDenied"), "{said}");
    let seen = stage.bucket.seen();
    assert!(seen.iter().any(|seen| seen.method == Method::DELETE && seen.query.contains_key("uploadId")));
    assert_eq!(stage.bucket.left_over_parts(), 0);
    assert!(!stage.bucket.films().join("x/manifest.json").exists());
}

/// What is to be published by the process that is killed, and where.
const KILLED: [&str; 2] = ["KILLED_CUT", "KILLED_ENDPOINT"];

#[test]
fn parts_that_a_killed_run_has_left_are_forgotten_by_the_next() {
    // The program puts files into parts from 5 GB on. So this is the process that is killed, too.
    if let [Ok(cut), Ok(endpoint)] = KILLED.map(std::env::var) {
        publish(&options(endpoint, Path::new(&cut)), &()).expect("it is killed before");
        return;
    }
    let stage = Stage::new();
    let place = tempfile::tempdir().expect("a directory");
    let cut = large(&stage, place.path());
    let mut killed = Command::new(std::env::current_exe().expect("it has a path"));
    killed.args(["--exact", "parts::parts_that_a_killed_run_has_left_are_forgotten_by_the_next"]);
    killed.env(KILLED[0], &cut).env(KILLED[1], stage.bucket.endpoint());
    assert_eq!(end_after(&stage, &mut killed, 30_000_000, "KILL"), None, "it was killed");
    // Those that were under way come to their end.
    stage.bucket.seen();
    assert!(stage.bucket.left_over_parts() > 0);

    publish(&options(stage.bucket.endpoint(), &cut), &()).expect("it is published");
    assert_eq!(stage.bucket.left_over_parts(), 0);
    assert!(stage.bucket.films().join("x/manifest.json").exists());
}
