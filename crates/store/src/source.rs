//! What is to be written: a file, or bytes that are at hand.

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
}

/// A source that is being read.
pub(crate) enum Reading {
    File { file: File, path: PathBuf },
    Bytes(Bytes),
}

impl Source {
    pub(crate) async fn open(&self) -> Result<Reading, Error> {
        match self {
            Self::Bytes(bytes) => Ok(Reading::Bytes(bytes.clone())),
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
        }
    }

    /// The first `bytes` of it as the body of a request, which has a `Content-Length` of as many: where the file is shorter by
    /// now, the request breaks off.
    ///
    /// `digest` is set to that of all that was read, once it was.
    pub(crate) async fn body(&self, bytes: u64, digest: Arc<OnceLock<Digest>>) -> Result<Outgoing, Error> {
        let reading = self.open().await?;
        if let Reading::Bytes(all) = reading {
            let _ = digest.set(Digest(Sha256::digest(&all).into()));
            return Ok(Full::new(all).map_err(|never| match never {}).boxed_unsync());
        }
        let pieces = stream::try_unfold((reading, bytes, Sha256::new()), move |(mut reading, left, mut hash)| {
            let digest = digest.clone();
            async move {
                let most = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
                let broken = |cause| HttpError::new(HttpErrorKind::Unknown, cause);
                let piece = reading.next(most).await.map_err(broken)?;
                hash.update(&piece);
                let left = left - piece.len() as u64;
                if left == 0 {
                    let _ = digest.set(Digest(hash.clone().finalize().into()));
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
        }
    }
}

fn named(path: &std::path::Path, cause: &io::Error) -> io::Error {
    io::Error::new(cause.kind(), format!("{}: {cause}", path.display()))
}
