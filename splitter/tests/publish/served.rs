//! What was published is served as players and edges need it, with nothing before the bucket but an edge.

use edge::{Nginx, Settings};

use crate::stage::{Stage, json, succeed};

#[test]
fn behind_an_edge_a_bucket_is_right() {
    let stage = Stage::new();
    succeed(&mut stage.publish("s3://films/film"));
    let settings = Settings { origin: stage.bucket.address(), slice: "1m".to_owned(), clock: false };
    let edge = Nginx::edge(&settings).expect("nginx");
    let url = edge.url("/films/film/manifest.json");
    let review = json(&stage.splitter().args(["check", &url, "--json"]).output().expect("it starts"));
    let findings = review["findings"].as_array().expect("a list");
    // A bucket has to be told of other sites: `edge/r2/main.tf` does so.
    let is_about_sites = |problem: &serde_json::Value| ["no-cors", "hidden"].iter().any(|name| problem == name);
    assert!(findings.iter().all(|finding| is_about_sites(&finding["problem"])), "{findings:#?}");
    let cache = &review["files"][1]["cache"];
    assert_eq!(cache, &serde_json::json!(["MISS", "HIT"]));
    // And whole: every byte through the edge.
    succeed(stage.splitter().args(["check", &url, "--warm", "--quiet"]));
}

#[test]
fn without_an_edge_errors_that_say_nothing_are_a_fault() {
    let stage = Stage::new();
    succeed(&mut stage.publish("s3://films/film"));
    let url = format!("{}/films/film/manifest.json", stage.bucket.endpoint());
    let output = stage.splitter().args(["check", &url, "--json"]).output().expect("it starts");
    let review = json(&output);
    let problems: Vec<_> = review["findings"].as_array().expect("a list").iter().map(|one| &one["problem"]).collect();
    assert!(problems.iter().any(|problem| *problem == "error-kept"), "{problems:?}");
    assert_eq!(output.status.code(), Some(1));
}
