//! A socket that gives up on a client that does not get on: with the head of a request, or with anything at all.
//!
//! HTTP sits above it and sees an error of kind `TimedOut`. Two clocks run:
//! - from the first byte of a head (or from the connection's begin) until the request has arrived: the header time;
//! - from the last byte in either direction: the idle time. It also ends connections whose other end has vanished.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// What the requests on a connection tell its watchdog.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    in_flight: AtomicUsize,
    /// HTTP/2: bytes between requests need not be the head of one.
    is_multiplexed: AtomicBool,
}

/// A request that has arrived and is not answered to its end.
#[derive(Debug)]
pub(crate) struct InFlight(Arc<Activity>);

impl Activity {
    pub(crate) fn begin(self: &Arc<Self>, is_multiplexed: bool) -> InFlight {
        if is_multiplexed {
            self.is_multiplexed.store(true, Ordering::Relaxed);
        }
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self.clone())
    }

    /// Requests that have arrived and are not answered to their end.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The watched socket.
#[derive(Debug)]
pub(crate) struct Watched<S> {
    socket: S,
    activity: Arc<Activity>,
    header_time: Duration,
    idle_time: Duration,
    /// Since when the head of a request is awaited.
    head_since: Option<Instant>,
    last_byte: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl<S> Watched<S> {
    pub(crate) fn new(socket: S, activity: Arc<Activity>, header_time: Duration, idle_time: Duration) -> Self {
        let now = Instant::now();
        let alarm = Box::pin(tokio::time::sleep_until(now + header_time.min(idle_time)));
        Self { socket, activity, header_time, idle_time, head_since: Some(now), last_byte: now, alarm }
    }

    fn bytes_read(&mut self) {
        self.last_byte = Instant::now();
        if self.activity.in_flight() > 0 || self.activity.is_multiplexed.load(Ordering::Relaxed) {
            self.head_since = None;
        } else if self.head_since.is_none() {
            self.head_since = Some(self.last_byte);
            let deadline = self.last_byte + self.header_time;
            if deadline < self.alarm.deadline() {
                self.alarm.as_mut().reset(deadline);
            }
        }
    }

    /// Called where the socket makes the caller wait; ready when there is nothing to wait for any more.
    fn poll_alarm(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        if self.head_since.is_some() && self.activity.in_flight() > 0 {
            self.head_since = None;
        }
        while self.alarm.as_mut().poll(context).is_ready() {
            let idle_deadline = self.last_byte + self.idle_time;
            let deadline = self.head_since.map_or(idle_deadline, |since| idle_deadline.min(since + self.header_time));
            if deadline <= Instant::now() {
                let what =
                    if deadline == idle_deadline { "no byte for too long" } else { "no whole request for too long" };
                return Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, what));
            }
            self.alarm.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> Watched<S> {
    fn poll_written(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Pending => self.poll_alarm(context).map(Err),
            Poll::Ready(written) => {
                self.last_byte = Instant::now();
                Poll::Ready(written)
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.socket).poll_read(context, buffer) {
            Poll::Pending => self.poll_alarm(context).map(Err),
            Poll::Ready(read) => {
                if buffer.filled().len() > before {
                    self.bytes_read();
                }
                Poll::Ready(read)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.poll_written(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(context, slices);
        self.poll_written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    const HEADER: Duration = Duration::from_secs(10);
    const IDLE: Duration = Duration::from_secs(60);

    fn pair() -> (DuplexStream, Watched<DuplexStream>, Arc<Activity>) {
        let (client, server) = tokio::io::duplex(16);
        let activity = Arc::<Activity>::default();
        (client, Watched::new(server, activity.clone(), HEADER, IDLE), activity)
    }

    /// How long after now the next read or write fails.
    async fn fails_after(begun: Instant, result: impl Future<Output = io::Result<usize>>) -> Duration {
        assert_eq!(result.await.expect_err("it waits for ever").kind(), io::ErrorKind::TimedOut);
        begun.elapsed()
    }

    fn assert_about(found: Duration, expected: Duration) {
        assert!(found.abs_diff(expected) < Duration::from_millis(10), "{found:?}, not {expected:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_says_nothing_has_the_header_time() {
        let (_client, mut server, _) = pair();
        assert_about(fails_after(Instant::now(), server.read(&mut [0; 8])).await, HEADER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_trickles_has_the_header_time_in_all() {
        let (mut client, mut server, _) = pair();
        let begun = Instant::now();
        let trickle = tokio::spawn(async move {
            while client.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
        });
        let failed = async {
            loop {
                server.read_exact(&mut [0]).await?;
            }
        };
        assert_about(fails_after(begun, failed).await, HEADER);
        drop(server);
        trickle.await.expect("no panic");
    }

    #[tokio::test(start_paused = true)]
    async fn between_requests_a_client_has_the_idle_time_and_then_the_header_time() {
        let (mut client, mut server, activity) = pair();
        client.write_all(b"first").await.expect("room");
        server.read_exact(&mut [0; 5]).await.expect("there is something");
        let in_flight = activity.begin(false);
        // The wait for what comes behind the request.
        assert!(tokio::time::timeout(Duration::from_secs(1), server.read(&mut [0; 8])).await.is_err());
        drop(in_flight);
        assert!(tokio::time::timeout(Duration::from_secs(40), server.read(&mut [0; 8])).await.is_err());
        client.write_all(b"second").await.expect("room");
        server.read_exact(&mut [0; 6]).await.expect("there is something");
        assert_about(fails_after(Instant::now(), server.read(&mut [0; 8])).await, HEADER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_has_the_idle_time() {
        let (_client, mut server, activity) = pair();
        let _in_flight = activity.begin(false);
        assert_eq!(server.write(&[0; 16]).await.expect("room"), 16);
        assert_about(fails_after(Instant::now(), server.write(&[0; 16])).await, IDLE);
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_between_the_requests_of_http2_start_no_clock() {
        let (mut client, mut server, activity) = pair();
        drop(activity.begin(true));
        client.write_all(b"ping").await.expect("room");
        server.read_exact(&mut [0; 4]).await.expect("there is something");
        assert_about(fails_after(Instant::now(), server.read(&mut [0; 8])).await, IDLE);
    }
}
