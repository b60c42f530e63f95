//! What a response carries.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::task::JoinHandle;

use crate::direct::{self, Outbox};
use crate::file::OpenFile;
use crate::piece::{PIECE_BYTES, Piece};
use crate::range::ByteRange;

/// A body of known length: pieces of memory and pieces of one file, in order.
#[derive(Debug, Default)]
pub struct Body {
    parts: std::collections::VecDeque<Part>,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    /// Whether the files are known never to be written over.
    is_immutable: bool,
    outbox: Option<Outbox>,
}

#[derive(Debug)]
enum Part {
    Memory(Bytes),
    File(OpenFile, ByteRange),
}

impl Body {
    /// No bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// A range of a file.
    #[must_use]
    pub(crate) fn file(file: OpenFile, range: ByteRange) -> Self {
        Self::empty().then_file(file, range)
    }

    /// Followed by bytes from memory.
    #[must_use]
    pub fn then(mut self, bytes: impl Into<Bytes>) -> Self {
        self.parts.push_back(Part::Memory(bytes.into()));
        self
    }

    /// Followed by a range of a file.
    #[must_use]
    pub(crate) fn then_file(mut self, file: OpenFile, range: ByteRange) -> Self {
        self.parts.push_back(Part::File(file, range));
        self
    }

    /// Of files that are known never to be written over in place.
    #[must_use]
    pub(crate) fn immutable(mut self, is_immutable: bool) -> Self {
        self.is_immutable = is_immutable;
        self
    }

    /// Lets the socket take file bytes from where they are, if that is safe: bytes that lie in a socket's buffer are those
    /// of the file, and would change with it.
    pub(crate) fn send_by(&mut self, outbox: &Outbox) {
        if self.is_immutable {
            self.outbox = Some(outbox.clone());
        }
    }

    /// How many bytes are still to come.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(Part::bytes).sum()
    }
}

impl Part {
    fn bytes(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File(_, range) => range.bytes(),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(reading) = &mut self.reading {
            let piece = ready!(Pin::new(reading).poll(context)).map_err(io::Error::other).flatten();
            self.reading = None;
            return Poll::Ready(Some(piece.map(|piece| self.deliver(piece))));
        }
        match self.parts.front() {
            None => Poll::Ready(None),
            Some(Part::Memory(_)) => {
                let Some(Part::Memory(bytes)) = self.parts.pop_front() else { unreachable!("the front was looked at") };
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Some(Part::File(file, range)) => {
                if let Some(outbox) = &self.outbox {
                    let length = usize::try_from(range.bytes()).unwrap_or(direct::LONGEST).min(direct::LONGEST);
                    // A short one goes with its head, in one call.
                    if length >= PIECE_BYTES && file.is_cached_at(range.start, length) {
                        let sent = ByteRange { start: range.start, end: range.start + length as u64 };
                        let piece = outbox.put(file.clone(), sent);
                        return Poll::Ready(Some(Ok(self.deliver(piece))));
                    }
                }
                let length = usize::try_from(range.bytes()).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
                let (file, offset, mut piece) = (file.clone(), range.start, Piece::new());
                match file.read_cached_at(piece.room(length), offset) {
                    Err(error) => Poll::Ready(Some(Err(error))),
                    Ok(0) => {
                        self.reading = Some(tokio::task::spawn_blocking(move || {
                            file.read_exact_at(piece.room(length), offset)?;
                            Ok(piece.into_bytes(length))
                        }));
                        self.poll_frame(context)
                    }
                    Ok(read) => Poll::Ready(Some(Ok(self.deliver(piece.into_bytes(read))))),
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.bytes() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes())
    }
}

impl Body {
    /// Takes a piece of the front file off what is still to come.
    fn deliver(&mut self, piece: Bytes) -> Frame<Bytes> {
        if let Some(Part::File(_, range)) = self.parts.front_mut() {
            range.start += piece.len() as u64;
            if range.start == range.end {
                self.parts.pop_front();
            }
        }
        Frame::data(piece)
    }
}
