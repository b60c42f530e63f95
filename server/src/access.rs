//! One line of log, and one set of counts, for each response that has ended.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{RANGE, USER_AGENT};
use http::{Method, Request, Response, StatusCode, Uri, Version};
use http_body::{Body as _, Frame, SizeHint};

use crate::body::Body;
use crate::direct::Outbox;
use crate::gate::Admission;
use crate::metrics::Metrics;
use crate::peer::Peer;
use crate::watchdog::InFlight;

/// What is known of a request once it has arrived.
#[derive(Debug)]
pub(crate) struct Entry {
    client: Peer,
    begun: Instant,
    method: Method,
    uri: Uri,
    version: Version,
    range: String,
    agent: String,
}

impl Entry {
    pub(crate) fn new<B>(client: Peer, request: &Request<B>) -> Self {
        // Fields are kept as text only if they are text, so that no byte of a client's reaches the log unescaped.
        let field = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
        Self {
            client,
            begun: Instant::now(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            range: field(RANGE),
            agent: field(USER_AGENT),
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}

/// A body that is counted as it goes, and logged when it has gone, to its end or not.
#[derive(Debug)]
pub(crate) struct Logged {
    body: Body,
    entry: Entry,
    status: StatusCode,
    sent_bytes: u64,
    metrics: Arc<Metrics>,
    /// Of the connection, and the place among the responses where it takes one.
    _in_flight: (InFlight, Option<Admission>),
}

impl Logged {
    pub(crate) fn response(
        response: Response<Body>,
        entry: Entry,
        metrics: Arc<Metrics>,
        in_flight: (InFlight, Option<Admission>),
    ) -> Response<Self> {
        metrics.responded(response.status().as_u16(), entry.elapsed());
        let status = response.status();
        response.map(|body| Self { body, entry, status, sent_bytes: 0, metrics, _in_flight: in_flight })
    }

    /// As [`Body::send_by`].
    pub(crate) fn send_by(&mut self, outbox: &Outbox) {
        self.body.send_by(outbox);
    }
}

impl http_body::Body for Logged {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        match &frame {
            Poll::Ready(Some(Ok(frame))) => self.sent_bytes += frame.data_ref().map_or(0, |data| data.len() as u64),
            Poll::Ready(Some(Err(error))) => {
                tracing::error!(path = self.entry.uri.path(), %error, "a body is cut: its file cannot be read on");
            }
            _ => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        let is_whole = self.body.is_end_stream();
        self.metrics.body_bytes.add(self.sent_bytes);
        if !is_whole {
            self.metrics.bodies_cut.add(1);
        }
        let Self { entry, status, sent_bytes, .. } = self;
        tracing::info!(
            target: "origin::access",
            peer = %entry.client,
            method = %entry.method,
            path = &*relay::logged_path(entry.uri.path()),
            version = ?entry.version,
            range = entry.range,
            agent = ?entry.agent,
            status = status.as_u16(),
            bytes = *sent_bytes,
            whole = is_whole,
            micros = u64::try_from(entry.elapsed().as_micros()).unwrap_or(u64::MAX),
        );
    }
}
