//! The wall clock of the origin is set while it runs, ahead and back.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use edge::Clock;
use signing::{Keys, Link};

use crate::stage::{Program, connect, media};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const FILE: &str = "/media/current/a.mp4";
const MANIFEST: &str = "/media/current/manifest.json";
const DAY: i64 = 86_400;

/// The answer on a connection that is kept.
fn ask(stream: &mut TcpStream, target: &str, fields: &str) -> String {
    write!(stream, "GET {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n").expect("it is open");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(0);
        let last = answer.last_mut().expect("one was pushed");
        stream.read_exact(std::slice::from_mut(last)).expect("the connection is kept");
    }
    let head = String::from_utf8(answer).expect("ASCII");
    let length = field(&head, "content-length").map_or(0, |length| length.parse().expect("a number"));
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("the connection is kept");
    head + &String::from_utf8(body).expect("text")
}

fn field<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn status(answer: &str) -> &str {
    &answer[9..12]
}

#[test]
fn a_clock_that_is_set_ahead_and_back_confuses_nothing() {
    let (dir, own) = (media(), tempfile::tempdir().expect("a temporary directory"));
    std::fs::write(dir.path().join("manifest.json"), "{}").expect("room");
    let keys = own.path().join("keys");
    std::fs::write(&keys, KEY).expect("room");
    let clock = Clock::new(own.path()).expect("room");
    let mut command = Command::new(env!("CARGO_BIN_EXE_origin"));
    clock.tell(&mut command).expect("libfaketime");
    let arguments = ["--share-key", keys.to_str().expect("text"), "--log-format", "json"];
    let (mut program, log) = Program::run(command, dir.path(), &arguments, Stdio::piped());

    let in_an_hour = SystemTime::now() + Duration::from_secs(3_600);
    let signed = Link::sign(&Keys::parse(KEY.as_bytes()).expect("a key"), MANIFEST, in_an_hour).expect("in time");
    let link = format!("{MANIFEST}?{}", signed.query());
    // All of it on one connection: neither it nor a limit goes by the wall clock.
    let mut stream = connect(program.address);
    let before = ask(&mut stream, FILE, "");
    let (tag, modified) = (field(&before, "etag"), field(&before, "last-modified").expect("a date"));
    for (seconds, opens) in
        [(0, "200"), (2 * DAY, "410"), (0, "200"), (-3_650 * DAY, "200"), (7_300 * DAY, "410"), (0, "200")]
    {
        clock.set(seconds).expect("room");
        let answer = ask(&mut stream, FILE, "");
        assert_eq!((status(&answer), field(&answer, "etag")), ("200", tag), "{answer}");
        assert!(answer.ends_with("\r\n\r\nabcdef"), "{answer}");

        // The date is that of the clock, and no file is of a later one.
        let says = |name| field(&answer, name).map(|date| httpdate::parse_http_date(date).expect("a date"));
        let expected = set(seconds);
        let date = says("date").expect("a date");
        let difference = expected.duration_since(date).unwrap_or_else(|early| early.duration());
        assert!(difference < Duration::from_secs(600), "{seconds}: {answer}");
        assert_eq!(says("last-modified").is_some(), seconds >= 0);
        assert!(says("last-modified").is_none_or(|modified| modified <= date), "{answer}");

        let conditional = |stream: &mut TcpStream, fields: String| status(&ask(stream, FILE, &fields)).to_owned();
        let tag = tag.expect("a tag");
        assert_eq!(conditional(&mut stream, format!("If-None-Match: {tag}\r\n")), "304");
        assert_eq!(conditional(&mut stream, format!("Range: bytes=1-2\r\nIf-Range: {tag}\r\n")), "206");
        // A date that lies ahead says nothing of the file; all of it is sent.
        let by_date = if seconds < 0 { ["200", "200"] } else { ["304", "206"] };
        assert_eq!(conditional(&mut stream, format!("If-Modified-Since: {modified}\r\n")), by_date[0]);
        if seconds != 0 {
            // Within a second of its writing a date is weak.
            assert_eq!(conditional(&mut stream, format!("Range: bytes=1-2\r\nIf-Range: {modified}\r\n")), by_date[1]);
        }
        assert_eq!(status(&ask(&mut stream, &link, "")), opens, "{seconds} s from now");
    }
    program.signal("TERM");
    program.child.wait().expect("our child");
    let mut said = String::new();
    log.expect("piped").read_to_string(&mut said).expect("UTF-8");
    let lines = said.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let answers: Vec<_> = lines.filter(|line| line["target"] == "origin::access").collect();
    assert!(answers.len() > 30, "{said}");
    // How long each took is no matter of the wall clock.
    assert!(answers.iter().all(|line| line["micros"].as_u64() < Some(600_000_000)), "{said}");
}

/// The time of this machine, set so many seconds ahead or back.
fn set(seconds: i64) -> SystemTime {
    let span = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { SystemTime::now() - span } else { SystemTime::now() + span }
}
