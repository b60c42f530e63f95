//! File bytes that go to the socket without passing through this program: `sendfile`, under an HTTP library that knows
//! only buffers.
//!
//! A body hands out a buffer that *stands for* a range of a file: a slice of [`WINDOW`], which nobody reads. The range
//! waits in the connection's [`Outbox`]. The library passes the slice on as it is, since the socket takes several at once
//! and none has to be joined to another; the socket knows it by its address, and sends the range instead.
//!
//! Only for HTTP/1 without TLS, where what bodies hand out reaches the socket in the same order, and nothing in between
//! looks at it. A slice that stands for nothing breaks the connection: it is never sent. So does a range that is left when
//! the library has nothing more to write: its slice was copied, and other bytes went in its place.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::file::OpenFile;
use crate::range::ByteRange;
use crate::stream::Stream;

/// Most bytes that one slice stands for. Nothing is held for them, but other connections of the thread wait while they go.
pub(crate) const LONGEST: usize = 512 * 1024;

/// Never read and never written, so that it costs no memory.
static WINDOW: [u8; LONGEST] = [0; LONGEST];

/// The ranges of one connection that are on their way through the library.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox(Arc<Mutex<VecDeque<(OpenFile, ByteRange)>>>);

impl Outbox {
    /// A buffer that stands for a range of at most [`LONGEST`] bytes.
    pub(crate) fn put(&self, file: OpenFile, range: ByteRange) -> Bytes {
        let bytes = usize::try_from(range.bytes()).unwrap_or(LONGEST);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back((file, range));
        Bytes::from_static(&WINDOW[..bytes])
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn front(&self) -> Option<(OpenFile, ByteRange)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).front().cloned()
    }

    fn sent(&self, bytes: usize) {
        let mut ranges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, range)) = ranges.front_mut() {
            range.start += bytes as u64;
            if range.start == range.end {
                ranges.pop_front();
            }
        }
    }
}

fn stands_for_a_file(slice: &[u8]) -> bool {
    !slice.is_empty() && WINDOW.as_ptr_range().contains(&slice.as_ptr())
}

/// A socket that knows such slices.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: Stream,
    outbox: Outbox,
}

impl Socket {
    pub(crate) fn new(stream: Stream, outbox: Outbox) -> Self {
        Self { stream, outbox }
    }

    /// Sends what the front slice, of `bytes`, stands for.
    fn poll_send_file(&mut self, context: &mut Context<'_>, bytes: usize) -> Poll<io::Result<usize>> {
        let Some((file, range)) = self.outbox.front().filter(|(_, range)| range.bytes() >= bytes as u64) else {
            return Poll::Ready(Err(io::Error::other("a buffer stands for no file")));
        };
        loop {
            ready!(self.stream.poll_write_ready(context))?;
            match self.stream.try_write_io(|| file.send_to(&self.stream, range.start, bytes)) {
                Ok(sent) => {
                    self.outbox.sent(sent);
                    return Poll::Ready(Ok(sent));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if stands_for_a_file(bytes) {
            return self.poll_send_file(context, bytes.len());
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match slices.iter().position(|slice| stands_for_a_file(slice)) {
            None => Pin::new(&mut self.stream).poll_write_vectored(context, slices),
            // Whatever stands before it goes first.
            Some(at) if slices[..at].iter().any(|slice| !slice.is_empty()) => {
                Pin::new(&mut self.stream).poll_write_vectored(context, &slices[..at])
            }
            Some(at) => self.poll_send_file(context, slices[at].len()),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Called when the library has written what it held, so at the end of every body.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.outbox.is_empty() {
            tracing::error!("a body ends before what it stands for was sent; its connection is cut");
            return Poll::Ready(Err(io::Error::other("a range of a file was not sent")));
        }
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    async fn pair(outbox: Outbox) -> (Socket, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let client = TcpStream::connect(listener.local_addr().expect("bound")).await.expect("it listens");
        let (stream, _) = listener.accept().await.expect("a client");
        (Socket::new(Stream::Tcp(stream), outbox), client)
    }

    fn open(content: &[u8]) -> (tempfile::NamedTempFile, OpenFile) {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), content).expect("room");
        let opened = OpenFile::new(std::fs::File::open(file.path()).expect("it is there")).expect("a regular file");
        (file, opened)
    }

    #[tokio::test]
    async fn what_a_slice_stands_for_comes_between_its_neighbours() {
        let outbox = Outbox::default();
        let (mut socket, mut client) = pair(outbox.clone()).await;
        let (_kept, file) = open(b"0123456789");
        let first = outbox.put(file.clone(), ByteRange { start: 2, end: 5 });
        let second = outbox.put(file, ByteRange { start: 9, end: 10 });
        let sending = async move {
            for part in [&b"head "[..], &first, b" between ", &second, b" tail"] {
                let mut rest = part;
                while !rest.is_empty() {
                    let slices = [io::IoSlice::new(&[]), io::IoSlice::new(rest)];
                    let written = socket.write_vectored(&slices).await.expect("it is open");
                    rest = &rest[written..];
                }
            }
        };
        let mut received = String::new();
        let (_, read) = tokio::join!(sending, client.read_to_string(&mut received));
        read.expect("text");
        assert_eq!(received, "head 234 between 9 tail");
    }

    #[tokio::test]
    async fn a_body_whose_file_was_not_sent_breaks_its_connection() {
        let outbox = Outbox::default();
        let (mut socket, _client) = pair(outbox.clone()).await;
        let (_kept, file) = open(b"0123456789");
        let slice = outbox.put(file, ByteRange { start: 0, end: 10 });
        // As a library would that joins buffers.
        let copied = slice.to_vec();
        socket.write_all(&copied).await.expect("it is open");
        assert!(socket.flush().await.is_err(), "zeros went in place of the file");
    }

    #[tokio::test]
    async fn a_slice_that_stands_for_nothing_is_never_sent() {
        let (mut socket, mut client) = pair(Outbox::default()).await;
        assert!(socket.write(&WINDOW[..4]).await.is_err());
        assert!(socket.write_vectored(&[io::IoSlice::new(&WINDOW[..4])]).await.is_err());
        drop(socket);
        assert_eq!(client.read_to_end(&mut Vec::new()).await.expect("it ends"), 0);
    }
}
