//! Where files lie: in a directory or in a bucket. The rest of the server does not tell them apart.

use std::time::Duration;

use bytes::Bytes;
use store::Environment;

use crate::bucket::{Bucket, Object};
use crate::config::Media;
use crate::error::Error;
use crate::fault::Fault;
use crate::file::OpenFile;
use crate::identity::Identity;
use crate::root::Root;

/// A place with files.
#[derive(Debug)]
pub(crate) enum Storage {
    Directory(Root),
    Bucket(Bucket),
}

/// A file that was found: one version of it, whatever happens to its name.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    File(OpenFile),
    Object(Object),
}

impl Storage {
    /// Opens a directory, or makes ready to ask a bucket, which has `patience` to answer.
    pub(crate) fn open(media: &Media, environment: &Environment, patience: Duration) -> Result<Self, Error> {
        match media {
            Media::Directory(path) => {
                Root::open(path).map(Self::Directory).map_err(|source| Error::Directory { path: path.clone(), source })
            }
            Media::Bucket(address) => Ok(Self::Bucket(Bucket::open(address, environment, patience)?)),
        }
    }

    /// Whether files can be had from it at the moment.
    pub(crate) async fn is_there(&self) -> bool {
        match self {
            Self::Directory(root) => root.is_there(),
            Self::Bucket(bucket) => bucket.is_there().await,
        }
    }

    /// Finds a file by a checked path of [`crate::path::RequestPath`]; `is_immutable` where its bytes never change under its name.
    pub(crate) async fn file(&self, path: &str, is_immutable: bool) -> Result<Content, Fault> {
        match self {
            Self::Directory(root) => Ok(Content::File(root.file(path).await?)),
            Self::Bucket(bucket) => Ok(Content::Object(bucket.object(path, is_immutable).await?)),
        }
    }

    /// What it has counted, in the format of Prometheus.
    pub(crate) fn metrics(&self) -> Option<String> {
        match self {
            Self::Directory(_) => None,
            Self::Bucket(bucket) => Some(bucket.metrics()),
        }
    }
}

impl Content {
    /// As it was when it was found.
    pub(crate) fn identity(&self) -> &Identity {
        match self {
            Self::File(file) => file.identity(),
            Self::Object(object) => object.identity(),
        }
    }

    /// The `Cache-Control` that it was stored with; `None` where the place keeps none.
    pub(crate) fn cache_control(&self) -> Option<&str> {
        match self {
            Self::File(_) => None,
            Self::Object(object) => Some(object.cache_control()),
        }
    }

    /// All of a file that has at most `most` bytes; `None` of a longer one.
    pub(crate) async fn read(&self, most: usize) -> Result<Option<Bytes>, Fault> {
        let Some(bytes) = usize::try_from(self.identity().bytes).ok().filter(|&bytes| bytes <= most) else {
            return Ok(None);
        };
        match self {
            Self::File(file) => {
                let file = file.clone();
                let read = move || {
                    let mut content = vec![0; bytes];
                    file.read_exact_at(&mut content, 0).map(|()| content)
                };
                let content = tokio::task::spawn_blocking(read).await.map_err(std::io::Error::other).flatten()?;
                Ok(Some(content.into()))
            }
            Self::Object(object) => Ok(Some(object.read().await?)),
        }
    }
}
