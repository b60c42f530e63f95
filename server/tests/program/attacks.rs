//! Attacks and answers: every row is sent over a real socket, byte for byte.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::stage::{connect, exchange, get, read_all, statuses};

/// An origin with secrets around it: beside the media directory, in it under a dot, and behind links that lead out.
struct World {
    dir: tempfile::TempDir,
    address: SocketAddr,
    _stop: tokio::sync::oneshot::Sender<()>,
}

const SECRET: &str = "s3cr3t";

impl World {
    fn new() -> Self {
        Self::with_limits(origin::Limits::default())
    }

    fn with_limits(limits: origin::Limits) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let write = |name: &str, content: &str| {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("below the directory")).expect("room");
            std::fs::write(path, content).expect("room");
        };
        write("media/a.mp4", "abcdef");
        write("media/dir/b.mp4", "ghijkl");
        write("media/.env", SECRET);
        write("media/.git/config", SECRET);
        write("media/.partial-1/0001.mp4", SECRET);
        write("secret", SECRET);
        write("media-2/secret", SECRET);
        #[cfg(unix)]
        for (target, name) in [
            ("../secret", "media/out.mp4"),
            ("/etc/passwd", "media/absolute.mp4"),
            ("..", "media/up"),
            ("loop", "media/loop"),
        ] {
            std::os::unix::fs::symlink(target, dir.path().join(name)).expect("room");
        }
        let config = origin::Config { limits, ..origin::Config::loopback(dir.path().join("media")) };
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let server = origin::Server::bind(&config).await.expect("a free port");
                tell.send(server.address().expect("an address")).expect("somebody waits");
                tokio::select! {
                    () = server.run(std::future::pending()) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { dir, address: told.recv().expect("it has started"), _stop: stop }
    }
}

/// Target of the request, and the status that it gets.
const PATHS: &[(&str, u16)] = &[
    // What is there.
    ("/media/current/a.mp4", 200),
    ("/media/current/a.mp4?v=../../secret", 200),
    ("/media/current/%61.mp4", 200),
    ("http://elsewhere/media/current/a.mp4", 200),
    // Up and out, in every spelling.
    ("/media/current/../secret", 404),
    ("/media/current/../../secret", 404),
    ("/media/current/dir/../../secret", 404),
    ("/media/current/%2e%2e/secret", 404),
    ("/media/current/%2E%2E%2Fsecret", 404),
    ("/media/current/.%2e/secret", 404),
    ("/media/current/..%2fsecret", 404),
    ("/media/current/..%5csecret", 404),
    ("/media/current/..\\secret", 404),
    ("/media/current/%252e%252e/secret", 404),
    ("/media/current/..;/secret", 404),
    ("/media/current/.../secret", 404),
    ("/media/current/%2e/a.mp4", 404),
    ("/media/current/./a.mp4", 404),
    ("/media/current//a.mp4", 404),
    ("/media/current//etc/passwd", 404),
    ("//etc/passwd", 404),
    ("/etc/passwd", 404),
    ("/media/current-2/secret", 404),
    ("/media/current/../media-2/secret", 404),
    ("/../../../../../../../../etc/passwd", 404),
    ("http://elsewhere/../secret", 404),
    // Overlong and broken encodings.
    ("/media/current/%c0%ae%c0%ae/secret", 400),
    ("/media/current/%c0%2e%c0%2e/secret", 400),
    ("/media/current/%e0%80%ae%e0%80%ae/secret", 400),
    ("/media/current/%f0%80%80%ae/secret", 400),
    ("/media/current/..%c0%afsecret", 400),
    ("/media/current/%uff0e%uff0e/secret", 400),
    ("/media/current/%ef%bc%8e%ef%bc%8e/secret", 404),
    ("/media/current/%", 400),
    ("/media/current/%2", 400),
    ("/media/current/%zz", 400),
    // Bytes that cut a name short.
    ("/media/current/a.mp4%00", 400),
    ("/media/current/.env%00.mp4", 400),
    ("/media/current/a.mp4%0d%0aSet-Cookie:x", 400),
    ("/media/current/a.mp4%0a", 400),
    ("/media/current/a.mp4%7f", 400),
    // Hidden files, and what is not published yet.
    ("/media/current/.env", 404),
    ("/media/current/%2eenv", 404),
    ("/media/current/.git/config", 404),
    ("/media/current/.partial-1/0001.mp4", 404),
    // Links that lead out or nowhere.
    ("/media/current/out.mp4", 404),
    ("/media/current/absolute.mp4", 404),
    ("/media/current/up/secret", 404),
    ("/media/current/up/media/a.mp4", 404),
    ("/media/current/loop", 404),
    // Other names that Windows has for the same file.
    ("/media/current/C:/secret", 404),
    ("/media/current/c%3a%5csecret", 404),
    ("/media/current/%5c%5chost%5cshare", 404),
    ("/media/current/a.mp4::$DATA", 404),
    ("/media/current/a.mp4:stream", 404),
    ("/media/current/a.mp4.", 404),
    ("/media/current/a.mp4%20", 404),
    ("/media/current/a.mp4...", 404),
    ("/media/current/ENV~1", 404),
    ("/media/current/nul", 404),
    ("/media/current/con.mp4", 404),
    ("/media/current/COM1", 404),
    // Directories, and files used as such.
    ("/media/current/", 404),
    ("/media/current", 404),
    ("/media/current/dir", 404),
    ("/media/current/dir/", 404),
    ("/media/current/a.mp4/", 404),
    ("/media/current/a.mp4/b", 404),
    ("/media/current/a.mp4;x", 404),
    // Nothing that is a path.
    ("*", 400),
    ("a.mp4", 400),
];

#[test]
fn no_path_leads_out() {
    let world = World::new();
    for &(target, expected) in PATHS {
        let response = get(world.address, target);
        assert_eq!(statuses(&response), [expected], "{target}: {response}");
        assert!(!response.contains(SECRET) && !response.contains("root:"), "{target}: {response}");
        assert_eq!(response.contains("no-store"), expected >= 400, "{target}: {response}");
    }
    drop(world.dir);
}

#[test]
fn a_path_that_no_file_can_have_is_414() {
    let world = World::new();
    for path in [format!("/media/current/{}", "a".repeat(3_000)), format!("/media/current{}", "/a".repeat(100))] {
        assert_eq!(statuses(&get(world.address, &path)), [414]);
    }
}

/// What is sent, and the statuses of all responses that come before the connection ends.
///
/// `{get}` stands for a whole request for the file, `{end}` for what asks to close behind it.
const MESSAGES: &[(&str, &str, &[u16])] = &[
    ("two requests in a row", "{get}\r\n{get}{end}", &[200, 200]),
    // Two lengths, or a length and chunks: servers in a row that choose differently see different requests.
    ("length and chunks", "{get}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{get}{end}", &[411]),
    ("chunks and length", "{get}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{get}{end}", &[411]),
    ("two lengths", "{get}Content-Length: 0\r\nContent-Length: 5\r\n\r\n{get}{end}", &[400]),
    ("a list of lengths", "{get}Content-Length: 0, 5\r\n\r\n{get}{end}", &[400]),
    ("a signed length", "{get}Content-Length: +0\r\n\r\n{get}{end}", &[400]),
    ("a negative length", "{get}Content-Length: -1\r\n\r\n{get}{end}", &[400]),
    ("a hexadecimal length", "{get}Content-Length: 0x0\r\n\r\n{get}{end}", &[400]),
    ("an endless length", "{get}Content-Length: 99999999999999999999999\r\n\r\n{get}{end}", &[400]),
    ("an unknown coding", "{get}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{get}{end}", &[400]),
    ("a coding behind chunked", "{get}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n{get}{end}", &[400]),
    (
        "two codings",
        "{get}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{get}{end}",
        &[400],
    ),
    ("a coding in quotes", "{get}Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n{get}{end}", &[400]),
    ("a coding behind a tab", "{get}Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n{get}{end}", &[400]),
    (
        "chunks in HTTP/1.0",
        "GET /media/current/a.mp4 HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{get}{end}",
        &[400],
    ),
    // A body is never the next request: whoever sends one is answered and left.
    ("a body of no bytes", "{get}Content-Length: 0\r\n\r\n{get}{end}", &[200, 200]),
    ("a request behind a body", "{get}Content-Length: 5\r\n\r\nabcde{get}{end}", &[200]),
    (
        "a request in a body",
        "{get}Content-Length: 64\r\n\r\nGET /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\n\r\n            ",
        &[200],
    ),
    ("a chunk without a length", "{get}Transfer-Encoding: chunked\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", &[411]),
    ("a chunk of too great a length", "{get}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{get}{end}", &[411]),
    // Lines that servers read differently.
    ("a folded line", "{get}X: a\r\n b\r\n\r\n", &[400]),
    ("a space before the colon", "{get}X : a\r\n\r\n", &[400]),
    ("a space before the name", "GET /media/current/a.mp4 HTTP/1.1\r\n Host: a\r\n\r\n", &[400]),
    ("a line without a colon", "{get}X\r\n\r\n", &[400]),
    ("a line without a name", "{get}: x\r\n\r\n", &[400]),
    ("NUL in a value", "{get}X: a\0b\r\n\r\n", &[400]),
    ("CR in a value", "{get}X: a\rb\r\n\r\n", &[400]),
    ("NUL in the target", "GET /media/current/a.mp4\0 HTTP/1.1\r\nHost: a\r\n\r\n", &[400]),
    ("a space in the target", "GET /media/current/a b.mp4 HTTP/1.1\r\nHost: a\r\n\r\n", &[400]),
    ("a tab before the version", "GET /media/current/a.mp4\tHTTP/1.1\r\nHost: a\r\n\r\n", &[400]),
    // Whose request is it?
    ("no host", "GET /media/current/a.mp4 HTTP/1.1\r\n{end}", &[400]),
    ("two hosts", "{get}Host: b\r\n{end}", &[400]),
    ("a host that is none", "GET /media/current/a.mp4 HTTP/1.1\r\nHost: a/b\r\n{end}", &[400]),
    // Other versions, other protocols.
    ("HTTP/0.9", "GET /media/current/a.mp4\r\n\r\n", &[400]),
    ("HTTP/3.0", "GET /media/current/a.mp4 HTTP/3.0\r\nHost: a\r\n\r\n", &[400]),
    ("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", &[400]),
    ("a TLS greeting", "\x16\x03\x01\x02\0\x01\0\x01\u{7f}\x03\x03aaaa\r\n\r\n", &[400]),
    // Methods that could do something elsewhere.
    ("TRACE", "TRACE /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\n{end}", &[405]),
    ("CONNECT", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n{end}", &[405]),
    ("PUT", "PUT /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n{end}", &[405]),
    ("a method of no standard", "PROPFIND /media/current/ HTTP/1.1\r\nHost: a\r\n{end}", &[405]),
    ("OPTIONS of the server", "OPTIONS * HTTP/1.1\r\nHost: a\r\n{end}", &[204]),
];

#[test]
fn no_message_is_two_things_at_once() {
    let world = World::new();
    let mut wrong = Vec::new();
    for &(name, message, expected) in MESSAGES {
        let message = message
            .replace("{get}", "GET /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\n")
            .replace("{end}", "Connection: close\r\n\r\n");
        let mut stream = connect(world.address);
        stream.write_all(message.as_bytes()).expect("room");
        if !message.contains("Connection: close") {
            // Nothing more comes: a server that waits for the rest ends here.
            stream.shutdown(std::net::Shutdown::Write).expect("it is open");
        }
        let found = statuses(&read_all(stream));
        if found != expected {
            wrong.push(format!("{name}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(statuses(&get(world.address, "/media/current/a.mp4")), [200]);
}

#[test]
fn a_head_that_is_too_long_is_431() {
    let world = World::new();
    let request =
        |fields: &str| format!("GET /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\n{fields}Connection: close\r\n\r\n");
    let many = (0..200).map(|n| format!("X-{n}: a\r\n")).collect::<String>();
    for fields in [format!("X: {}\r\n", "a".repeat(20_000)), format!("Range: bytes={}\r\n", "0-0,".repeat(8_000)), many]
    {
        assert_eq!(statuses(&exchange(world.address, request(&fields))), [431]);
    }
    // What a browser sends, cookies of a crowded site included.
    assert_eq!(statuses(&exchange(world.address, request(&format!("Cookie: {}\r\n", "a".repeat(8_000))))), [200]);
}

#[test]
fn a_list_of_ranges_draws_no_more_than_the_file() {
    let world = World::new();
    std::fs::write(world.dir.path().join("media/long.mp4"), vec![b'x'; 1_000_000]).expect("room");
    for list in [
        (0..16).map(|n| format!("{n}-")).collect::<Vec<_>>().join(","),
        (0..1_000).map(|n| format!("{n}-{n}")).collect::<Vec<_>>().join(","),
        vec!["0-"; 1_000].join(","),
        vec!["-1"; 16].join(","),
    ] {
        let response = exchange(
            world.address,
            format!(
                "GET /media/current/long.mp4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\nRange: bytes={list}\r\n\r\n"
            ),
        );
        assert!(matches!(statuses(&response)[..], [200 | 206]), "{list}");
        assert!(response.len() < 1_010_000, "{} bytes for {list}", response.len());
    }
}

fn impatient() -> origin::Limits {
    let second = std::time::Duration::from_secs(1);
    origin::Limits { header_time: second, idle_time: 2 * second, ..origin::Limits::default() }
}

/// Connections that say too little, each in its own way, end by themselves and delay nobody.
#[test]
fn clients_that_do_not_get_on_are_left() {
    let world = World::with_limits(impatient());
    let stalled: Vec<TcpStream> = [
        "",
        "G",
        "GET /media/current/a.mp4 HTTP/1.1\r\n",
        "GET /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\nX: ",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ]
    .iter()
    .flat_map(|begin| (0..20).map(move |_| begin))
    .map(|begin| {
        let mut stream = connect(world.address);
        stream.write_all(begin.as_bytes()).expect("room");
        stream
    })
    .collect();
    let mut trickling = connect(world.address);
    trickling.write_all(b"GET /media/current/a.mp4 HTTP/1.1\r\nHost: a\r\n").expect("room");
    assert_eq!(statuses(&get(world.address, "/media/current/a.mp4")), [200]);
    // A byte now and then keeps no head alive.
    let mut writer = trickling.try_clone().expect("a socket");
    let trickle = std::thread::spawn(move || {
        while writer.write_all(b"X: a\r\n").is_ok() {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    });
    assert_eq!(statuses(&read_all(trickling)), [] as [u16; 0]);
    trickle.join().expect("no panic");
    for stream in stalled {
        assert_eq!(statuses(&read_all(stream)), [] as [u16; 0]);
    }
}

#[test]
fn a_client_that_reads_nothing_is_left_and_the_others_are_served() {
    let world = World::with_limits(impatient());
    std::fs::write(world.dir.path().join("media/long.mp4"), vec![b'x'; 32_000_000]).expect("room");
    let greedy: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = connect(world.address);
            stream.write_all(b"GET /media/current/long.mp4 HTTP/1.1\r\nHost: a\r\n\r\n").expect("room");
            stream
        })
        .collect();
    assert_eq!(statuses(&get(world.address, "/media/current/a.mp4")), [200]);
    std::thread::sleep(impatient().idle_time + std::time::Duration::from_millis(1_500));
    for mut stream in greedy {
        // What lay in the socket's buffers, and then the end: far from all of the file.
        let mut received = 0;
        let mut buffer = vec![0; 1 << 20];
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            received += read;
        }
        assert!(received < 32_000_000);
    }
}

#[test]
fn too_many_connections_and_responses_are_refused_one_by_one() {
    let limits = origin::Limits { max_client_connections: 4, ..origin::Limits::default() };
    let world = World::with_limits(limits);
    let mut held: Vec<TcpStream> = (0..4).map(|_| connect(world.address)).collect();
    let refused = get(world.address, "/media/current/a.mp4");
    assert_eq!(statuses(&refused), [503], "{refused}");
    assert!(refused.contains("Retry-After: 1") && refused.contains("no-store"), "{refused}");
    held.pop();
    // The place is free once the origin has seen the connection end.
    while statuses(&get(world.address, "/media/current/a.mp4")) != [200] {}

    let limits = origin::Limits { max_client_responses: 2, ..origin::Limits::default() };
    let world = World::with_limits(limits);
    std::fs::write(world.dir.path().join("media/long.mp4"), vec![b'x'; 32_000_000]).expect("room");
    let _held: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut stream = connect(world.address);
            stream.write_all(b"GET /media/current/long.mp4 HTTP/1.1\r\nHost: a\r\n\r\n").expect("room");
            // The response has begun.
            stream.read_exact(&mut [0]).expect("it answers");
            stream
        })
        .collect();
    assert_eq!(statuses(&get(world.address, "/media/current/a.mp4")), [503]);
}
