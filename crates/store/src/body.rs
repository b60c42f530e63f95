//! Bodies on their way: what goes up keeps to the cap and shows that it moves, what comes down may not fall silent.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use object_store::client::{HttpError, HttpErrorKind};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::limit::Limit;

/// Any body that goes up.
pub(crate) type Outgoing = UnsyncBoxBody<Bytes, HttpError>;

/// Hears of bytes that were handed to the network.
pub(crate) type Sent = Arc<dyn Fn(u64) + Send + Sync>;

/// Counts what moves in one exchange.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pulse(Arc<AtomicU64>);

impl Pulse {
    fn beat(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Back once nothing has moved for that long.
    pub(crate) async fn stops(&self, patience: Duration) {
        let mut last = self.0.load(Ordering::Relaxed);
        loop {
            tokio::time::sleep(patience).await;
            let now = self.0.load(Ordering::Relaxed);
            if now == last {
                return;
            }
            last = now;
        }
    }
}

/// A body that is sent in small pieces, each when the cap allows it.
pub(crate) struct Paced {
    inner: Outgoing,
    limit: Arc<Limit>,
    pulse: Pulse,
    sent: Option<Sent>,
    /// What has come of the inner body and is still to be sent.
    rest: Bytes,
    /// How much of it is granted, and the wait until that may be sent.
    granted: usize,
    wait: Option<Pin<Box<Sleep>>>,
}

impl Paced {
    pub(crate) fn new(inner: Outgoing, limit: Arc<Limit>, pulse: Pulse, sent: Option<Sent>) -> Self {
        Self { inner, limit, pulse, sent, rest: Bytes::new(), granted: 0, wait: None }
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        while self.rest.is_empty() {
            match ready!(Pin::new(&mut self.inner).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                other => return Poll::Ready(other),
            }
        }
        if self.granted == 0 {
            self.granted = self.rest.len().min(self.limit.piece());
            self.wait = self.limit.grant(self.granted, Instant::now()).map(|at| Box::pin(sleep_until(at)));
        }
        if let Some(wait) = &mut self.wait {
            ready!(wait.as_mut().poll(context));
            self.wait = None;
        }
        let bytes = std::mem::take(&mut self.granted);
        self.pulse.beat();
        if let Some(sent) = &self.sent {
            sent(bytes as u64);
        }
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(bytes)))))
    }

    fn size_hint(&self) -> SizeHint {
        let inner = self.inner.size_hint();
        let rest = self.rest.len() as u64;
        inner.exact().map_or_else(SizeHint::new, |bytes| SizeHint::with_exact(bytes + rest))
    }
}

/// The body of an answer, which is an error once nothing of it has come for a while.
pub(crate) struct Patient {
    inner: Incoming,
    patience: Duration,
    silence: Pin<Box<Sleep>>,
}

impl Patient {
    pub(crate) fn new(inner: Incoming, patience: Duration) -> Self {
        Self { inner, patience, silence: Box::pin(tokio::time::sleep(patience)) }
    }
}

impl Body for Patient {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            let at = Instant::now() + self.patience;
            self.silence.as_mut().reset(at);
            let broken = |error| HttpError::new(HttpErrorKind::Interrupted, error);
            return Poll::Ready(frame.map(|frame| frame.map_err(broken)));
        }
        ready!(self.silence.as_mut().poll(context));
        Poll::Ready(Some(Err(HttpError::new(HttpErrorKind::Timeout, Silent))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Nothing has moved for too long.
#[derive(Debug, thiserror::Error)]
#[error("the store has fallen silent")]
pub(crate) struct Silent;
