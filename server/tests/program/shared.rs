//! A film that only those with a link may watch, as whoever runs the origin meets it.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::time::{Duration, SystemTime};

use signing::{Keys, Link};

use crate::stage::{Program, exchange, get, media, statuses};

const OLD: &str = "0123456789abcdef0123456789abcdef";
const NEW: &str = "fedcba9876543210fedcba9876543210";
const MANIFEST: &str = "/media/current/manifest.json";

fn link(key: &str) -> String {
    let keys = Keys::parse(key.as_bytes()).expect("a key");
    let link = Link::sign(&keys, MANIFEST, SystemTime::now() + Duration::from_secs(3_600)).expect("in time");
    format!("{MANIFEST}?{}", link.query())
}

#[test]
fn links_are_withdrawn_by_another_key_and_leave_nothing_in_the_log() {
    let (dir, secret) = (media(), tempfile::tempdir().expect("a temporary directory"));
    std::fs::write(dir.path().join("manifest.json"), "{}").expect("room");
    let keys = secret.path().join("keys");
    let path = keys.to_str().expect("text");
    std::fs::write(&keys, OLD).expect("room");
    let (mut program, log) = Program::start_logged(dir.path(), &["--share-key", path]);
    let mut log = BufReader::new(log);
    let mut said = String::new();
    let mut wait_for = |words: &str| {
        let from = said.len();
        while !said[from..].contains(words) {
            assert!(log.read_line(&mut said).expect("UTF-8") > 0, "no {words:?} in {said}");
        }
    };
    let address = program.address;
    let status = |target: &str| statuses(&get(address, target))[0];
    assert_eq!((status(&link(OLD)), status(&link(NEW)), status(MANIFEST)), (200, 403, 403));
    assert_eq!(status("/media/current/a.mp4"), 200);

    std::fs::write(&keys, NEW).expect("room");
    program.signal("HUP");
    wait_for("the key of links was read again");
    assert_eq!((status(&link(OLD)), status(&link(NEW))), (403, 200));
    std::fs::write(&keys, "short").expect("room");
    program.signal("HUP");
    wait_for("the key of links stays as it was");
    assert_eq!((status(&link(OLD)), status(&link(NEW))), (403, 200));
    // What is malformed as a message, and what names no file, is told without its query as well.
    exchange(address, format!("GET http://a{} HTTP/1.1\r\nHost: b@c\r\nConnection: close\r\n\r\n", link(NEW)));
    get(address, &link(NEW).replace("manifest.json", ".hidden.json"));

    program.signal("TERM");
    program.child.wait().expect("our child");
    log.read_to_string(&mut said).expect("UTF-8");
    assert!(said.contains(MANIFEST) && !said.contains("verify"), "{said}");
    assert!(![OLD, NEW].iter().any(|key| said.contains(key)), "{said}");

    // A restart with another key does the same.
    std::fs::write(&keys, OLD).expect("room");
    let program = Program::start(dir.path(), &["--share-key", path]);
    let status = |target: &str| statuses(&get(program.address, target))[0];
    assert_eq!((status(&link(OLD)), status(&link(NEW))), (200, 403));
}
