//! Attacks that HTTP/2 makes possible, frame by frame.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::stage::{Program, connect, get, media, statuses};

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// RFC 9113 section 4.1.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// GET of the long file, in HPACK (RFC 7541): three indexed fields, and a literal one for the path.
fn request() -> Vec<u8> {
    let path = b"/media/current/long.mp4";
    [&[0x82, 0x86, 0x41, 1, b'a', 0x04, u8::try_from(path.len()).expect("short")][..], path].concat()
}

fn begin(program: &Program, settings: &[u8]) -> TcpStream {
    let mut stream = connect(program.address);
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").expect("room");
    stream.write_all(&frame(SETTINGS, 0, 0, settings)).expect("room");
    stream
}

/// The error code of the GOAWAY that ends the connection.
fn goodbye(mut stream: TcpStream) -> Option<u32> {
    let mut bytes = Vec::new();
    // What was sent behind the GOAWAY may have reset the connection.
    let _ = stream.read_to_end(&mut bytes);
    let mut rest = bytes.as_slice();
    let mut code = None;
    while let Some((head, tail)) = rest.split_at_checked(9) {
        let length = usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
        let (payload, tail) = tail.split_at_checked(length)?;
        if head[3] == GOAWAY {
            code = payload.get(4..8).map(|code| u32::from_be_bytes(code.try_into().expect("four bytes")));
        }
        rest = tail;
    }
    code
}

fn world() -> (tempfile::TempDir, Program) {
    let dir = media();
    std::fs::write(dir.path().join("long.mp4"), vec![b'x'; 32_000_000]).expect("room");
    let program = Program::start(dir.path(), &["--header-time", "2", "--idle-time", "3"]);
    (dir, program)
}

const ENHANCE_YOUR_CALM: u32 = 11;

/// CVE-2023-44487: each request costs the client nothing, since it takes it back at once.
#[test]
fn requests_that_are_taken_back_end_the_connection() {
    let (_dir, program) = world();
    let mut stream = begin(&program, &[]);
    for number in 0..5_000 {
        let id = 2 * number + 1;
        let pair =
            [frame(HEADERS, END_STREAM | END_HEADERS, id, &request()), frame(RST_STREAM, 0, id, &8_u32.to_be_bytes())];
        if stream.write_all(&pair.concat()).is_err() {
            break;
        }
    }
    assert_eq!(goodbye(stream), Some(ENHANCE_YOUR_CALM));
    assert_eq!(statuses(&get(program.address, "/media/current/a.mp4")), [200]);
}

/// A head that never ends (VU#421644).
#[test]
fn a_head_without_an_end_ends_the_connection() {
    let (_dir, program) = world();
    let before = program.memory("VmRSS:");
    let mut stream = begin(&program, &[]);
    stream.write_all(&frame(HEADERS, END_STREAM, 1, &request())).expect("room");
    // Literal fields without indexing, each of 255 bytes.
    let field = [&[0x00, 1, b'x', 0x7f, 0x80, 0x01][..], &[b'a'; 255]].concat();
    let block = field.repeat(60);
    let is_cut = (0..5_000).any(|_| stream.write_all(&frame(CONTINUATION, 0, 1, &block)).is_err());
    assert!(is_cut, "80 MB of one head were taken");
    assert!(program.memory("VmRSS:") < before + 8_000_000);
    assert_eq!(statuses(&get(program.address, "/media/current/a.mp4")), [200]);
}

/// A window of no bytes: responses wait, hold next to nothing, and end with the idle time.
#[test]
fn streams_that_take_nothing_hold_little_and_end() {
    let (_dir, program) = world();
    let before = program.memory("VmRSS:");
    let initial_window_size = [0, 4, 0, 0, 0, 0];
    let streams: Vec<_> = (0..10)
        .map(|_| {
            let mut stream = begin(&program, &initial_window_size);
            for number in 0..64 {
                let head = frame(HEADERS, END_STREAM | END_HEADERS, 2 * number + 1, &request());
                stream.write_all(&head).expect("room");
            }
            stream
        })
        .collect();
    assert_eq!(statuses(&get(program.address, "/media/current/a.mp4")), [200]);
    let held = program.memory("VmRSS:").saturating_sub(before);
    // At most a piece of 64 KiB for each of 640 responses.
    assert!(held < 640 * 70_000, "{held} bytes");
    for mut stream in streams {
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        assert!(bytes.len() < 64 * 1_000, "only heads came");
    }
    assert_eq!(statuses(&get(program.address, "/media/current/a.mp4")), [200]);
}
