//! A film's place in object storage: S3 and what speaks like it, R2, GCS, Azure, or a directory.
//!
//! [`Store`] writes files under names below a prefix, and looks at what lies there. To S3 a file goes in one PUT, streamed from
//! the disk and signed with its SHA-256, so that the store itself refuses what is not that file: this holds for R2, too, which
//! refuses other checksums. To others, and where it is too large for one, it goes in equal parts.
//!
//! Nothing here knows of films, prints, or keeps anything on the disk.

mod address;
mod body;
mod connection;
mod environment;
mod error;
mod leftovers;
mod limit;
mod open;
mod reading;
mod retry;
mod source;
mod uploads;
mod waits;
mod writing;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use manifest::Digest;
use object_store::path::Path;
use object_store::{Attribute, GetOptions, ObjectStore, ObjectStoreExt};
use sha2::{Digest as _, Sha256};

pub use address::{Address, NoAddress, Scheme};
pub use environment::Environment;
pub use error::Error;
pub use leftovers::Leftover;
pub use retry::Patience;
pub use source::{Made, Pieces, Source};
pub use waits::{Wait, Waits};
pub use writing::{Fields, Object};

use connection::{Connection, Stopped};
use error::{Failure, Refusal};
use open::S3;
use uploads::Uploads;

/// The name of the metadata that holds the SHA-256 of an object, as hexadecimal digits (`x-amz-meta-sha256`).
const DIGEST: &str = "sha256";

/// Attempts after which a store that finds the time of each wrong is believed.
const TIMELY: u32 = 2;

/// How a store is talked to.
#[derive(Clone, Debug)]
pub struct Options {
    /// The most bytes sent in a second, all requests together.
    pub limit_rate: Option<u64>,
    /// How long it is asked again.
    pub patience: Patience,
    /// How long it may say nothing, and take nothing, before an attempt counts as failed.
    pub silence: Duration,
    /// The largest object that is sent in one PUT, where the store is S3; larger ones go in parts.
    pub largest_put: u64,
    /// Says what is waited for.
    pub waits: Waits,
    /// Set by whoever wishes that everything ends soon.
    pub stop: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        // The limit of S3 and R2 alike.
        Self {
            limit_rate: None,
            patience: Patience::default(),
            // An answer to a whole file may take its time, since the store writes it in several places first.
            silence: Duration::from_secs(60),
            largest_put: 5_000_000_000,
            waits: Waits::default(),
            stop: Arc::default(),
        }
    }
}

/// A place in a store. Cheap to clone; works on the tokio runtime that it is used on.
#[derive(Clone, Debug)]
pub struct Store {
    address: Address,
    objects: Arc<dyn ObjectStore>,
    /// The same, where it is S3.
    s3: Option<S3>,
    /// Where it lists uploads in parts.
    uploads: Option<Uploads>,
    connection: Connection,
    options: Options,
}

/// An object as it comes.
pub type Body = BoxStream<'static, Result<Bytes, Error>>;

/// One name that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Below the prefix.
    pub name: String,
    /// The length of the object.
    pub bytes: u64,
}

impl Store {
    /// Makes ready to talk to a store; nothing is asked yet.
    ///
    /// # Errors
    /// [`Error::NoKeys`] and [`Error::Settings`]; [`Error::Io`] for a directory that cannot be made.
    pub fn open(address: &Address, environment: &Environment, options: Options) -> Result<Self, Error> {
        let settings = |why| Error::Settings { place: address.to_string(), why };
        let connection =
            Connection::new(options.limit_rate, options.silence, options.stop.clone()).map_err(settings)?;
        let (objects, s3, uploads): (Arc<dyn ObjectStore>, _, _) = match address.scheme {
            Scheme::S3 | Scheme::R2 => {
                let s3 = open::s3(address, environment, connection.clone())?;
                (s3.objects.clone(), Some(s3.clone()), Some(Uploads::S3(s3)))
            }
            Scheme::Gs => {
                let (objects, bucket) = open::google(address, environment, connection.clone())?;
                let objects = Arc::new(objects);
                (objects.clone(), None, Some(Uploads::Google(objects, bucket)))
            }
            Scheme::Az => (Arc::new(open::azure(address, environment, connection.clone())?), None, None),
            Scheme::File => (Arc::new(open::directory(address)?), None, None),
        };
        Ok(Self { address: address.clone(), objects, s3, uploads, connection, options })
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Whether objects carry their digest, type and cache rules. A directory's files do not.
    #[must_use]
    pub fn keeps_fields(&self) -> bool {
        self.address.scheme != Scheme::File
    }

    /// What lies under a name, if anything does.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::GaveUp`], [`Error::Interrupted`].
    pub async fn head(&self, name: &str) -> Result<Option<Object>, Error> {
        let key = self.key(name);
        self.patiently("look at", name, || async {
            let options = GetOptions { head: true, ..GetOptions::default() };
            match self.objects.get_opts(&key, options).await {
                Ok(found) => {
                    let attribute = |key: Attribute| found.attributes.get(&key).map(|value| value.as_ref().to_owned());
                    Ok(Some(Object {
                        bytes: found.meta.size,
                        modified: Some(found.meta.last_modified.into()),
                        etag: found.meta.e_tag.clone(),
                        digest: attribute(Attribute::Metadata(DIGEST.into())).and_then(|text| text.parse().ok()),
                        fields: Fields {
                            content_type: attribute(Attribute::ContentType).unwrap_or_default(),
                            cache_control: attribute(Attribute::CacheControl).unwrap_or_default(),
                        },
                    }))
                }
                Err(error) => match failure(&error) {
                    Failure::Missing => Ok(None),
                    failure => Err(failure),
                },
            }
        })
        .await
    }

    /// All of a small object, such as a manifest.
    ///
    /// # Errors
    /// Those of [`Self::head`], and [`Error::Missing`]; [`Error::TooLarge`] for one of more than `most` bytes.
    pub async fn bytes(&self, name: &str, most: u64) -> Result<Bytes, Error> {
        let key = self.key(name);
        self.patiently("read", name, || async {
            let found = self.objects.get(&key).await.map_err(|error| failure(&error))?;
            if found.meta.size > most {
                let place = self.address.to_string();
                return Err(Failure::Own(Error::TooLarge { place, name: name.to_owned(), most }));
            }
            found.bytes().await.map_err(|error| failure(&error))
        })
        .await
    }

    /// An object as it comes. A connection that breaks in the middle of it is an error there.
    ///
    /// # Errors
    /// Those of [`Self::head`], and [`Error::Missing`].
    pub async fn read(&self, name: &str) -> Result<Body, Error> {
        let key = self.key(name);
        let found =
            self.patiently("read", name, || async { self.objects.get(&key).await.map_err(|error| failure(&error)) });
        Ok(found.await?.into_stream().map_err(self.broken(name)).boxed())
    }

    /// Reads an object to its end: its length and the digest of what came.
    ///
    /// # Errors
    /// Those of [`Self::head`], and [`Error::Missing`].
    pub async fn digest(&self, name: &str) -> Result<(u64, Digest), Error> {
        let key = self.key(name);
        self.patiently("read", name, || async {
            let found = self.objects.get(&key).await.map_err(|error| failure(&error))?;
            let (mut body, mut hash, mut bytes) = (found.into_stream(), Sha256::new(), 0);
            while let Some(piece) = body.next().await {
                let piece = piece.map_err(|error| failure(&error))?;
                hash.update(&piece);
                bytes += piece.len() as u64;
            }
            Ok((bytes, Digest(hash.finalize().into())))
        })
        .await
    }

    /// Every name that begins with `beginning`, as the store lists them.
    ///
    /// # Errors
    /// Those of [`Self::head`].
    pub async fn list(&self, beginning: &str) -> Result<Vec<Entry>, Error> {
        let prefix = self.key(beginning);
        let base = self.key("");
        self.patiently("list", beginning, || async {
            let all: Vec<_> = self.objects.list(Some(&prefix)).try_collect().await.map_err(|error| failure(&error))?;
            let name = |path: &Path| {
                let parts = path.prefix_match(&base)?;
                Some(parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/"))
            };
            Ok(all.iter().filter_map(|found| Some(Entry { name: name(&found.location)?, bytes: found.size })).collect())
        })
        .await
    }

    /// Removes an object; one that is not there is no error.
    ///
    /// # Errors
    /// Those of [`Self::head`].
    pub async fn delete(&self, name: &str) -> Result<(), Error> {
        let key = self.key(name);
        self.patiently("remove", name, || async {
            match self.objects.delete(&key).await.map_err(|error| failure(&error)) {
                Ok(()) | Err(Failure::Missing) => Ok(()),
                Err(failure) => Err(failure),
            }
        })
        .await
    }

    /// What it comes to that a body breaks off.
    fn broken(&self, name: &str) -> impl Fn(object_store::Error) -> Error + Send + 'static {
        let (place, name) = (self.address.to_string(), name.to_owned());
        move |error| {
            let why = match failure(&error) {
                Failure::Passing(why) => why,
                Failure::Own(error) => return error,
                _ => "the connection broke".to_owned(),
            };
            Error::GaveUp { place: place.clone(), action: "read", name: name.clone(), attempts: 1, why }
        }
    }

    /// A name below the prefix, as the store has it.
    fn key(&self, name: &str) -> Path {
        match self.address.scheme {
            Scheme::File => Path::from(name),
            _ => Path::from(format!("{}/{name}", self.address.prefix)),
        }
    }

    /// Tries until it goes well, is refused, has been tried often enough, or everything is to stop.
    async fn patiently<T, F>(
        &self,
        action: &'static str,
        name: &str,
        mut attempt: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let place = || self.address.to_string();
        let name = if name.is_empty() { "the bucket" } else { name };
        let mut attempts = 0;
        loop {
            attempts += 1;
            let why = match attempt().await {
                Ok(done) => return Ok(done),
                Err(Failure::Own(error)) => return Err(error),
                Err(Failure::Missing) => return Err(Error::Missing { place: place(), name: name.to_owned() }),
                // Signed before a machine slept, it is too old when it comes; the next one is signed by then.
                Err(Failure::Refused(refusal)) if refusal.is_of_another_time() && attempts < TIMELY => refusal.said(),
                Err(Failure::Refused(refusal)) => {
                    let (remedy, Refusal { status, code }) = (refusal.remedy(), refusal);
                    return Err(Error::Refused { place: place(), action, name: name.to_owned(), status, code, remedy });
                }
                Err(Failure::Disk(why)) if self.address.scheme == Scheme::File => {
                    return Err(Error::Directory { place: place(), action, name: name.to_owned(), why });
                }
                Err(Failure::Altered) => "what came is not what was sent".to_owned(),
                Err(Failure::Disk(why) | Failure::Passing(why)) => why,
            };
            self.check_stop()?;
            if attempts >= self.options.patience.attempts {
                return Err(Error::GaveUp { place: place(), action, name: name.to_owned(), attempts, why });
            }
            self.wait(attempts, &why).await?;
        }
    }

    async fn wait(&self, attempts: u32, why: &str) -> Result<(), Error> {
        let wait = self.options.patience.wait(attempts);
        let _told = self.options.waits.begin(why, attempts, wait);
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            () = self.connection.stopped() => Err(Error::Interrupted),
        }
    }

    fn check_stop(&self) -> Result<(), Error> {
        if self.options.stop.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { Ok(()) }
    }
}

/// Reads bytes as what a store answers, as fuzzers do.
#[doc(hidden)]
pub fn look_through(bytes: &[u8]) {
    for status in [301, 403, 404, 503] {
        let refusal = Refusal::new(status, bytes);
        let _ = (refusal.remedy(), refusal.is_of_another_time(), refusal.failure());
    }
    uploads::uploads(&String::from_utf8_lossy(bytes)).for_each(drop);
}

/// Whether somebody has to do something about a directory that says so.
fn is_of_disk(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind::{FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    matches!(kind, FileTooLarge | PermissionDenied | QuotaExceeded | ReadOnlyFilesystem | StorageFull)
}

/// What an error of the library comes to. Its own text is not passed on where it may hold an answer's body or a signed URL.
fn failure(error: &object_store::Error) -> Failure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut last = "its answer makes no sense".to_owned();
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return refusal.clone().failure();
        }
        if error.is::<Stopped>() {
            return Failure::Own(Error::Interrupted);
        }
        if let Some(error) = error.downcast_ref::<object_store::client::HttpError>()
            && let Some(source) = std::error::Error::source(error)
        {
            last = source.to_string();
        }
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            if is_of_disk(error.kind()) {
                return Failure::Disk(error.to_string());
            }
            last = error.to_string();
        }
        cause = error.source();
    }
    match error {
        object_store::Error::NotFound { .. } => Failure::Missing,
        _ => Failure::Passing(last),
    }
}
