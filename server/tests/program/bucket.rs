//! Media that lies in a bucket, as whoever runs the origin meets it.
#![cfg(unix)]

use std::io::{Read, Write};
use std::process::Command;

use http::Method;
use test_bucket::{Bucket, Fault, KEY_ID, SECRET};

use crate::stage::{Program, connect, exchange, get, statuses};

const CHUNK: &str = "/media/current/0a/v/0001.mp4";
const KEY: &str = "film/0a/v/0001.mp4";
const MIB: usize = 1 << 20;

fn length(response: &str) -> usize {
    response.split_once("\r\n\r\n").expect("a head").1.len()
}

#[test]
fn a_body_that_breaks_off_breaks_its_connection() {
    let bucket = Bucket::new();
    bucket.put(KEY, vec![b'x'; MIB], None);
    let (program, _log) = Program::start_over(&bucket, &[]);
    let whole = get(program.address, CHUNK);
    assert_eq!((statuses(&whole), length(&whole)), (vec![200], MIB));
    for fault in [Fault::Break(300_000), Fault::Shorter(1)] {
        bucket.fail(move |seen, _| (seen.method == Method::GET).then_some(fault));
        // The connection is to be kept, so its end is not that of a body.
        let cut = exchange(program.address, format!("GET {CHUNK} HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert!(cut.contains(&format!("content-length: {MIB}\r\n")), "{fault:?}");
        assert!(length(&cut) < MIB, "{fault:?}: {}", length(&cut));
    }
    bucket.heal();
    assert_eq!(length(&get(program.address, CHUNK)), MIB);
    let numbers = get(program.address, "/metrics");
    for line in ["origin_bodies_cut_total 2", "origin_store_answers_broken_total 1"] {
        assert!(numbers.lines().any(|found| found == line), "{line}: {numbers}");
    }
}

#[test]
fn keys_are_in_no_log_and_no_answer() {
    let bucket = Bucket::new();
    bucket.put(KEY, "chunk", Some(&"0".repeat(64)));
    let (mut program, mut log) = Program::start_over(&bucket, &[]);
    let mut said = String::new();
    // Each of these answers repeats the signature and the secret in its body.
    for (status, code) in [(403, "SignatureDoesNotMatch"), (403, "AccessDenied"), (400, "ExpiredToken")] {
        for (method, path) in [(Method::HEAD, "a.mp4"), (Method::GET, "0a/v/0001.mp4")] {
            bucket.fail(move |seen, _| (seen.method == method).then_some(Fault::Answer(status, code)));
            let answer = get(program.address, &format!("/media/current/{path}"));
            assert_eq!(statuses(&answer), [502], "{answer}");
            said += &answer;
        }
    }
    program.signal("TERM");
    program.child.wait().expect("our child");
    log.read_to_string(&mut said).expect("UTF-8");
    assert!(said.contains("ExpiredToken") && said.contains("get new ones"), "{said}");
    for secret in [KEY_ID, SECRET, "Signature=", "AWS4-HMAC"] {
        assert!(!said.contains(secret), "{secret}: {said}");
    }
}

#[test]
fn without_keys_it_does_not_start_and_says_what_to_set() {
    for (media, name) in [("s3://films/x", "AWS_ACCESS_KEY_ID"), ("r2://films/x", "CLOUDFLARE_ACCOUNT_ID")] {
        let mut origin = Command::new(env!("CARGO_BIN_EXE_origin"));
        for variable in ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "CLOUDFLARE_ACCOUNT_ID", "AWS_ENDPOINT_URL"] {
            origin.env_remove(variable);
        }
        let output = origin.env("HOME", "/nowhere").args(["--media", media]).output().expect("built");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(media) && said.contains(name), "{said}");
    }
    let output =
        Command::new(env!("CARGO_BIN_EXE_origin")).args(["--media", "s3://KEY:hush@films"]).output().expect("built");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && said.contains("environment") && !said.contains("hush"), "{said}");
}

/// Who reads slowly holds the store back, not the origin's memory full.
#[cfg(target_os = "linux")]
#[test]
fn what_nobody_reads_is_not_fetched() {
    const READERS: usize = 12;
    let bucket = Bucket::new();
    bucket.put(KEY, vec![b'x'; 8 * MIB], None);
    let (program, _log) = Program::start_over(&bucket, &[]);
    let before = program.memory("VmHWM:");
    let readers: Vec<_> = (0..READERS)
        .map(|_| {
            let mut stream = connect(program.address);
            write!(stream, "GET {CHUNK} HTTP/1.1\r\nHost: a\r\n\r\n").expect("room");
            stream.read_exact(&mut vec![0; 64 << 10]).expect("it has begun");
            stream
        })
        .collect();
    // One more that reads everything: meanwhile the others could have been fetched, too.
    assert_eq!(length(&get(program.address, CHUNK)), 8 * MIB);
    drop(readers);
    let grown = program.memory("VmHWM:") - before;
    assert!(grown < (READERS * 2 * MIB) as u64, "{grown} bytes");
}
