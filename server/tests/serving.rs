//! Over a real socket, with the lib in the same process and with the program as it is shipped.

mod stage;

use std::net::TcpStream;
use std::process::Command;

use stage::{Program, exchange, media};

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

#[test]
fn a_directory_that_is_not_there_is_a_clear_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_origin")).args(["--media", "no/such/place"]).output().expect("built");
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && message.contains("no/such/place") && message.contains("name one that exists"),
        "{message}"
    );
}
