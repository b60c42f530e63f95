//! One version of an object, and its bytes.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt, once};

use super::Bucket;
use super::small::MAX_SMALL;
use crate::fault::Fault;
use crate::identity::Identity;
use crate::range::ByteRange;

/// The bytes of a range as they come.
pub(crate) type Pieces = BoxStream<'static, io::Result<Bytes>>;

/// What was found under a name.
#[derive(Debug)]
pub(crate) struct Found {
    pub(super) name: String,
    pub(super) object: store::Object,
    identity: Identity,
}

impl Found {
    pub(super) fn new(name: &str, object: store::Object) -> Self {
        Self { name: name.to_owned(), identity: Identity::of_object(&object), object }
    }
}

/// An object as it was found. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    bucket: Bucket,
    found: Arc<Found>,
}

impl Object {
    pub(super) fn new(bucket: Bucket, found: Arc<Found>) -> Self {
        Self { bucket, found }
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.found.identity
    }

    /// What it was stored with; empty where that is nothing.
    pub(crate) fn cache_control(&self) -> &str {
        &self.found.object.fields.cache_control
    }

    /// All of it, kept for others where it is small.
    pub(crate) async fn read(&self) -> Result<Bytes, Fault> {
        if self.found.object.bytes > MAX_SMALL {
            return self.fetch_all().await;
        }
        let kept = self.bucket.0.small.of(&self.found.name, &self.found.object);
        kept.get_or_try_init(|| self.fetch_all()).await.cloned()
    }

    /// Asks for a range, which is not empty; what comes is of this version or an error. Of a small object it is at hand.
    pub(crate) async fn open(self, range: ByteRange) -> Result<Pieces, Fault> {
        if self.found.object.bytes > MAX_SMALL {
            return self.ask(range).await;
        }
        let all = self.read().await?;
        let at = |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(all.len());
        let piece = all.slice(at(range.start)..at(range.end));
        Ok(once(async move { Ok(piece) }).boxed())
    }

    async fn ask(&self, range: ByteRange) -> Result<Pieces, Fault> {
        let (inner, Found { name, object, .. }) = (&self.bucket.0, &*self.found);
        let answer = inner.in_time(inner.store.range(name, object, range.start..range.end)).await;
        inner.counts.asked(answer.as_ref().err());
        if matches!(answer, Err(Fault::Missing | Fault::Changed)) {
            self.bucket.forget(name);
        }
        let bucket = self.bucket.clone();
        let pieces = answer?.map(move |piece| match piece {
            Ok(piece) => {
                bucket.0.counts.came(piece.len());
                Ok(piece)
            }
            Err(error) => {
                let fault = Fault::from(error);
                bucket.0.counts.broke();
                Err(io::Error::other(fault))
            }
        });
        Ok(pieces.boxed())
    }

    async fn fetch_all(&self) -> Result<Bytes, Fault> {
        let bytes = self.found.object.bytes;
        if bytes == 0 {
            return Ok(Bytes::new());
        }
        let mut pieces = self.ask(ByteRange { start: 0, end: bytes }).await?;
        let mut all = Vec::new();
        while let Some(piece) = pieces.next().await {
            all.extend_from_slice(&piece.map_err(|error| Fault::Busy(error.to_string()))?);
            if all.len() as u64 > bytes {
                break;
            }
        }
        if all.len() as u64 == bytes {
            return Ok(all.into());
        }
        Err(Fault::Busy("its answer has another length than it says".to_owned()))
    }
}
