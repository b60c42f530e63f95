//! Ended in the middle, and run again.

use std::collections::HashMap;
use std::process::{Command, Stdio};

use crate::stage::{Stage, succeed};

/// Sends a signal to a program, which may have ended by itself.
pub(crate) fn send(signal: &str, pid: u32) {
    let _ = Command::new("kill").args(["-s", signal, &pid.to_string()]).stderr(Stdio::null()).status();
}

/// Runs a program, and sends it a signal once that many bytes have come; whether it ended well all the same.
fn end_after(stage: &Stage, program: &mut Command, bytes: u64, signal: &'static str) -> Option<i32> {
    let mut child = program.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let pid = child.id();
    stage.bucket.after(bytes, move || send(signal, pid));
    child.wait().expect("it ends").code()
}

/// Kills a program at so many instants of what it sends, each into a place of its own, and runs it again.
fn kill_and_go_on(stage: &Stage, instants: u64, program: impl Fn(&str) -> Command) {
    let total: u64 = stage.expected().values().map(|bytes| bytes.len() as u64).sum();
    let mut killed = 0;
    for instant in 0..instants {
        let (prefix, url) = (format!("killed-{instant}"), format!("s3://films/killed-{instant}"));
        stage.bucket.forget();
        let ended = end_after(stage, &mut program(&url), total * instant / instants, "KILL");
        killed += u64::from(ended.is_none());
        let before = stage.bucket.written();
        stage.assert_never_promises(&prefix);

        succeed(&mut program(&url));
        assert!(stage.there(&prefix) == stage.expected(), "instant {instant}");
        let mut times: HashMap<String, usize> = HashMap::new();
        stage.bucket.written().into_iter().for_each(|key| *times.entry(key).or_default() += 1);
        assert!(times.values().all(|&times| times == 1), "instant {instant}: {before:?}, then {times:?}");
    }
    assert!(killed > instants / 2, "only {killed} of {instants} were killed");
}

#[test]
fn killed_at_many_instants_it_goes_on_where_it_was() {
    let stage = Stage::new();
    kill_and_go_on(&stage, 20, |url| stage.publish(url));
}

#[test]
fn killed_while_it_is_cut_it_goes_on_where_it_was() {
    let stage = Stage::new();
    kill_and_go_on(&stage, 20, |url| stage.cut_into(Stage::film(), url));
}

#[test]
fn asked_to_stop_it_leaves_nothing_that_names_what_is_not_there() {
    let stage = Stage::new();
    let total: u64 = stage.expected().values().map(|bytes| bytes.len() as u64).sum();
    for (signal, part) in [("INT", 4), ("TERM", 2)] {
        let prefix = format!("stopped-{signal}");
        let url = format!("s3://films/{prefix}");
        assert_eq!(end_after(&stage, &mut stage.publish(&url), total / part, signal), Some(1), "{signal}");
        let there = stage.there(&prefix);
        assert!(!there.contains_key("manifest.json") && !there.contains_key("master.m3u8"));
        succeed(&mut stage.publish(&url));
        assert!(stage.there(&prefix) == stage.expected());
    }
}
