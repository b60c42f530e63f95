//! Keys come from the environment, and are nowhere else.

use std::fs;
use std::process::Command;

use http::Method;

use crate::stage::{Stage, fail, succeed};
use test_bucket::{Fault, KEY_ID, SECRET};

/// Everything that a command says, whatever comes of it.
fn said(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn keys_appear_nowhere() {
    let stage = Stage::new();
    // Each of these answers repeats the signature and the secret in its body.
    let codes = [(403, "SignatureDoesNotMatch"), (403, "AccessDenied"), (400, "ExpiredToken"), (501, "NotImplemented")];
    for (status, code) in codes {
        for method in [Method::HEAD, Method::PUT] {
            stage.bucket.fail(move |seen, _| (seen.method == method).then_some(Fault::Answer(status, code)));
            let said =
                said(stage.publish("s3://films/x").env("AWS_SESSION_TOKEN", "hushtoken").env("RUST_LOG", "trace"));
            for secret in [KEY_ID, SECRET, "hushtoken", "Signature=", "AWS4-HMAC"] {
                assert!(!said.contains(secret), "{code}: {said}");
            }
            assert!(said.contains("refuses"), "{said}");
        }
    }
    stage.bucket.heal();
    let said = said(&mut stage.publish("s3://films/x"));
    assert!(!said.contains(KEY_ID) && !said.contains(SECRET), "{said}");
    // Nor in what was published.
    for (name, bytes) in stage.there("x") {
        assert!(!String::from_utf8_lossy(&bytes).contains(KEY_ID), "{name}");
    }
}

#[test]
fn without_keys_it_says_what_to_set() {
    let stage = Stage::new();
    for (url, name) in [
        ("s3://films/x", "AWS_ACCESS_KEY_ID"),
        ("r2://films/x", "CLOUDFLARE_ACCOUNT_ID"),
        ("gs://films/x", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("az://films/x", "AZURE_STORAGE_ACCOUNT_NAME"),
    ] {
        let said = fail(stage.splitter().arg("publish").arg(&stage.cut).arg(url));
        assert!(said.contains(url) && said.contains(name), "{said}");
    }
    let said = fail(stage.publish("s3://films/x").env("AWS_ENDPOINT_URL", "http://example.org"));
    assert!(said.contains("https"), "{said}");
    // Nor do others ask a server that anybody on the way can read.
    let azure = [("AZURE_STORAGE_ACCOUNT_NAME", "films"), ("AZURE_STORAGE_ACCOUNT_KEY", "aHVzaA==")];
    for (url, server, keys) in [
        ("az://films/x", "AZURE_STORAGE_ENDPOINT", &azure[..]),
        ("gs://films/x", "GOOGLE_BASE_URL", &[("GOOGLE_BEARER_TOKEN", "hush")]),
    ] {
        let mut publish = stage.splitter();
        publish.arg("publish").arg(&stage.cut).arg(url).env(server, "http://example.org").envs(keys.iter().copied());
        let said = fail(&mut publish);
        assert!(said.contains(server) && said.contains("https") && !said.contains("hush"), "{said}");
    }
    let output = stage.publish("s3://KEY:hush@films/x").output().expect("it starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("hush"), "it repeats what was typed");
    let said = fail(stage.publish("s3://films/x").env("AWS_SECRET_ACCESS_KEY", "wrong"));
    assert!(said.contains("refuses"), "{said}");
}

#[test]
fn a_profile_has_them_too() {
    let stage = Stage::new();
    let home = tempfile::tempdir().expect("a directory");
    fs::create_dir(home.path().join(".aws")).expect("room");
    let keys = format!("[films]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n");
    fs::write(home.path().join(".aws/credentials"), keys).expect("room");
    let config = format!("[profile films]\nregion = auto\nendpoint_url = {}\n", stage.bucket.endpoint());
    fs::write(home.path().join(".aws/config"), config).expect("room");
    let mut publish = stage.splitter();
    publish.env("HOME", home.path()).env("AWS_PROFILE", "films").arg("publish").arg(&stage.cut).arg("s3://films/x");
    succeed(&mut publish);
    assert!(stage.there("x") == stage.expected());
    // R2 is the same protocol at another address.
    succeed(publish.env("AWS_ENDPOINT_URL", stage.bucket.endpoint()));
    let said = said(Command::new(env!("CARGO_BIN_EXE_splitter")).args(["publish", "--help"]));
    assert!(said.contains("AWS_PROFILE") && said.contains("CLOUDFLARE_ACCOUNT_ID"), "{said}");
}
