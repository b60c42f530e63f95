//! What a response carries.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::task::JoinHandle;

use crate::bucket::Reading;
use crate::direct::{self, Outbox};
use crate::fault::Fault;
use crate::file::OpenFile;
use crate::piece::{PIECE_BYTES, Piece};
use crate::range::ByteRange;
use crate::storage::Content;

/// A body of known length: pieces of memory and pieces of one file or object, in order.
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
    Object(Reading),
}

impl Body {
    /// No bytes.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// A range of a file.
    #[must_use]
    pub(crate) fn file(file: Content, range: ByteRange) -> Self {
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
    pub(crate) fn then_file(mut self, file: Content, range: ByteRange) -> Self {
        self.parts.push_back(match file {
            Content::File(file) => Part::File(file, range),
            Content::Object(object) => Part::Object(Reading::new(object, range)),
        });
        self
    }

    /// Asks a store for what is sent first, so that what is wrong is known before the head of a response goes. Files of a directory
    /// are open anyway.
    pub(crate) async fn begin(&mut self) -> Result<(), Fault> {
        let first =
            self.parts.iter_mut().find_map(|part| if let Part::Object(reading) = part { Some(reading) } else { None });
        match first {
            Some(reading) => reading.open().await,
            None => Ok(()),
        }
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
            Self::Object(reading) => reading.bytes(),
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
        match self.parts.front_mut() {
            None => Poll::Ready(None),
            Some(Part::Memory(_)) => {
                let Some(Part::Memory(bytes)) = self.parts.pop_front() else { unreachable!("the front was looked at") };
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Some(Part::Object(reading)) => {
                let piece = ready!(reading.poll_piece(context));
                if reading.bytes() == 0 {
                    self.parts.pop_front();
                }
                Poll::Ready(Some(piece.map(Frame::data)))
            }
            Some(Part::File(file, range)) => {
                let (file, range) = (file.clone(), *range);
                if let Some(outbox) = &self.outbox {
                    let length = usize::try_from(range.bytes()).unwrap_or(direct::LONGEST).min(direct::LONGEST);
                    // A short one goes with its head, in one call.
                    if length >= PIECE_BYTES && file.is_cached_at(range.start, length) {
                        let sent = ByteRange { start: range.start, end: range.start + length as u64 };
                        let piece = outbox.put(file, sent);
                        return Poll::Ready(Some(Ok(self.deliver(piece))));
                    }
                }
                let length = usize::try_from(range.bytes()).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
                let (offset, mut piece) = (range.start, Piece::new());
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
