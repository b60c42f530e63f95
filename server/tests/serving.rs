//! Over a real socket, with the lib in the same process and with the program as it is shipped.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("it answers and closes");
    response
}

const GET: &str = "GET /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nRange: bytes=1-3\r\n\r\n";

fn media() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::fs::write(dir.path().join("a.mp4"), "abcdef").expect("room");
    dir
}

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
    let mut child = Command::new(env!("CARGO_BIN_EXE_origin"))
        .args(["--listen", "127.0.0.1:0", "--media"])
        .arg(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("cargo built it");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says so");
    let address = line.trim_end().strip_prefix("listening on http://").and_then(|line| line.strip_suffix('/'));
    let address: SocketAddr = address.expect("the promised line").parse().expect("an address");
    assert!(exchange(address, GET).ends_with("bcd"));
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill is there").success());
    assert!(child.wait().expect("our child").success());
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
