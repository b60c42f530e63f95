//! Ended in the middle, and run again.

use std::collections::HashMap;
use std::process::{Command, Stdio};

use crate::stage::{Stage, succeed};

/// Sends a signal to a program, which may have ended by itself.
fn send(signal: &str, pid: u32) {
    let _ = Command::new("kill").args(["-s", signal, &pid.to_string()]).stderr(Stdio::null()).status();
}

/// Publishes, and sends a signal once that many bytes have come; whether the program ended well all the same.
fn end_after(stage: &Stage, url: &str, bytes: u64, signal: &'static str) -> Option<i32> {
    let mut child = stage.publish(url).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let pid = child.id();
    stage.bucket.after(bytes, move || send(signal, pid));
    child.wait().expect("it ends").code()
}

#[test]
fn killed_at_many_instants_it_goes_on_where_it_was() {
    const INSTANTS: u64 = 20;
    let stage = Stage::new();
    let total: u64 = stage.expected().values().map(|bytes| bytes.len() as u64).sum();
    let mut killed = 0;
    for instant in 0..INSTANTS {
        let (prefix, url) = (format!("killed-{instant}"), format!("s3://films/killed-{instant}"));
        stage.bucket.forget();
        let ended = end_after(&stage, &url, total * instant / INSTANTS, "KILL");
        killed += usize::from(ended.is_none());
        let before = stage.bucket.written();
        stage.assert_never_promises(&prefix);

        succeed(&mut stage.publish(&url));
        assert!(stage.there(&prefix) == stage.expected(), "instant {instant}");
        let mut times: HashMap<String, usize> = HashMap::new();
        stage.bucket.written().into_iter().for_each(|key| *times.entry(key).or_default() += 1);
        assert!(times.values().all(|&times| times == 1), "instant {instant}: {before:?}, then {times:?}");
    }
    assert!(killed > 10, "only {killed} of {INSTANTS} were killed");
}

#[test]
fn asked_to_stop_it_leaves_nothing_that_names_what_is_not_there() {
    let stage = Stage::new();
    let total: u64 = stage.expected().values().map(|bytes| bytes.len() as u64).sum();
    for (signal, part) in [("INT", 4), ("TERM", 2)] {
        let prefix = format!("stopped-{signal}");
        let url = format!("s3://films/{prefix}");
        assert_eq!(end_after(&stage, &url, total / part, signal), Some(1), "{signal}");
        let there = stage.there(&prefix);
        assert!(!there.contains_key("manifest.json") && !there.contains_key("master.m3u8"));
        succeed(&mut stage.publish(&url));
        assert!(stage.there(&prefix) == stage.expected());
    }
}
