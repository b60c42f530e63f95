//! One connection: its watchdog, its TLS, its version of HTTP.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Version;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::Watcher;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::direct::{Outbox, Socket};
use crate::gate::{Admission, Full};
use crate::peer::Peer;
use crate::proxy_protocol;
use crate::service::{Port, Service};
use crate::stream::Stream;
use crate::tls::Certificate;
use crate::watchdog::{Activity, Watched};

/// Longest head of a request; longer ones get 431.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Requests at once on one HTTP/2 connection.
const MAX_STREAMS: u32 = 64;

/// Answer to a client over plain HTTP before its connection is closed. Not counted among the responses.
const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nCache-Control: no-store\r\n\
    Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: Retry-After\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// What every connection of a port needs.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) service: Arc<Service>,
    pub(crate) port: Port,
    pub(crate) certificate: Option<Arc<Certificate>>,
    pub(crate) header_time: Duration,
    pub(crate) idle_time: Duration,
}

impl Context {
    /// Serves a connection to its end.
    pub(crate) async fn serve(self, mut stream: Stream, peer: Peer, mut admission: Admission, watcher: Watcher) {
        stream.set_nodelay();
        let Some(peer) = self.client(&mut stream, peer, &mut admission).await else { return };
        let admission = Arc::new(admission);
        let (activity, outbox) = (Arc::<Activity>::default(), Outbox::default());
        let socket = Socket::new(stream, outbox.clone());
        let socket = Watched::new(socket, activity.clone(), self.header_time, self.idle_time);
        match self.certificate.as_deref().map(Certificate::acceptor) {
            None => self.speak(socket, peer, admission, activity, Some(outbox), watcher).await,
            Some(acceptor) => match acceptor.accept(socket).await {
                // What is encrypted has to be read first.
                Ok(socket) => self.speak(socket, peer, admission, activity, None, watcher).await,
                Err(error) => {
                    self.service.metrics.tls_failed.add(1);
                    tracing::debug!(%peer, %error, "no TLS handshake");
                }
            },
        }
    }

    /// For whom the connection is, which is said in front of it where a proxy speaks the PROXY protocol. `None` where that
    /// goes wrong, or the client has too many.
    async fn client(&self, stream: &mut Stream, peer: Peer, admission: &mut Admission) -> Option<Peer> {
        if self.port == Port::Admin || !self.service.trusted.has_proxy_header(peer) {
            return Some(peer);
        }
        let header = tokio::time::timeout(self.header_time, proxy_protocol::read(stream)).await;
        match header.map_err(io::Error::from).flatten() {
            Ok(None) => Some(peer),
            Ok(Some(client)) => match admission.is_of(client.ip()) {
                Ok(()) => Some(Peer::Socket(client)),
                Err(full) => {
                    self.refuse(stream, Peer::Socket(client), full);
                    None
                }
            },
            Err(error) => {
                tracing::warn!(%peer, %error, "a trusted proxy sends no header of the PROXY protocol");
                None
            }
        }
    }

    /// Says no to a connection, and counts it.
    pub(crate) fn refuse(&self, stream: &Stream, peer: Peer, full: Full) {
        let metrics = &self.service.metrics;
        match full {
            Full::All => metrics.refused_all.add(1),
            Full::Client => metrics.refused_client.add(1),
        }
        if self.certificate.is_none() {
            let _ = stream.try_write(REFUSAL);
        }
        tracing::debug!(%peer, ?full, "a connection is refused");
    }

    async fn speak<S>(
        &self,
        socket: S,
        peer: Peer,
        admission: Arc<Admission>,
        activity: Arc<Activity>,
        outbox: Option<Outbox>,
        watcher: Watcher,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = auto::Builder::new(TokioExecutor::new());
        // The watchdog keeps the times; this buffer also holds what is read ahead of a body, which is never much.
        builder.http1().header_read_timeout(None).max_buf_size(MAX_HEAD_BYTES);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(MAX_HEAD_BYTES as u32)
            .initial_stream_window_size(64 * 1024)
            .initial_connection_window_size(256 * 1024)
            .max_send_buf_size(crate::piece::PIECE_BYTES);
        let service = service_fn(|mut request: hyper::Request<Incoming>| {
            let (service, port, activity, outbox) = (self.service.clone(), self.port, activity.clone(), outbox.clone());
            let admission = admission.clone();
            async move {
                let mut response = service.respond(port, peer, &mut request, &activity, &admission).await;
                // HTTP/2 mixes the frames of its streams.
                if let Some(outbox) = outbox.filter(|_| request.version() != Version::HTTP_2) {
                    response.body_mut().send_by(&outbox);
                }
                Ok::<_, Infallible>(response)
            }
        });
        let connection = watcher.watch(builder.serve_connection_with_upgrades(TokioIo::new(socket), service));
        if let Err(error) = connection.await {
            tracing::debug!(%peer, error, "a connection ended early");
        }
    }
}
