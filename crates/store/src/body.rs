//! Bodies on their way: what goes up keeps to the cap and shows that it moves, what comes down may not fall silent.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame, SizeHint};
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

/// The body of an answer, which is an error once nothing of it has come for a while in which somebody waited for it: who reads
/// slowly makes it no slower.
pub(crate) struct Patient<B> {
    inner: B,
    patience: Duration,
    /// Runs while somebody waits.
    silence: Option<Pin<Box<Sleep>>>,
}

impl<B> Patient<B> {
    pub(crate) fn new(inner: B, patience: Duration) -> Self {
        Self { inner, patience, silence: None }
    }
}

impl<B> Body for Patient<B>
where
    B: Body<Data = Bytes, Error: std::error::Error + Send + Sync + 'static> + Unpin,
{
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            self.silence = None;
            let broken = |error| HttpError::new(HttpErrorKind::Interrupted, error);
            return Poll::Ready(frame.map(|frame| frame.map_err(broken)));
        }
        let patience = self.patience;
        let silence = self.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
        ready!(silence.as_mut().poll(context));
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

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http_body_util::{BodyExt, StreamBody};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    /// A byte whenever that long has gone by since the last was asked for.
    fn trickle(pause: Duration) -> Patient<impl Body<Data = Bytes, Error = std::io::Error> + Unpin> {
        let bytes = stream::unfold((), move |()| async move {
            tokio::time::sleep(pause).await;
            Some((Ok(Frame::data(Bytes::from_static(b"x"))), ()))
        });
        Patient::new(StreamBody::new(Box::pin(bytes)), PATIENCE)
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_slowly_makes_the_store_no_slower() {
        let mut body = trickle(PATIENCE / 2);
        for _ in 0..5 {
            assert!(body.frame().await.is_some_and(|frame| frame.is_ok()));
            tokio::time::sleep(PATIENCE * 10).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_an_error() {
        let mut body = trickle(PATIENCE * 2);
        let error = body.frame().await.expect("an end").expect_err("nothing has come");
        assert_eq!(error.kind(), HttpErrorKind::Timeout);
    }
}
