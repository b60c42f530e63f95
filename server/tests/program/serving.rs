//! Over a real socket, with the lib in the same process and with the program as it is shipped.

use std::net::TcpStream;
use std::process::Command;

use crate::stage::{Program, exchange, media};

const GET: &str = "GET /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nRange: bytes=1-3\r\n\r\n";

#[tokio::test]
async fn a_spawned_server_serves_until_it_is_stopped() {
    let dir = media();
    let server = origin::Server::bind(&origin::Config::loopback(dir.path())).await.expect("a free port").spawn();
    let address = server.address();
    let response = tokio::task::spawn_blocking(move || exchange(address, GET)).await.expect("no panic");
    assert!(response.starts_with("HTTP/1.1 206 Partial Content\r\n"), "{response}");
    assert!(response.contains("\r\ncontent-length: 3\r\n") && response.ends_with("\r\n\r\nbcd"), "{response}");
    server.stop().await;
    assert!(TcpStream::connect(address).is_err());
}

#[cfg(unix)]
#[test]
fn the_program_says_where_it_listens_and_ends_on_a_signal() {
    let dir = media();
    let mut program = Program::start(dir.path(), &[]);
    assert!(exchange(program.address, GET).ends_with("bcd"));
    program.signal("TERM");
    assert!(program.child.wait().expect("our child").success());
}

/// Vouched for by a manifest, a file goes to the socket by another way than otherwise: its bytes are the same.
#[test]
fn what_is_sent_without_being_read_is_what_lies_there() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let content: Vec<u8> = (0_u32..2_000_000).flat_map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    std::fs::write(dir.path().join("a.mp4"), &content).expect("room");
    let (bytes, digest) = (content.len(), "00".repeat(32));
    let manifest = format!(
        r#"{{"version": 1, "id": "0a", "duration": 1, "streams": [{{
            "kind": "video", "mime": "video/mp4", "timescale": 1, "bandwidth": 1,
            "init": {{"url": "0a/init.mp4", "bytes": 1, "sha256": "{digest}"}},
            "chunks": [{{"url": "a.mp4", "bytes": {bytes}, "sha256": "{digest}", "start": 0, "duration": 1,
                "groups": {{"bytes": [{bytes}], "ticks": [[1, 1]]}}}}]
        }}]}}"#
    );
    std::fs::write(dir.path().join("manifest.json"), manifest).expect("room");
    let program = Program::start(dir.path(), &[]);
    let get = |fields: &str, end: &str| {
        let request = format!("GET /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\n{fields}{end}\r\n");
        let mut stream = crate::stage::connect(program.address);
        std::io::Write::write_all(&mut stream, request.as_bytes()).expect("room");
        stream
    };
    // Three on one connection, the middle one in two parts, so that heads and files take turns.
    let one = "GET /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\nRange: bytes=1-700000\r\n\r\n";
    let two = one.replace("1-700000", "0-199999,5000000-7999999");
    let stream = get("", &format!("\r\n{one}{two}{}", one.replace("\r\n\r\n", "\r\nConnection: close\r\n")));
    let mut received = Vec::new();
    std::io::Read::read_to_end(&mut { stream }, &mut received).expect("it answers and closes");
    let mut rest = received.as_slice();
    let mut take = |expected: &[u8]| {
        let at = rest.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
        let head = String::from_utf8(rest[..at].to_vec()).expect("text");
        assert!(rest[at..].starts_with(expected), "{head}");
        rest = &rest[at + expected.len()..];
        head
    };
    assert!(take(&content).contains(&format!("etag: \"sha256-{digest}\"")));
    take(&content[1..=700_000]);
    take(b"\r\n--");
    take(&content[..200_000]);
    take(&content[5_000_000..8_000_000]);
    take(&content[1..=700_000]);
    assert!(rest.is_empty());
}

#[test]
fn a_directory_that_is_not_there_is_a_clear_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_origin")).args(["--media", "no/such/place"]).output().expect("built");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && message.contains("no/such/place") && message.contains("name one that exists"),
        "{message}"
    );
}
