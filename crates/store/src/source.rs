//! What is to be written: a file, bytes that are at hand, or bytes that are made while they are sent.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use manifest::Digest;
use object_store::client::{HttpError, HttpErrorKind};
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc::Receiver;

use crate::Error;
use crate::body::Outgoing;

/// Bytes that are read from a file at a time.
const PIECE: usize = 256 << 10;

/// What is to be written.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file, which is read as it is sent.
    File(PathBuf),
    /// Bytes at hand.
    Bytes(Bytes),
    /// Bytes that are made while they are sent.
    Made(Made),
}

/// The pieces of something that is being made, in order; an error ends them. Who made them stops once nobody takes them.
pub type Pieces = Receiver<io::Result<Bytes>>;

/// What is made while it is sent, and made again where it has to be sent again.
#[derive(Clone)]
pub struct Made {
    /// What it is called in messages.
    pub path: PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
    /// Begins to make it.
    pub begin: Arc<dyn Fn() -> Pieces + Send + Sync>,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made").field("path", &self.path).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// What came of reading a source for a request: the digest of what was read, once all of it was, or why it could not be.
pub(crate) type Outcome = Arc<OnceLock<io::Result<Digest>>>;

/// A source that is being read.
pub(crate) enum Reading {
    File { file: File, path: PathBuf },
    Bytes(Bytes),
    Made { pieces: Pieces, rest: Bytes, left: u64 },
}

impl Source {
    pub(crate) async fn open(&self) -> Result<Reading, Error> {
        match self {
            Self::Bytes(bytes) => Ok(Reading::Bytes(bytes.clone())),
            Self::Made(made) => Ok(Reading::Made { pieces: (made.begin)(), rest: Bytes::new(), left: made.bytes }),
            Self::File(path) => match File::open(path).await {
                Ok(file) => Ok(Reading::File { file, path: path.clone() }),
                Err(cause) => Err(Error::Io { path: path.clone(), cause }),
            },
        }
    }

    /// What it is called in messages.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            Self::Bytes(_) => PathBuf::from("what was to be written"),
            Self::Made(made) => made.path.clone(),
        }
    }

    /// The first `bytes` of it as the body of a request, which has a `Content-Length` of as many: where the file is shorter by
    /// now, the request breaks off.
    ///
    /// `outcome` is set once all of it was read, or could not be.
    pub(crate) async fn body(&self, bytes: u64, outcome: Outcome) -> Result<Outgoing, Error> {
        let reading = self.open().await?;
        if let Reading::Bytes(all) = reading {
            let _ = outcome.set(Ok(Digest(Sha256::digest(&all).into())));
            return Ok(Full::new(all).map_err(|never| match never {}).boxed_unsync());
        }
        let pieces = stream::try_unfold((reading, bytes, Sha256::new()), move |(mut reading, left, mut hash)| {
            let outcome = outcome.clone();
            async move {
                if left == 0 {
                    return Ok(None);
                }
                let most = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
                let piece = match reading.piece(most).await {
                    Ok(piece) => piece,
                    Err(cause) => {
                        let told = io::Error::new(cause.kind(), cause.to_string());
                        let _ = outcome.set(Err(cause));
                        return Err(HttpError::new(HttpErrorKind::Unknown, told));
                    }
                };
                hash.update(&piece);
                let left = left - piece.len() as u64;
                if left == 0 {
                    let _ = outcome.set(Ok(Digest(hash.clone().finalize().into())));
                }
                Ok((!piece.is_empty()).then_some((piece, (reading, left, hash))))
            }
        });
        Ok(BodyExt::boxed_unsync(StreamBody::new(pieces.map(|piece| piece.map(Frame::data)))))
    }
}

impl Reading {
    /// As many bytes as are asked for, fewer only at the end.
    pub(crate) async fn next(&mut self, bytes: usize) -> io::Result<Bytes> {
        match self {
            Self::Bytes(all) => Ok(all.split_to(bytes.min(all.len()))),
            Self::File { file, path } => {
                let mut piece = BytesMut::with_capacity(bytes);
                let mut file = file.take(bytes as u64);
                while file.read_buf(&mut piece).await.map_err(|cause| named(path, &cause))? > 0 {}
                Ok(piece.freeze())
            }
            Self::Made { pieces, rest, left } => {
                let mut gathered = BytesMut::new();
                while gathered.len() < bytes && *left > 0 {
                    gathered.extend_from_slice(&made(pieces, rest, left, bytes - gathered.len()).await?);
                }
                Ok(gathered.freeze())
            }
        }
    }

    /// At most as many bytes as are asked for, as they are at hand; none only at the end.
    async fn piece(&mut self, most: usize) -> io::Result<Bytes> {
        match self {
            Self::Made { pieces, rest, left } => made(pieces, rest, left, most).await,
            _ => self.next(most).await,
        }
    }
}

/// At most as many bytes as are asked for of what is made, of which some are `left`.
async fn made(pieces: &mut Pieces, rest: &mut Bytes, left: &mut u64, most: usize) -> io::Result<Bytes> {
    while rest.is_empty() && *left > 0 {
        *rest = pieces.recv().await.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
    }
    let piece = rest.split_to(most.min(rest.len()));
    *left = left.saturating_sub(piece.len() as u64);
    Ok(piece)
}

fn named(path: &std::path::Path, cause: &io::Error) -> io::Error {
    io::Error::new(cause.kind(), format!("{}: {cause}", path.display()))
}
