//! Google Cloud Storage: the server of the tests by Google's names. Google's own has not been met.

use std::fs;
use std::process::Command;

use http::Method;
use serde_json::Value;

use crate::stage::{Stage, count, fail, json, succeed};
use test_bucket::Fault;

fn splitter(stage: &Stage) -> Command {
    let mut splitter = stage.splitter();
    splitter.envs(stage.bucket.google_environment());
    splitter
}

/// What a command says of the film there.
fn says(stage: &Stage, command: &str) -> Value {
    json(&succeed(splitter(stage).args([command, "gs://films/x", "--json"])))
}

fn publish(stage: &Stage) -> Value {
    json(&succeed(splitter(stage).arg("publish").arg(&stage.cut).args(["gs://films/x", "--json"])))
}

#[test]
fn a_film_is_published_looked_at_and_pruned_by_googles_names() {
    let stage = Stage::new();
    stage.bucket.fail(|seen, before| {
        let is_part = seen.method == Method::PUT && seen.query.contains_key("partNumber");
        (is_part && before == 0 && seen.key.ends_with("0001.mp4")).then_some(Fault::Answer(503, "SlowDown"))
    });
    assert_eq!(count(&publish(&stage)["sent"]), stage.expected().len());
    assert!(stage.there("x") == stage.expected());
    let again = publish(&stage);
    assert_eq!((count(&again["sent"]), again["kept"].as_u64()), (0, Some(stage.expected().len() as u64)));
    assert_eq!(count(&says(&stage, "verify")["findings"]), 0);
    let review = says(&stage, "check");
    assert_eq!((count(&review["findings"]), count(&review["unseen"])), (0, 1), "{review}");

    fs::remove_dir_all(&stage.cut).expect("it is there");
    stage.cut_with("Two", "500kB");
    publish(&stage);
    assert_eq!(count(&says(&stage, "prune")["removed"]), 1);
    assert!(stage.there("x") == stage.expected());
    assert_eq!(stage.bucket.left_over_parts(), 0);
}

#[test]
fn parts_that_were_left_are_forgotten() {
    let stage = Stage::new();
    // As a kill does, this keeps it from cleaning up.
    stage.bucket.fail(|seen, _| {
        let is_end = seen.method == Method::POST && seen.query.contains_key("uploadId");
        (is_end || seen.method == Method::DELETE).then_some(Fault::Answer(403, "AccessDenied"))
    });
    let said = fail(splitter(&stage).arg("publish").arg(&stage.cut).arg("gs://films/x"));
    assert!(said.contains("AccessDenied") && stage.bucket.left_over_parts() > 0, "{said}");
    stage.bucket.heal();
    publish(&stage);
    assert_eq!(stage.bucket.left_over_parts(), 0);
    assert!(stage.there("x") == stage.expected());
}
