//! A range of an object on its way into a response.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream};

use super::object::{Object, Pieces};
use crate::fault::Fault;
use crate::range::ByteRange;

/// A range that is asked for when its turn comes. What comes is that range exactly, or ends with an error.
pub(crate) struct Reading {
    object: Object,
    /// What is still to come.
    range: ByteRange,
    state: State,
}

enum State {
    Closed,
    Opening(BoxFuture<'static, Result<Pieces, Fault>>),
    Open(Pieces),
}

impl Reading {
    /// Nothing is asked yet.
    pub(crate) fn new(object: Object, range: ByteRange) -> Self {
        Self { object, range, state: State::Closed }
    }

    /// How many bytes are still to come.
    pub(crate) fn bytes(&self) -> u64 {
        self.range.bytes()
    }

    /// Asks for the range, so that what is wrong is known before anything is sent.
    pub(crate) async fn open(&mut self) -> Result<(), Fault> {
        if self.bytes() > 0 {
            self.state = State::Open(self.object.clone().open(self.range).await?);
        }
        Ok(())
    }

    /// The next bytes.
    pub(crate) fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        if self.bytes() == 0 {
            return Poll::Ready(Ok(Bytes::new()));
        }
        loop {
            match &mut self.state {
                State::Closed => self.state = State::Opening(self.object.clone().open(self.range).boxed()),
                State::Opening(opening) => {
                    self.state = State::Open(ready!(opening.as_mut().poll(context)).map_err(io::Error::other)?);
                }
                State::Open(pieces) => {
                    let piece = ready!(Pin::new(pieces).poll_next(context)).unwrap_or_else(|| Err(ended()))?;
                    if piece.len() as u64 > self.range.bytes() {
                        return Poll::Ready(Err(io::Error::other("the store sends more than was asked for")));
                    }
                    self.range.start += piece.len() as u64;
                    return Poll::Ready(Ok(piece));
                }
            }
        }
    }
}

fn ended() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the store sends less than was asked for")
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("range", &self.range).finish_non_exhaustive()
    }
}
