//! A cut in a store, read as a file is.

use std::io::{self, Read};
use std::sync::Arc;

use futures_util::StreamExt;
use store::{Body, Store, Waits};
use tokio::runtime::Runtime;

use crate::{Error, publish};

/// A store, and the threads that talk to it. Cheap to clone, shared by threads.
#[derive(Clone, Debug)]
pub struct Bucket {
    store: Store,
    waits: Waits,
    runtime: Arc<Runtime>,
}

impl Bucket {
    pub(super) fn open(options: &publish::Options) -> Result<Self, Error> {
        Ok(Self { store: options.open_there()?, waits: options.waits.clone(), runtime: Arc::new(publish::runtime()?) })
    }

    /// Says what is waited for.
    pub(super) fn waits(&self) -> &Waits {
        &self.waits
    }

    /// Where something lies, for messages.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.store.address())
    }

    /// Opens an object.
    pub(super) fn read(&self, name: &str) -> Result<impl Read + Send + use<>, String> {
        let body = self.runtime.block_on(self.store.read(name)).map_err(|error| error.to_string())?;
        Ok(Reader { body, piece: bytes::Bytes::new(), runtime: self.runtime.clone() })
    }
}

struct Reader {
    body: Body,
    piece: bytes::Bytes,
    runtime: Arc<Runtime>,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.runtime.block_on(self.body.next()) {
                Some(piece) => self.piece = piece.map_err(io::Error::other)?,
                None => return Ok(0),
            }
        }
        let bytes = buffer.len().min(self.piece.len());
        buffer[..bytes].copy_from_slice(&self.piece.split_to(bytes));
        Ok(bytes)
    }
}
