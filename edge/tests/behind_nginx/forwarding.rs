//! The origin behind a proxy of one's own: whom it takes for its client, held against what nginx takes for it.

use std::net::SocketAddr;
use std::path::Path;

use edge::Nginx;
use origin::{ClientFrom, Config, Limits, Listen};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::stage::LiveOrigin;

/// More than all sockets on the way hold.
const FILM_BYTES: u64 = 256 * 1024 * 1024;

/// A media directory with a film of nothing.
fn media() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let film = std::fs::File::create(directory.path().join("a.mp4")).expect("room");
    film.set_len(FILM_BYTES).expect("a file with holes");
    directory
}

fn config(media: &Path, trusted: &str, from: ClientFrom) -> Config {
    let trusted_proxy = vec![trusted.parse().expect("a network")];
    Config { trusted_proxy, client_from: from, ..Config::loopback(media) }
}

/// A proxy as people set it up, in front of `origin`.
fn proxy(origin: &str) -> Nginx {
    let server = "server { listen LISTEN; location / { proxy_pass ORIGIN; proxy_buffering off;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } }";
    Nginx::with_http(&server.replace("ORIGIN", origin)).expect("nginx")
}

/// Asks from an address of this machine; gives the connection and the status.
async fn ask(from: &str, to: SocketAddr, bytes: &str) -> (TcpStream, u16) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(64 * 1024).expect("a socket");
    socket.bind(format!("{from}:0").parse().expect("an address")).expect("all of 127/8 is this machine's");
    let mut stream = socket.connect(to).await.expect("it listens");
    stream.write_all(bytes.as_bytes()).await.expect("it is open");
    let mut head = [0; 12];
    stream.read_exact(&mut head).await.expect("an answer");
    let status = std::str::from_utf8(&head[9..]).expect("digits").parse().expect("a status");
    (stream, status)
}

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n")
}

#[tokio::test]
async fn clients_of_a_proxy_have_limits_of_their_own() {
    let media = media();
    let limits = Limits { max_client_responses: 1, ..Limits::default() };
    let config = Config { limits, ..config(media.path(), "127.0.0.1/32", ClientFrom::XForwardedFor) };
    let mut origin = LiveOrigin::start(config);
    let nginx = proxy(&format!("http://{}", origin.address()));
    let film = |fields: &str| get("/media/current/a.mp4", fields);
    // It reads no further than its sockets hold.
    let (slow, status) = ask("127.0.0.2", nginx.address(), &film("")).await;
    assert_eq!(status, 200);
    let claim = "X-Forwarded-For: 198.51.100.7\r\n";
    assert_eq!(ask("127.0.0.2", nginx.address(), &film(claim)).await.1, 503, "what it says of itself does not count");
    assert_eq!(ask("127.0.0.3", nginx.address(), &film("Range: bytes=0-9\r\n")).await.1, 206);
    assert_eq!(ask("127.0.0.9", origin.address(), &film(claim)).await.1, 200, "beside the proxy");
    drop((slow, nginx));
    origin.stop();
    let mut peers: Vec<_> = origin.asked().into_iter().map(|asked| (asked.peer, asked.status)).collect();
    peers.sort();
    // Who came by itself has a port, too.
    let beside = peers.pop().expect("four");
    assert!(beside.0.starts_with("127.0.0.9:"), "{beside:?}");
    let expected = [("127.0.0.2", 200), ("127.0.0.2", 503), ("127.0.0.3", 206)];
    assert_eq!(peers, expected.map(|(peer, status)| (peer.to_owned(), status)));
}

#[tokio::test]
async fn a_proxy_reaches_the_origin_through_a_unix_socket() {
    let media = media();
    let socket = media.path().join("origin.sock");
    let config = Config { listen: Listen::Unix(socket.clone()), ..Config::loopback(media.path()) };
    let mut origin = LiveOrigin::start(config);
    let nginx = proxy(&format!("http://unix:{}:", socket.display()));
    let request = get("/media/current/a.mp4", "Range: bytes=5-9\r\n");
    let (mut stream, status) = ask("127.0.0.2", nginx.address(), &request).await;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect("an answer");
    assert_eq!((status, &rest[rest.len() - 5..]), (206, &[0; 5][..]));
    origin.stop();
    assert_eq!(origin.asked()[0].peer, "127.0.0.2");
    assert!(!socket.exists(), "it is gone with the origin");
}

/// Whom nginx takes for the client of the same bytes. `said` is what it answers.
async fn taken_by_nginx(nginx: &Nginx, bytes: &[u8]) -> Option<String> {
    let mut stream = TcpStream::connect(nginx.address()).await.expect("it listens");
    stream.write_all(bytes).await.expect("it is open");
    let mut answer = String::new();
    // A connection that nginx does not like is reset.
    let _ = stream.read_to_string(&mut answer).await;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    answer.starts_with("HTTP/1.1 200").then(|| body.trim().to_owned())
}

#[tokio::test]
async fn nginx_reads_the_same_client_out_of_x_forwarded_for() {
    let media = media();
    let mut origin = LiveOrigin::start(config(media.path(), "127.0.0.0/8", ClientFrom::XForwardedFor));
    let server = "server { listen LISTEN; set_real_ip_from 127.0.0.0/8; real_ip_header X-Forwarded-For;
        real_ip_recursive on; default_type text/plain; location / { return 200 $remote_addr; } }";
    let nginx = Nginx::with_http(server).expect("nginx");
    let lists = [
        "192.0.2.1",
        "198.51.100.7, 192.0.2.1",
        "198.51.100.7,192.0.2.1, 127.0.0.5",
        "127.0.0.7, 127.0.0.5",
        "2001:db8::1",
        "[2001:db8::1]:4711, 127.0.0.5",
        "192.0.2.1:4711",
        "192.0.2.1, unknown, 127.0.0.5",
        "nonsense",
        "",
    ];
    let mut theirs = Vec::new();
    for list in lists {
        let request = get("/media/current/x", &format!("X-Forwarded-For: {list}\r\n"));
        assert_eq!(ask("127.0.0.1", origin.address(), &request).await.1, 404);
        theirs.push(taken_by_nginx(&nginx, request.as_bytes()).await.expect("an answer"));
    }
    origin.stop();
    // Where nobody is named that is the connection's own end, whose port nginx leaves out.
    let ours: Vec<_> = origin.asked().into_iter().map(|asked| without_port(&asked.peer)).collect();
    for ((list, ours), theirs) in lists.iter().zip(&ours).zip(&theirs) {
        assert_eq!(ours, theirs, "{list:?}");
    }
    assert_eq!(ours.len(), lists.len());
}

fn without_port(peer: &str) -> String {
    peer.parse::<SocketAddr>().map_or_else(|_| peer.to_owned(), |socket| socket.ip().to_string())
}

#[tokio::test]
async fn nginx_reads_the_same_client_out_of_the_proxy_protocol() {
    let media = media();
    let mut origin = LiveOrigin::start(config(media.path(), "127.0.0.1/32", ClientFrom::ProxyProtocol));
    let server = "server { listen LISTEN proxy_protocol; default_type text/plain;
        location / { return 200 $proxy_protocol_addr; } }";
    let nginx = Nginx::with_http(server).expect("nginx");
    let second = |command: u8, family: u8, addresses: &[u8]| {
        let length = u16::try_from(addresses.len()).expect("short").to_be_bytes();
        [b"\r\n\r\n\0\r\nQUIT\n", &[0x20 | command, family][..], &length, addresses].concat()
    };
    let ipv6 = [&[0x20, 1, 0x0d, 0xb8][..], &[0; 28], &[1, 2, 3, 4]].concat();
    let headers = [
        b"PROXY TCP4 192.0.2.1 10.0.0.1 4660 80\r\n".to_vec(),
        b"PROXY TCP6 2001:db8::1 2001:db8::2 4660 80\r\n".to_vec(),
        second(1, 0x11, &[192, 0, 2, 9, 10, 0, 0, 1, 0x12, 0x34, 0, 80]),
        second(1, 0x21, &ipv6),
        second(1, 0x11, &[192, 0, 2, 9, 10, 0, 0, 1, 0x12, 0x34, 0, 80, 4, 0, 1, 0]),
        b"GARBAGE that is no header at all\r\n".to_vec(),
        b"PROXY TCP4 nowhere\r\n".to_vec(),
    ];
    let mut theirs = Vec::new();
    for header in &headers {
        let bytes = [header, get("/media/current/x", "").as_bytes()].concat();
        let taken = taken_by_nginx(&nginx, &bytes).await;
        let mut stream = TcpStream::connect(origin.address()).await.expect("it listens");
        stream.write_all(&bytes).await.expect("it is open");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        assert_eq!(!answer.is_empty(), taken.is_some(), "{:?}", String::from_utf8_lossy(header));
        theirs.extend(taken);
    }
    // Who is no proxy speaks plain HTTP.
    assert_eq!(ask("127.0.0.2", origin.address(), &get("/media/current/x", "")).await.1, 404);
    theirs.push("127.0.0.2".to_owned());
    origin.stop();
    let ours: Vec<_> = origin.asked().into_iter().map(|asked| without_port(&asked.peer)).collect();
    assert_eq!(ours, theirs);
}
