//! HTTP/2, with prior knowledge and over TLS, and the certificate's exchange while the origin runs.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use http::{HeaderMap, Method, Request, StatusCode, Version};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::stage::{Program, media};

type Answer = (StatusCode, Version, HeaderMap, Bytes);

fn request(method: Method, path: &str, version: Version) -> Request<Empty<Bytes>> {
    let request = Request::builder().method(method).uri(path).version(version).header("range", "bytes=1-3");
    // HTTP/2 takes it from the URI.
    let request = if version == Version::HTTP_2 { request } else { request.header("host", "localhost") };
    request.body(Empty::new()).expect("a request")
}

/// Asks for `paths` all at once on one HTTP/2 connection.
async fn ask_h2<S>(socket: S, method: Method, paths: &[String]) -> Vec<Answer>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(socket));
    let (sender, connection) = handshake.await.expect("it speaks HTTP/2");
    let connection = tokio::spawn(connection);
    let request = |path: &String| request(method.clone(), path, Version::HTTP_2);
    let asked: Vec<_> = paths.iter().map(|path| sender.clone().send_request(request(path))).collect();
    let mut answers = Vec::new();
    for answer in asked {
        let (head, body) = answer.await.expect("a response").into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        answers.push((head.status, head.version, head.headers, body));
    }
    drop(sender);
    let _ = connection.await;
    answers
}

async fn ask_h1<S>(socket: S, path: &str) -> Answer
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(socket));
    let (mut sender, connection) = handshake.await.expect("it speaks HTTP/1.1");
    tokio::spawn(connection);
    let answer = sender.send_request(request(Method::GET, path, Version::HTTP_11)).await;
    let (head, body) = answer.expect("a response").into_parts();
    (head.status, head.version, head.headers, body.collect().await.expect("a whole body").to_bytes())
}

fn assert_range((status, version, fields, body): &Answer, expected: Version) {
    assert_eq!((*status, *version), (StatusCode::PARTIAL_CONTENT, expected));
    assert_eq!(fields["content-range"], "bytes 1-3/6");
    assert_eq!(fields["content-length"], "3");
    assert_eq!(&body[..], b"bcd");
}

#[tokio::test]
async fn http2_with_prior_knowledge_serves_many_at_once() {
    let dir = media();
    let server = origin::Server::bind(&origin::Config::loopback(dir.path())).await.expect("a free port").spawn();
    let paths: Vec<_> = (0..50).map(|_| server.url("/media/current/a.mp4")).collect();
    let socket = TcpStream::connect(server.address()).await.expect("it listens");
    for answer in ask_h2(socket, Method::GET, &paths).await {
        assert_range(&answer, Version::HTTP_2);
    }
    server.stop().await;
}

/// HTTP/1.1 leaves out what follows a HEAD by itself; HTTP/2 sends what it is given.
#[tokio::test]
async fn a_head_is_answered_without_content_whatever_comes_of_it() {
    let dir = media();
    let server = origin::Server::bind(&origin::Config::loopback(dir.path())).await.expect("a free port").spawn();
    let paths = ["/media/current/a.mp4", "/media/current/none.mp4", "/healthz", "/metrics"];
    let socket = TcpStream::connect(server.address()).await.expect("it listens");
    let answers = ask_h2(socket, Method::HEAD, &paths.map(|path| server.url(path))).await;
    for ((path, expected), (status, _, fields, body)) in paths.iter().zip([200, 404, 200, 200]).zip(answers) {
        assert_eq!((status.as_u16(), body.len()), (expected, 0), "{path}");
        assert_ne!(fields["content-length"], "0", "{path}: the length of what a GET gets");
    }
    server.stop().await;
}

/// A certificate for `localhost` and its key, as two PEM files; the certificate itself comes back.
fn certify(directory: &Path) -> String {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("a certificate");
    std::fs::write(directory.join("key.pem"), made.signing_key.serialize_pem()).expect("room");
    std::fs::write(directory.join("chain.pem"), made.cert.pem()).expect("room");
    made.cert.pem()
}

async fn connect_tls(
    address: SocketAddr,
    trusted: &str,
    protocol: &str,
) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(rustls::pki_types::CertificateDer::from_pem_slice(trusted.as_bytes()).expect("PEM")).expect("X.509");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let socket = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").expect("a name");
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, socket).await
}

#[tokio::test]
async fn tls_speaks_both_versions() {
    let (dir, keys) = (media(), tempfile::tempdir().expect("a temporary directory"));
    let trusted = certify(keys.path());
    let config = origin::Config {
        tls_cert: Some(keys.path().join("chain.pem")),
        tls_key: Some(keys.path().join("key.pem")),
        ..origin::Config::loopback(dir.path())
    };
    let server = origin::Server::bind(&config).await.expect("a free port").spawn();
    let url = server.url("/media/current/a.mp4");
    assert!(url.starts_with("https://"));

    let socket = connect_tls(server.address(), &trusted, "h2").await.expect("a handshake");
    assert_eq!(socket.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    assert_range(&ask_h2(socket, Method::GET, &[url]).await[0], Version::HTTP_2);

    let socket = connect_tls(server.address(), &trusted, "http/1.1").await.expect("a handshake");
    assert_range(&ask_h1(socket, "/media/current/a.mp4").await, Version::HTTP_11);
    server.stop().await;
}

/// Open connections stay as they are, new ones see the new certificate; files that do not fit change nothing.
#[cfg(unix)]
#[tokio::test]
async fn a_hangup_brings_the_new_certificate_in() {
    use std::io::{BufRead, BufReader};
    let (dir, keys) = (media(), tempfile::tempdir().expect("a temporary directory"));
    let old = certify(keys.path());
    let path = |name: &str| keys.path().join(name).display().to_string();
    let arguments = ["--tls-cert", &path("chain.pem"), "--tls-key", &path("key.pem")];
    let (program, log) = Program::start_logged(dir.path(), &arguments);
    let mut log = BufReader::new(log).lines();
    let mut wait_for = |words: &str| assert!(log.by_ref().any(|line| line.expect("UTF-8").contains(words)), "{words}");
    assert_eq!(program.scheme, "https");
    let kept = connect_tls(program.address, &old, "http/1.1").await.expect("a handshake");

    let new = certify(keys.path());
    program.signal("HUP");
    wait_for("the certificate was read again");
    assert!(connect_tls(program.address, &old, "h2").await.is_err(), "the old certificate is gone");
    connect_tls(program.address, &new, "h2").await.expect("a handshake");

    std::fs::write(keys.path().join("key.pem"), "no key").expect("room");
    program.signal("HUP");
    wait_for("the certificate stays as it was");
    connect_tls(program.address, &new, "h2").await.expect("a handshake");
    assert_range(&ask_h1(kept, "/media/current/a.mp4").await, Version::HTTP_11);
}
