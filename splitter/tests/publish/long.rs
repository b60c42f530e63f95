//! An upload that takes hours: machines sleep, wake elsewhere, and have their clocks set.

use std::process::Stdio;
use std::sync::mpsc;

use http::Method;

use crate::killed::send;
use crate::stage::{Stage, fail, succeed};
use test_bucket::Fault;

#[test]
fn a_machine_that_sleeps_and_wakes_without_a_network_goes_on() {
    let stage = Stage::new();
    let total: u64 = stage.expected().values().map(|bytes| bytes.len() as u64).sum();
    let ways = [stage.publish("s3://films/one"), stage.cut_into(Stage::film(), "s3://films/two")];
    for (mut program, prefix) in ways.into_iter().zip(["one", "two"]) {
        stage.bucket.forget();
        let mut child = program.stdout(Stdio::null()).spawn().expect("it starts");
        let (pid, line) = (child.id(), stage.bucket.line());
        let (told, heard) = mpsc::channel();
        stage.bucket.after(total / 2, move || {
            send("STOP", pid);
            // Whoever was at the other end forgets it meanwhile.
            line.cut();
            told.send(()).expect("somebody listens");
        });
        heard.recv().expect("it sends half of it");
        let (line, before) = (stage.bucket.line(), stage.bucket.line().refused());
        send("CONT", pid);
        while line.refused() < before + 3 {
            std::thread::yield_now();
        }
        line.mend();
        assert!(child.wait().expect("it ends").success());
        assert!(stage.there(prefix) == stage.expected());
        let mut written = stage.bucket.written();
        written.sort_unstable();
        assert!(written.windows(2).all(|pair| pair[0] != pair[1]), "what was whole is sent again: {written:?}");
    }
}

#[test]
fn what_was_signed_before_the_clock_was_set_is_signed_again() {
    let stage = Stage::new();
    // Answers to HEAD do not say why.
    stage.bucket.fail(|seen, before| {
        (before == 0 && seen.key.ends_with(".mp4")).then_some(Fault::Answer(403, "RequestTimeTooSkewed"))
    });
    succeed(&mut stage.publish("s3://films/x"));
    assert!(stage.there("x") == stage.expected());

    // A clock that is wrong each time is no passing thing.
    stage.bucket.fail(|seen, _| (seen.method == Method::PUT).then_some(Fault::Answer(403, "RequestTimeTooSkewed")));
    let said = fail(&mut stage.publish("s3://films/y"));
    assert!(said.contains("the clock of this machine is wrong"), "{said}");
}
