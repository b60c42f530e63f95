//! The way to the store: HTTP/1.1 over connections that are kept, with this system's certificates.
//!
//! `object_store` brings a client of its own, with a second cryptographic library and a build of C behind it. This one stands on
//! what the project has anyway, and does what publishing needs: a body is streamed from the disk under a cap, and silence,
//! refusals and the wish to stop have types.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::body::{Outgoing, Paced, Patient, Pulse, Sent, Silent};
use crate::error::{Failure, Refusal};
use crate::limit::Limit;

/// Longest time for connecting.
const CONNECTING: Duration = Duration::from_secs(20);
/// What an answer that nobody reads holds in memory at most, in bytes; twice that with the piece that is being handed on.
const READ_AHEAD: usize = 64 << 10;
/// The most of a refusal that is read, in bytes.
const LARGEST_REFUSAL: usize = 64 << 10;

/// Connections to one store. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Connection {
    client: Client<HttpsConnector<HttpConnector>, Paced>,
    limit: Arc<Limit>,
    /// How long nothing may move.
    silence: Duration,
    stop: Arc<AtomicBool>,
}

impl Connection {
    pub(crate) fn new(limit: Option<u64>, silence: Duration, stop: Arc<AtomicBool>) -> Result<Self, String> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECTING.min(silence)));
        tcp.set_keepalive(Some(silence));
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(BuilderVerifierExt::with_platform_verifier)
            .map_err(|error| format!("this system's certificates cannot be used: {error}"))?
            .with_no_client_auth();
        let tcp = hyper_rustls::HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new()).http1_max_buf_size(READ_AHEAD).build(tcp);
        Ok(Self { client, limit: Arc::new(Limit::new(limit)), silence, stop })
    }

    /// Sends a request; an answer that is a refusal is an error, but for "not found".
    pub(crate) async fn send(&self, request: Request<Outgoing>, sent: Option<Sent>) -> Result<HttpResponse, HttpError> {
        // What removes is let through when everything else is to stop: it cleans up.
        let is_cleaning = *request.method() == Method::DELETE;
        let pulse = Pulse::default();
        let limit = self.limit.clone();
        let request = request.map(|body| Paced::new(body, limit, pulse.clone(), sent));
        let answer = tokio::select! {
            answer = self.client.request(request) => answer.map_err(|error| broken(&error))?,
            () = pulse.stops(self.silence) => return Err(HttpError::new(HttpErrorKind::Timeout, Silent)),
            () = self.stopped(), if !is_cleaning => return Err(HttpError::new(HttpErrorKind::Unknown, Stopped)),
        };
        let (parts, body) = answer.into_parts();
        let body = Patient::new(body, self.silence);
        if parts.status.is_success() || [StatusCode::NOT_FOUND, StatusCode::NOT_MODIFIED].contains(&parts.status) {
            return Ok(Response::from_parts(parts, HttpResponseBody::new(body)));
        }
        let said = Limited::new(body, LARGEST_REFUSAL)
            .collect()
            .await
            .map(http_body_util::Collected::to_bytes)
            .unwrap_or_default();
        let refusal = Refusal::new(parts.status.as_u16(), &said);
        // `Unknown` is what nobody tries again.
        let passes = matches!(refusal.clone().failure(), Failure::Passing(_));
        let kind = if passes { HttpErrorKind::Interrupted } else { HttpErrorKind::Unknown };
        Err(HttpError::new(kind, refusal))
    }

    /// Back when that many bytes may be written that do not go over this connection.
    pub(crate) async fn pace(&self, bytes: usize) {
        if let Some(at) = self.limit.grant(bytes, tokio::time::Instant::now()) {
            tokio::select! {
                () = tokio::time::sleep_until(at) => {}
                () = self.stopped() => {}
            }
        }
    }

    /// Back once it was asked to stop.
    pub(crate) async fn stopped(&self) {
        while !self.stop.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connection")
    }
}

#[async_trait]
impl HttpService for Connection {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.send(request.map(BodyExt::boxed_unsync), None).await
    }
}

impl object_store::client::HttpConnector for Connection {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// The user asked to stop.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
pub(crate) struct Stopped;

/// A connection that could not be made, or broke. What the libraries say of it names no more than an address.
fn broken(error: &hyper_util::client::legacy::Error) -> HttpError {
    let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request };
    let mut causes = vec![error.to_string()];
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    HttpError::new(kind, io::Error::other(causes.join(": ")))
}
