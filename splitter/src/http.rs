//! HTTP as a viewer or an edge speaks it: one request, every header of the answer, a body read as it comes.
//!
//! Nothing is decompressed, cached, retried or turned into an error by its status: what a server says is what is seen.
//! There is no limit on how long an answer takes, only on how long a server may stay silent.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use ureq::http::{HeaderMap, Method, Request};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body, ResponseExt};
use url::Url;

/// Longest time for connecting, and longest silence of a server.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that keeps its connections. Cheap to clone, shared by threads.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
}

/// The answer to one request.
#[derive(Debug)]
pub struct Answer {
    /// The status code, whatever it is.
    pub status: u16,
    /// Every header.
    pub headers: HeaderMap,
    /// Where the answer comes from, once redirections were followed.
    pub url: Url,
    body: Body,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[error("{method} {}: {source}", shown(url))]
pub struct NoAnswer {
    /// Of the request.
    pub method: Method,
    /// Of the request.
    pub url: Url,
    /// What went wrong.
    pub source: Box<ureq::Error>,
}

/// An address as messages have it: its query may hold a token.
pub(crate) fn shown(url: &Url) -> &str {
    &url[..url::Position::AfterPath]
}

impl Default for Client {
    fn default() -> Self {
        Self::new()
    }
}

impl Client {
    /// A client that trusts the certificates which this system trusts.
    #[must_use]
    pub fn new() -> Self {
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let config = Agent::config_builder()
            .tls_config(tls.build())
            .user_agent(concat!("watchparty-splitter/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .http_status_as_error(false)
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_per_read(Some(PATIENCE));
        Self { agent: config.build().new_agent() }
    }

    /// Asks for a URL with these headers.
    ///
    /// # Errors
    /// [`NoAnswer`] when no status line came: an unknown host, a refused connection, a broken or silent one, bad TLS.
    pub fn send(&self, method: &Method, url: &Url, headers: &[(&str, &str)]) -> Result<Answer, NoAnswer> {
        let no_answer =
            |source: ureq::Error| NoAnswer { method: method.clone(), url: url.clone(), source: source.into() };
        let mut request = Request::builder().method(method).uri(url.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).map_err(|error| no_answer(error.into()))?;
        let response = self.agent.run(request).map_err(no_answer)?;
        let end = Url::parse(&response.get_uri().to_string()).unwrap_or_else(|_| url.clone());
        let (head, body) = response.into_parts();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, url: end, body })
    }

    /// [`Self::send`] with `GET`.
    ///
    /// # Errors
    /// As there.
    pub fn get(&self, url: &Url) -> Result<Answer, NoAnswer> {
        self.send(&Method::GET, url, &[])
    }
}

impl Answer {
    /// A header, where it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, read as it comes; an error when it has more than `most` bytes, ends early or falls silent.
    #[must_use]
    pub fn into_reader(self, most: u64) -> impl Read + Send + use<> {
        self.body.into_with_config().limit(most).reader()
    }

    /// The whole body.
    ///
    /// # Errors
    /// Those of [`Self::into_reader`].
    pub fn into_bytes(self, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.into_reader(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Answers one request with `answer`; gives its URL, and the request when asked.
    fn serve(answer: &'static [u8]) -> (Url, thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/film", listener.local_addr().expect("bound"));
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let lines = BufReader::new(stream.try_clone().expect("a socket")).lines().map_while(Result::ok);
            let request: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
            stream.write_all(answer).expect("the client reads");
            request.join("\n")
        });
        (Url::parse(&url).expect("a URL"), served)
    }

    #[test]
    fn an_error_status_is_an_answer_like_any_other() {
        let (url, served) = serve(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nX-Cache: MISS\r\n\r\nnone");
        let answer = Client::new().send(&Method::GET, &url, &[("Range", "bytes=0-1")]).expect("an answer");
        assert_eq!((answer.status, answer.header("x-cache")), (404, Some("MISS")));
        assert_eq!(answer.into_bytes(4).expect("a body"), b"none");
        let request = served.join().expect("served").to_ascii_lowercase();
        assert!(request.starts_with("get /film http/1.1\n"), "{request}");
        assert!(request.contains("range: bytes=0-1") && request.contains("accept-encoding: identity"), "{request}");
    }

    #[test]
    fn a_body_that_is_too_long_or_ends_early_is_an_error() {
        let (url, _) = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nlonger");
        assert!(Client::new().get(&url).expect("an answer").into_bytes(5).is_err());
        let (url, _) = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nshor");
        assert!(Client::new().get(&url).expect("an answer").into_bytes(10).is_err());
    }

    #[test]
    fn no_server_is_no_answer() {
        let url = Url::parse("http://127.0.0.1:9/film").expect("a URL");
        let error = Client::new().get(&url).expect_err("nobody listens on port 9");
        assert!(error.to_string().starts_with("GET http://127.0.0.1:9/film: "), "{error}");
    }
}
