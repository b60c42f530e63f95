//! What stands between a connection and the [`Handler`]: what is no request for a file at all, `/healthz` and `/metrics`,
//! the limits on responses, the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HOST, HeaderValue, RETRY_AFTER, TRANSFER_ENCODING, UPGRADE,
};
use http::uri::Authority;
use http::{Method, Request, Response, StatusCode, Version};
use relay::{Relay, is_upgrade};

use crate::access::{Entry, Logged};
use crate::answer;
use crate::body::Body;
use crate::gate::{Admission, Full, Gate};
use crate::handler::Handler;
use crate::metrics::Metrics;
use crate::peer::Peer;
use crate::trusted::Trusted;
use crate::validator::http_time;
use crate::watchdog::Activity;

/// Which port a request came in by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    /// Files, and nothing about the origin itself.
    Public,
    /// Files, `/healthz` and `/metrics`: there is no admin port.
    Both,
    /// `/healthz` and `/metrics` only.
    Admin,
}

/// Shared by all connections.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) handler: Handler,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) connections: Arc<Gate>,
    /// Responses being sent; its bounds are what bounds the memory for bodies, and what one client can take of it.
    pub(crate) responses: Arc<Gate>,
    /// Sockets of people who watch together, by client: behind a proxy their connections are the proxy's.
    pub(crate) sockets: Arc<Gate>,
    /// Proxies that are believed when they name their client.
    pub(crate) trusted: Trusted,
    /// Who serves the sockets of people who watch together, if anybody does.
    pub(crate) relay: Option<Relay>,
    pub(crate) is_draining: AtomicBool,
}

impl Service {
    /// Answers a request of a connection, whose watchdog is told through `activity`.
    pub(crate) async fn respond<B>(
        &self,
        port: Port,
        peer: Peer,
        request: &mut Request<B>,
        activity: &Arc<Activity>,
        connection: &Arc<Admission>,
    ) -> Response<Logged> {
        let client = self.trusted.client(peer, request.headers());
        let entry = Entry::new(client, request);
        let in_flight = activity.begin(request.version() == Version::HTTP_2);
        let (mut response, admission) = if !is_well_addressed(request) {
            (answer::error(StatusCode::BAD_REQUEST, "a request names one host"), None)
        } else if request.headers().contains_key(TRANSFER_ENCODING) {
            // Nothing here takes a body, least of all one whose length servers in a row may disagree on.
            (answer::error(StatusCode::LENGTH_REQUIRED, "no request has chunks"), None)
        } else if let Some(response) = self.hand_over(port, &client, request, activity, connection) {
            (response, None)
        } else if let Some(response) = self.admin(port, request).await {
            (response, None)
        } else {
            match self.responses.admit(client.address()) {
                Ok(admission) => (self.handler.respond(request, SystemTime::now()).await, Some(admission)),
                Err(full) => (busy(full), None),
            }
        };
        response.headers_mut().insert(DATE, date(SystemTime::now()));
        if request.method() == Method::HEAD {
            // HTTP/2 would send content. The fields, its length among them, are those of a GET (RFC 9110 section 9.3.2).
            *response.body_mut() = Body::empty();
        }
        if has_body(request) {
            // What comes behind it is never taken for a request (RFC 9112 sections 6.1 and 11.2).
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Logged::response(response, entry, self.metrics.clone(), (in_flight, admission))
    }

    /// Hands a request for the relay over to it; `None` for any other. The socket that it becomes counts as a connection, and
    /// as one of its client's even behind a proxy, for as long as it lives.
    fn hand_over<B>(
        &self,
        port: Port,
        client: &Peer,
        request: &mut Request<B>,
        activity: &Arc<Activity>,
        connection: &Arc<Admission>,
    ) -> Option<Response<Body>> {
        let relay = self.relay.as_ref().filter(|_| port != Port::Admin && is_upgrade(request))?;
        if has_body(request) {
            return Some(answer::error(StatusCode::BAD_REQUEST, "a handshake has no content"));
        }
        let place = match self.sockets.admit(client.address()) {
            Ok(place) => place,
            Err(full) => return Some(busy(full)),
        };
        let guard = (activity.begin(false), connection.clone(), place);
        Some(match relay.respond(request, client.to_string(), guard) {
            Ok(response) => response.map(|()| Body::empty()),
            Err(refusal) => {
                let mut response = answer::error(refusal.status, refusal.what);
                if refusal.status == StatusCode::UPGRADE_REQUIRED {
                    response.headers_mut().insert(UPGRADE, HeaderValue::from_static("websocket"));
                }
                response
            }
        })
    }

    /// The answers about the origin itself; `None` where a file is asked for.
    async fn admin<B>(&self, port: Port, request: &Request<B>) -> Option<Response<Body>> {
        if port == Port::Public {
            return None;
        }
        Some(match (request.method(), request.uri().path()) {
            (&Method::GET | &Method::HEAD, "/healthz") => self.health().await,
            (&Method::GET | &Method::HEAD, "/metrics") => {
                let mut text = self.metrics.render(self.connections.count(), self.responses.count());
                text.extend(self.handler.metrics());
                text.extend(self.relay.as_ref().map(Relay::metrics));
                plain(text, "text/plain; version=0.0.4; charset=utf-8")
            }
            _ if port == Port::Admin => answer::error(StatusCode::NOT_FOUND, "only /healthz and /metrics are here"),
            _ => return None,
        })
    }

    /// A load balancer takes an origin that drains, or has lost its directory or its bucket, out of its rotation.
    async fn health(&self) -> Response<Body> {
        if self.is_draining.load(Ordering::Relaxed) {
            answer::error(StatusCode::SERVICE_UNAVAILABLE, "shutting down")
        } else if !self.handler.is_media_there().await {
            answer::error(StatusCode::SERVICE_UNAVAILABLE, "the media directory is gone, or its bucket does not answer")
        } else {
            plain("ok\n".to_owned(), "text/plain; charset=utf-8")
        }
    }
}

/// hyper's own date stands still where the clock is set back, until it has come as far again.
fn date(now: SystemTime) -> HeaderValue {
    let now = http_time(now).unwrap_or(SystemTime::UNIX_EPOCH);
    HeaderValue::try_from(httpdate::fmt_http_date(now)).expect("a date is visible ASCII")
}

fn plain(text: String, content_type: &'static str) -> Response<Body> {
    let mut response = answer::error(StatusCode::OK, "");
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CONTENT_LENGTH, text.len().into());
    *response.body_mut() = Body::empty().then(text);
    response
}

/// 503 in both cases: an edge then serves what it still has, which 429 would not make it do.
fn busy(full: Full) -> Response<Body> {
    let what = match full {
        Full::All => "too many responses are being sent",
        Full::Client => "this client has too many responses or sockets",
    };
    let mut response = answer::error(StatusCode::SERVICE_UNAVAILABLE, what);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// HTTP/1.1 asks for exactly one `Host` that is one, and for 400 otherwise (RFC 9112 section 3.2): two servers in a row
/// must not make two things of one request.
fn is_well_addressed<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            host.is_empty() || Authority::try_from(host.as_bytes()).is_ok_and(|host| !host.as_str().contains('@'))
        }
        (None, _) => request.version() != Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

/// HTTP/2 frames its bodies beyond doubt, and has no such field.
fn has_body<B>(request: &Request<B>) -> bool {
    let fields = request.headers();
    let has_length = fields.get(CONTENT_LENGTH).is_some_and(|length| length != "0");
    request.version() != Version::HTTP_2 && (has_length || fields.contains_key(TRANSFER_ENCODING))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_fine(version: Version, hosts: &[&str]) -> bool {
        let mut request = Request::builder().version(version).uri("/");
        for host in hosts {
            request = request.header(HOST, *host);
        }
        is_well_addressed(&request.body(()).expect("a request"))
    }

    #[test]
    fn a_request_names_one_host() {
        for host in ["a", "a.example:8080", "[::1]:80", "127.0.0.1", ""] {
            assert!(is_fine(Version::HTTP_11, &[host]), "{host:?}");
        }
        for host in ["a b", "a/b", "a@b", "http://a"] {
            assert!(!is_fine(Version::HTTP_11, &[host]), "{host:?}");
        }
        assert!(!is_fine(Version::HTTP_11, &[]));
        assert!(!is_fine(Version::HTTP_11, &["a", "a"]));
        assert!(!is_fine(Version::HTTP_2, &["a", "b"]));
        assert!(is_fine(Version::HTTP_10, &[]) && is_fine(Version::HTTP_2, &[]));
    }
}
