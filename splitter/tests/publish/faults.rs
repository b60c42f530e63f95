//! The store is busy, the line breaks, bytes change on their way or on the store's disk.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use splitter::Progress;
use splitter::publish::{Options, publish};
use store::Patience;

use crate::stage::{Stage, fail, json, succeed};
use test_bucket::Fault;

/// Keeps what it hears of waits.
#[derive(Default)]
struct Heard {
    waits: Mutex<Vec<String>>,
    is_any: Arc<AtomicBool>,
}

impl Progress for Heard {
    fn waiting(&self, why: &str, seconds: u64) {
        self.waits.lock().expect("whole").push(format!("{why}, {seconds} s"));
        self.is_any.store(true, Ordering::SeqCst);
    }

    fn going_on(&self) {
        self.waits.lock().expect("whole").push("it goes on".to_owned());
    }
}

#[test]
fn while_the_store_is_waited_for_progress_hears_why() {
    let (stage, heard) = (Stage::new(), Heard::default());
    let is_any = heard.is_any.clone();
    stage.bucket.fail(move |seen, _| {
        let is_manifest = seen.method == Method::PUT && seen.key.ends_with("manifest.json");
        (is_manifest && !is_any.load(Ordering::SeqCst)).then_some(Fault::Answer(503, "SlowDown"))
    });
    let mut options = Options::new(&stage.cut, "s3://films/x".parse().expect("an address"));
    options.environment = stage.bucket.environment().into_iter().collect();
    let wait = Duration::from_millis(200);
    options.patience = Patience { first: wait, most: wait, attempts: u32::MAX };
    publish(&options, &heard).expect("it is published");
    let waits = heard.waits.into_inner().expect("whole");
    assert_eq!(waits[0], "the store says SlowDown (status 503), 1 s");
    assert_eq!(waits.last().map(String::as_str), Some("it goes on"));
}

#[test]
fn what_passes_is_waited_out() {
    let stage = Stage::new();
    stage.bucket.fail(|seen, before| match (&seen.method, before) {
        (&Method::HEAD, 0) if seen.key.ends_with(".bin") => Some(Fault::Answer(503, "SlowDown")),
        (&Method::PUT, 0) if seen.key.ends_with("0001.mp4") => Some(Fault::Reset(100_000)),
        (&Method::PUT, 1) if seen.key.ends_with("0001.mp4") => Some(Fault::Altered),
        (&Method::PUT, 0) if seen.key.ends_with("0002.mp4") => Some(Fault::Answer(500, "InternalError")),
        (&Method::PUT, 0) if seen.key.ends_with("0003.mp4") => Some(Fault::Reset(0)),
        (&Method::PUT, 0) if seen.key.ends_with("manifest.json") => Some(Fault::Answer(429, "TooManyRequests")),
        _ => None,
    });
    succeed(&mut stage.publish("s3://films/x"));
    assert!(stage.there("x") == stage.expected());
}

#[test]
fn an_object_that_the_store_has_wrong_is_written_again() {
    let stage = Stage::new();
    stage.bucket.fail(|seen, before| match (&seen.method, before) {
        (&Method::HEAD, 1) if seen.key.ends_with("0001.mp4") => Some(Fault::WrongDigest),
        (&Method::PUT, 0) if seen.key.ends_with("0002.mp4") => Some(Fault::Rotten),
        _ => None,
    });
    succeed(stage.publish("s3://films/x").arg("--read-back"));
    assert!(stage.there("x") == stage.expected());
    let twice = |end: &str| stage.bucket.written().iter().filter(|key| key.ends_with(end)).count();
    assert!(twice("0001.mp4") > 1 && twice("0002.mp4") > 1);
}

#[test]
fn a_store_that_has_it_wrong_each_time_is_not_trusted() {
    let stage = Stage::new();
    stage.bucket.fail(|seen, _| {
        (seen.method == Method::HEAD && seen.key.ends_with("video-1/0002.mp4")).then_some(Fault::WrongDigest)
    });
    let said = fail(&mut stage.publish("s3://films/x"));
    assert!(said.contains("video-1/0002.mp4") && said.contains("digest"), "{said}");
    assert!(!stage.there("x").contains_key("manifest.json"));
}

#[test]
fn keys_that_run_out_end_it_and_new_ones_go_on() {
    let stage = Stage::new();
    stage.bucket.fail(|seen, _| {
        (seen.method == Method::PUT && seen.key.ends_with("video-1/0003.mp4"))
            .then_some(Fault::Answer(400, "ExpiredToken"))
    });
    let said = fail(&mut stage.publish("s3://films/x"));
    assert!(said.contains("ExpiredToken") && said.contains("get new ones"), "{said}");
    assert!(!stage.there("x").contains_key("manifest.json"));
    let before = stage.bucket.written();
    assert!(!before.is_empty());

    stage.bucket.heal();
    stage.bucket.forget();
    let published = json(&succeed(&mut stage.publish("s3://films/x")));
    assert!(stage.there("x") == stage.expected());
    let after = stage.bucket.written();
    assert!(before.iter().all(|key| !after.contains(key)), "what was there is sent again");
    assert_eq!(published["kept"], before.len());
}
