//! What whoever runs an origin relies on: its end, its health, its numbers, its log, its limits.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::stage::{Program, connect, exchange, get, media, read_all, statuses};

const LONG: usize = 16_000_000;

fn with_long_file() -> tempfile::TempDir {
    let dir = media();
    std::fs::write(dir.path().join("long.mp4"), vec![b'x'; LONG]).expect("room");
    dir
}

/// Asks for the long file, and has its first byte.
fn begin(address: SocketAddr) -> TcpStream {
    let mut stream = connect(address);
    stream.write_all(b"GET /media/current/long.mp4 HTTP/1.1\r\nHost: a\r\n\r\n").expect("room");
    stream.read_exact(&mut [0]).expect("it answers");
    stream
}

#[test]
fn a_shutdown_lets_bodies_finish_and_nobody_new_in() {
    let dir = with_long_file();
    let mut program = Program::start(dir.path(), &[]);
    let reading = begin(program.address);
    let mut idle = connect(program.address);
    idle.write_all(b"GET /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\n\r\n").expect("room");
    idle.read_exact(&mut [0; 9]).expect("it answers");

    program.signal("TERM");
    // The idle connection is closed, the port too; the body goes on.
    assert!(read_all(idle).ends_with("abcdef"));
    while TcpStream::connect(program.address).is_ok() {}
    assert!(program.child.try_wait().expect("our child").is_none(), "it waits for the body");
    let response = read_all(reading);
    let (_, body) = response.split_once("\r\n\r\n").expect("a head");
    assert_eq!(body.len(), LONG);
    assert!(program.child.wait().expect("our child").success());
}

#[test]
fn a_shutdown_waits_no_longer_than_it_is_told() {
    let dir = with_long_file();
    let mut program = Program::start(dir.path(), &["--drain-time", "1"]);
    let reading = begin(program.address);
    program.signal("TERM");
    assert!(program.child.wait().expect("our child").success());
    assert!(read_all(reading).len() < LONG);
}

#[test]
fn a_hangup_without_a_certificate_ends_nothing() {
    let dir = media();
    let (program, log) = Program::start_logged(dir.path(), &[]);
    program.signal("HUP");
    let mut lines = BufReader::new(log).lines().map(|line| line.expect("UTF-8"));
    assert!(lines.any(|line| line.contains("no certificate and no key to read again")));
    assert!(get(program.address, "/media/current/a.mp4").ends_with("abcdef"));
}

#[test]
fn health_and_numbers_are_on_a_port_of_their_own() {
    let dir = media();
    let (program, log) = Program::start_logged(dir.path(), &["--admin", "127.0.0.1:0", "--log-format", "json"]);
    let mut lines = BufReader::new(log).lines().map(|line| line.expect("UTF-8"));
    let said = lines.find(|line| line.contains("\"admin\"")).expect("it says where");
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let admin: SocketAddr = said["admin"].as_str().expect("an address").parse().expect("an address");

    assert!(get(admin, "/healthz").ends_with("\r\n\r\nok\n"));
    assert_eq!(statuses(&get(admin, "/media/current/a.mp4")), [404]);
    for path in ["/healthz", "/metrics"] {
        assert_eq!(statuses(&get(program.address, path)), [404], "{path} is not public");
    }
    let range = "GET /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1\r\nConnection: close\r\n\r\n";
    exchange(program.address, range);
    let metrics = get(admin, "/metrics");
    for sample in ["origin_responses_total{status=\"206\"} 1", "origin_body_bytes_total ", "origin_connections_open "] {
        assert!(metrics.lines().any(|line| line.starts_with(sample)), "{sample}\n{metrics}");
    }
    // Every line is a comment or a sample, each family with its help and type.
    let (_, text) = metrics.split_once("\r\n\r\n").expect("a body");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let family = name.split('{').next().expect("a name");
        let family =
            ["_bucket", "_sum", "_count"].iter().fold(family, |name, end| name.strip_suffix(end).unwrap_or(name));
        assert!(text.contains(&format!("# TYPE {family} ")) && text.contains(&format!("# HELP {family} ")), "{line}");
    }

    std::fs::rename(dir.path(), dir.path().with_extension("gone")).expect("our directory");
    assert_eq!(statuses(&get(admin, "/healthz")), [503]);
    std::fs::rename(dir.path().with_extension("gone"), dir.path()).expect("our directory");
    assert_eq!(statuses(&get(admin, "/healthz")), [200]);
}

#[test]
fn each_response_leaves_one_line_with_what_was_sent() {
    let dir = media();
    let (program, log) = Program::start_logged(dir.path(), &["--log-format", "json"]);
    let ask = |target: &str, fields: &str| {
        exchange(program.address, format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n"));
    };
    ask("/media/current/a.mp4", "Range: bytes=1-3\r\nUser-Agent: a \"b\"\r\n");
    ask("/media/current/none.mp4?secret=1", "");
    let mut lines = BufReader::new(log).lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(&line.expect("UTF-8")).expect("JSON");
        line
    });
    let mut next = || lines.find(|line| line["target"] == "origin::access").expect("a line");
    let line = next();
    for (field, value) in [("method", "GET"), ("path", "/media/current/a.mp4"), ("range", "bytes=1-3")] {
        assert_eq!(line[field], value, "{line}");
    }
    assert_eq!((&line["status"], &line["bytes"], &line["whole"]), (&206.into(), &3.into(), &true.into()));
    assert_eq!(line["agent"], "\"a \\\"b\\\"\"", "quoted, so that a client cannot write lines of its own");
    assert!(line["peer"].as_str().expect("text").starts_with("127.0.0.1:"));
    let line = next();
    assert_eq!((&line["status"], &line["path"]), (&404.into(), &"/media/current/none.mp4".into()));
    assert!(!line.to_string().contains("secret"), "queries may hold secrets");
}

#[test]
fn every_flag_has_a_variable_and_the_help_has_examples() {
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_origin")).arg("--help").output().expect("built");
    let help = String::from_utf8(help.stdout).expect("UTF-8");
    assert!(help.contains("Examples:") && help.contains("origin --media"), "{help}");
    let flags = help.lines().filter_map(|line| line.trim().strip_prefix("--")?.split([' ', ',']).next());
    for flag in flags {
        let variable = format!("[env: ORIGIN_{}=", flag.replace('-', "_").to_uppercase());
        assert!(help.contains(&variable), "{variable}");
    }

    let dir = media();
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_origin"));
    program.env("ORIGIN_MEDIA", dir.path()).env("ORIGIN_LISTEN", "127.0.0.1:0").stdout(std::process::Stdio::piped());
    let mut child = program.stderr(std::process::Stdio::null()).spawn().expect("built");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says so");
    child.kill().expect("our child");
    child.wait().expect("our child");
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");

    // What is set in the files for systemd and containers, and by the pages on deploying, is known too.
    for file in [
        include_str!("../../deploy/origin.service"),
        include_str!("../../deploy/Containerfile"),
        include_str!("../../../docs/deploy.md"),
        include_str!("../../../docs/private.md"),
    ] {
        let variables = file.split(|c: char| !c.is_ascii_uppercase() && c != '_');
        for variable in variables.filter(|word| word.starts_with("ORIGIN_")) {
            assert!(help.contains(&format!("[env: {variable}=")), "{variable}");
        }
    }
}

/// What this machine allows of 10,000 connections that say nothing: they cost little, and others are served.
#[cfg(target_os = "linux")]
#[test]
fn ten_thousand_idle_connections_cost_little() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum })
        .expect("up to the maximum");
    let allowed = limit.maximum.unwrap_or(u64::MAX).saturating_sub(500);
    let count = usize::try_from(allowed.min(10_000)).expect("small");

    let dir = media();
    // The header time is out of the way: they are to stay.
    let program = Program::start(dir.path(), &["--header-time", "600", "--max-client-connections", "16384"]);
    let before = program.memory("VmRSS:");
    let idle: Vec<_> = (0..count).map(|_| connect(program.address)).collect();
    assert_eq!(statuses(&get(program.address, "/media/current/a.mp4")), [200]);
    // All were accepted, since that one came behind them.
    let each = (program.memory("VmRSS:") - before) / idle.len() as u64;
    assert!(each < 10_000, "{each} bytes for each of {count} connections");
    drop(idle);
    assert_eq!(statuses(&get(program.address, "/media/current/a.mp4")), [200]);
}

/// A viewer whose file is swapped gets all of one version, however often that happens.
#[test]
fn files_swapped_while_they_are_served_never_mix() {
    let dir = media();
    let (place, fresh) = (dir.path().join("b.mp4"), dir.path().join(".fresh"));
    let publish = |version: u8| {
        std::fs::write(&fresh, vec![version; 300_000 + usize::from(version)]).expect("room");
        std::fs::rename(&fresh, &place).expect("same directory");
    };
    publish(b'a');
    let program = Program::start(dir.path(), &[]);
    std::thread::scope(|scope| {
        let viewers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    (0..40)
                        .map(|_| {
                            let response = get(program.address, "/media/current/b.mp4");
                            let (head, body) = response.split_once("\r\n\r\n").expect("a head");
                            let first = body.as_bytes()[0];
                            assert!(body.bytes().all(|byte| byte == first), "two versions in one body");
                            assert_eq!(body.len(), 300_000 + usize::from(first));
                            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
                            let etag = head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag");
                            (etag.to_owned(), first)
                        })
                        .collect::<std::collections::BTreeSet<_>>()
                })
            })
            .collect();
        for version in (b'a'..=b'z').cycle().take(100) {
            publish(version);
        }
        let seen: std::collections::BTreeSet<_> =
            viewers.into_iter().flat_map(|viewer| viewer.join().expect("every body was whole")).collect();
        let tags: std::collections::BTreeSet<_> = seen.iter().map(|(tag, _)| tag).collect();
        assert_eq!(tags.len(), seen.len(), "one tag for two versions");
    });
}

/// Written over in place, a body breaks off rather than going on with other bytes.
#[test]
fn a_file_written_over_while_it_is_served_breaks_the_body_off() {
    let dir = with_long_file();
    let program = Program::start(dir.path(), &[]);
    let reading = begin(program.address);
    // Long enough ago for the file system to give the write another time.
    std::thread::sleep(std::time::Duration::from_millis(50));
    std::fs::OpenOptions::new()
        .write(true)
        .open(dir.path().join("long.mp4"))
        .and_then(|mut file| file.write_all(&vec![b'y'; LONG]))
        .expect("room");
    let response = read_all(reading);
    let (_, body) = response.split_once("\r\n\r\n").expect("a head");
    assert!(body.len() < LONG && body.bytes().all(|byte| byte == b'x'), "{} bytes", body.len());
}

/// Nobody notices who has begun, and it is 404 for the others until it is back.
#[test]
fn a_file_that_is_removed_is_served_to_its_end_and_is_404_until_it_is_back() {
    let dir = with_long_file();
    let program = Program::start(dir.path(), &[]);
    let reading = begin(program.address);
    let (place, kept) = (dir.path().join("long.mp4"), dir.path().join(".kept"));
    std::fs::hard_link(&place, &kept).expect("the same file system");
    std::fs::remove_file(&place).expect("it is there");
    let get = || statuses(&get(program.address, "/media/current/long.mp4"));
    assert_eq!(get(), [404]);
    std::fs::rename(kept, place).expect("the same directory");
    assert_eq!(get(), [200]);
    program.signal("TERM");
    let response = read_all(reading);
    let (_, body) = response.split_once("\r\n\r\n").expect("a head");
    assert_eq!(body.len(), LONG, "what was begun is served to its end");
}
