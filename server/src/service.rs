//! What stands between a connection and the [`Handler`]: `/healthz` and `/metrics`, the limit on responses, the log.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Method, Request, Response, StatusCode, Version};

use crate::access::{Entry, Logged};
use crate::body::Body;
use crate::gate::Gate;
use crate::handler::{self, Handler};
use crate::metrics::Metrics;
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
    pub(crate) gate: Arc<Gate>,
    /// Responses being sent on all connections; its bound is what bounds the memory for bodies.
    pub(crate) responses: Arc<Activity>,
    pub(crate) max_responses: usize,
    pub(crate) is_draining: AtomicBool,
}

impl Service {
    /// Answers a request of a connection, whose watchdog is told through `activity`.
    pub(crate) async fn respond<B>(
        &self,
        port: Port,
        peer: SocketAddr,
        request: &Request<B>,
        activity: &Arc<Activity>,
    ) -> Response<Logged> {
        let entry = Entry::new(peer, request);
        let in_flight = (activity.begin(request.version() == Version::HTTP_2), self.responses.begin(false));
        let response = match self.admin(port, request) {
            Some(response) => response,
            None if self.responses.in_flight() > self.max_responses => busy(),
            None => self.handler.respond(request, SystemTime::now()).await,
        };
        Logged::response(response, entry, self.metrics.clone(), in_flight)
    }

    /// The answers about the origin itself; `None` where a file is asked for.
    fn admin<B>(&self, port: Port, request: &Request<B>) -> Option<Response<Body>> {
        if port == Port::Public {
            return None;
        }
        let response = match (request.method(), request.uri().path()) {
            (&Method::GET | &Method::HEAD, "/healthz") => self.health(),
            (&Method::GET | &Method::HEAD, "/metrics") => {
                let text = self.metrics.render(self.gate.open(), self.responses.in_flight());
                plain(text, "text/plain; version=0.0.4; charset=utf-8")
            }
            _ if port == Port::Admin => handler::error(StatusCode::NOT_FOUND, "only /healthz and /metrics are here"),
            _ => return None,
        };
        let is_head = request.method() == Method::HEAD;
        Some(if is_head { response.map(|_| Body::empty()) } else { response })
    }

    /// A load balancer takes an origin that drains, or has lost its directory, out of its rotation.
    fn health(&self) -> Response<Body> {
        if self.is_draining.load(Ordering::Relaxed) {
            handler::error(StatusCode::SERVICE_UNAVAILABLE, "shutting down")
        } else if !self.handler.is_media_there() {
            handler::error(StatusCode::SERVICE_UNAVAILABLE, "the media directory is gone")
        } else {
            plain("ok\n".to_owned(), "text/plain; charset=utf-8")
        }
    }
}

fn plain(text: String, content_type: &'static str) -> Response<Body> {
    let mut response = handler::error(StatusCode::OK, "");
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CONTENT_LENGTH, text.len().into());
    *response.body_mut() = Body::empty().then(text);
    response
}

fn busy() -> Response<Body> {
    let mut response = handler::error(StatusCode::SERVICE_UNAVAILABLE, "too many responses are being sent");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
