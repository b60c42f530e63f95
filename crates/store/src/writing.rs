//! Writing an object, and holding what then lies there against what was written.
//!
//! 1. Send it: in one PUT signed with its digest (S3, up to a limit), else in parts of equal size.
//! 2. Look at it: length, digest and fields; or read it back, where the store keeps none or the caller wants that.
//! 3. Where they differ, write it again, a few times. After an attempt that failed look first: the answer alone may be lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Request};
use manifest::Digest;
use object_store::aws::AwsAuthorizer;
use object_store::client::{HttpErrorKind, HttpRequestBody};
use object_store::path::Path;
use object_store::retry::{RetryContext, RetryFailure, RetryPolicy};
use object_store::signer::Signer;
use object_store::{Attribute, Attributes, MultipartUpload, ObjectStore, PutMultipartOptions, PutPayload};
use sha2::{Digest as _, Sha256};

use crate::connection::Connection;
use crate::error::Failure;
use crate::open::S3;
use crate::source::Outcome;
use crate::{DIGEST, Error, Patience, Source, Store, Waits, failure};

/// Parts are of this size, the last excepted. S3 takes 10,000 of at least 5 MiB, R2 only equal ones. Each that is under way is
/// held in memory.
const PART: usize = 16 << 20;
/// How often an object is written of which the store then says something else.
const WRITES: u32 = 3;

/// What an object's answers say of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// `Content-Type`.
    pub content_type: String,
    /// `Cache-Control`.
    pub cache_control: String,
}

/// What lies under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Its length.
    pub bytes: u64,
    /// When it was written.
    pub modified: Option<SystemTime>,
    /// What tells its versions apart, as the store has it; quoted.
    pub etag: Option<String>,
    /// The digest that it was written with, where it was written by a [`Store`].
    pub digest: Option<Digest>,
    /// What its answers say of it.
    pub fields: Fields,
}

/// What is to lie under a name.
#[derive(Clone, Copy, Debug)]
struct Wanted<'a> {
    bytes: u64,
    digest: Digest,
    fields: &'a Fields,
}

impl Store {
    /// Whether an object lies under a name with this length, digest and these fields. A directory's files are read for that.
    ///
    /// # Errors
    /// Those of [`Self::head`].
    pub async fn has(&self, name: &str, bytes: u64, digest: Digest, fields: &Fields) -> Result<bool, Error> {
        Ok(self.difference(name, Wanted { bytes, digest, fields }, false).await?.is_none())
    }

    /// Writes an object and holds what lies there then against it; with `read_back` every byte of it. `sent` hears of bytes
    /// that were handed to the network, and of how many of them were in vain (as a negative number) once it is tried again.
    ///
    /// # Errors
    /// Every [`Error`] but `Missing` and `NoKeys`.
    pub async fn put(
        &self,
        name: &str,
        source: &Source,
        digest: Digest,
        fields: &Fields,
        read_back: bool,
        sent: &Arc<dyn Fn(i64) + Send + Sync>,
    ) -> Result<(), Error> {
        let bytes = match source {
            Source::Bytes(all) => all.len() as u64,
            Source::Made(made) => made.bytes,
            Source::File(path) => match tokio::fs::metadata(path).await {
                Ok(metadata) => metadata.len(),
                Err(cause) => return Err(Error::Io { path: path.clone(), cause }),
            },
        };
        let wanted = Wanted { bytes, digest, fields };
        let mut what = "digest";
        for round in 0..WRITES {
            let mut is_again = false;
            let attempt = || {
                let again = std::mem::replace(&mut is_again, true);
                async move {
                    // Of an attempt that failed the answer alone may be lost; what was found wrong is written all the same.
                    let may_be_there = again && round == 0;
                    if may_be_there && self.difference(name, wanted, false).await.map_err(Failure::Own)?.is_none() {
                        sent(i64::try_from(bytes).unwrap_or(i64::MAX));
                        return Ok(());
                    }
                    self.send(name, source, wanted, sent).await
                }
            };
            self.patiently("write", name, attempt).await?;
            match self.difference(name, wanted, read_back).await? {
                None => return Ok(()),
                Some(differs) => what = differs,
            }
            sent(-i64::try_from(bytes).unwrap_or(i64::MAX));
        }
        Err(Error::Differs { place: self.address().to_string(), name: name.to_owned(), what, attempts: WRITES })
    }

    /// What of an object is not as it should be, if anything.
    async fn difference(&self, name: &str, wanted: Wanted<'_>, read: bool) -> Result<Option<&'static str>, Error> {
        let Some(found) = self.head(name).await? else { return Ok(Some("place: it is not there")) };
        if found.bytes != wanted.bytes {
            return Ok(Some("length"));
        }
        if self.keeps_fields() {
            if found.digest != Some(wanted.digest) {
                return Ok(Some("digest"));
            }
            if found.fields.content_type != wanted.fields.content_type {
                return Ok(Some("content type"));
            }
            if found.fields.cache_control != wanted.fields.cache_control {
                return Ok(Some("cache control"));
            }
        }
        if (read || !self.keeps_fields()) && self.digest(name).await? != (wanted.bytes, wanted.digest) {
            return Ok(Some("content"));
        }
        Ok(None)
    }

    /// One attempt. What it has told `sent` is taken back where it fails.
    async fn send(
        &self,
        name: &str,
        source: &Source,
        wanted: Wanted<'_>,
        sent: &Arc<dyn Fn(i64) + Send + Sync>,
    ) -> Result<(), Failure> {
        let told = Arc::new(AtomicU64::new(0));
        let tell = {
            let (sent, told) = (sent.clone(), told.clone());
            move |bytes: u64| {
                told.fetch_add(bytes, Ordering::Relaxed);
                sent(i64::try_from(bytes).unwrap_or(i64::MAX));
            }
        };
        let key = self.key(name);
        let done = match &self.s3 {
            Some(s3) if wanted.bytes <= self.options.largest_put => {
                self.send_whole(s3, &key, source, wanted, Arc::new(tell)).await
            }
            _ => self.send_in_parts(&key, source, wanted, &tell).await,
        };
        if done.is_err() {
            sent(-i64::try_from(told.load(Ordering::Relaxed)).unwrap_or(i64::MAX));
        }
        done
    }

    async fn send_whole(
        &self,
        s3: &S3,
        key: &Path,
        source: &Source,
        wanted: Wanted<'_>,
        sent: Arc<dyn Fn(u64) + Send + Sync>,
    ) -> Result<(), Failure> {
        let passing = |error: object_store::Error| failure(&error);
        // The library does not say where an object lies but in a signed URL, of which all is dropped that signs it.
        let mut url = s3.objects.signed_url(Method::PUT, key, Duration::from_secs(1)).await.map_err(passing)?;
        url.set_query(None);
        let mut request = Request::new(HttpRequestBody::empty());
        *request.method_mut() = Method::PUT;
        *request.uri_mut() = url.as_str().parse().map_err(|_| Failure::Passing("its name makes no URL".to_owned()))?;
        let digest = wanted.digest.to_string();
        let fields = [
            (CONTENT_TYPE, wanted.fields.content_type.as_str()),
            (CACHE_CONTROL, wanted.fields.cache_control.as_str()),
            (HeaderName::from_static("x-amz-meta-sha256"), &digest),
        ];
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::from_str(value) {
                request.headers_mut().insert(name, value);
            }
        }
        let credential = s3.objects.credentials().get_credential().await.map_err(passing)?;
        AwsAuthorizer::new(&credential, "s3", &s3.region)
            .try_authorize(&mut request, Some(&wanted.digest.0))
            .map_err(passing)?;
        request.headers_mut().insert(CONTENT_LENGTH, wanted.bytes.into());
        let outcome = Outcome::default();
        let body = source.body(wanted.bytes, outcome.clone()).await.map_err(Failure::Own)?;
        let answer = self.connection.send(request.map(|_| body), Some(sent)).await;
        // Whatever the store says to it.
        match outcome.get() {
            Some(Ok(read)) if *read != wanted.digest => {
                return Err(Failure::Own(Error::Damaged { path: source.path(), expected: wanted.digest }));
            }
            Some(Err(cause)) => {
                self.check_stop().map_err(Failure::Own)?;
                let cause = std::io::Error::new(cause.kind(), cause.to_string());
                return Err(Failure::Own(Error::Io { path: source.path(), cause }));
            }
            _ => {}
        }
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                let generic = object_store::Error::Generic { store: "S3", source: Box::new(error) };
                // A body that breaks off is one that could not be read, or one that was not taken.
                self.check_length(source, wanted.bytes).await?;
                return Err(failure(&generic));
            }
        };
        if answer.status().is_success() { Ok(()) } else { Err(Failure::Missing) }
    }

    async fn check_length(&self, source: &Source, bytes: u64) -> Result<(), Failure> {
        let Source::File(path) = source else { return Ok(()) };
        match tokio::fs::metadata(path).await {
            Ok(metadata) if metadata.len() == bytes => Ok(()),
            Ok(_) => {
                let cause = std::io::Error::other("its length has changed while it was sent");
                Err(Failure::Own(Error::Io { path: path.clone(), cause }))
            }
            Err(cause) => Err(Failure::Own(Error::Io { path: path.clone(), cause })),
        }
    }

    /// Sends parts of equal size one after the other: others are under way beside this one. Unless all of it comes together,
    /// the store is told to forget the parts.
    async fn send_in_parts(
        &self,
        key: &Path,
        source: &Source,
        wanted: Wanted<'_>,
        sent: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), Failure> {
        let options = PutMultipartOptions { attributes: self.attributes(wanted), ..PutMultipartOptions::default() }
            .with_retry_policy(Arc::new(PartsAgain {
                patience: self.options.patience,
                waits: self.options.waits.clone(),
                connection: self.connection.clone(),
            }));
        let passing = |error: object_store::Error| failure(&error);
        if let Some(uploads) = &self.uploads {
            uploads.forget_all(&self.connection, key).await;
        }
        let mut upload = self.objects.put_multipart_opts(key, options).await.map_err(passing)?;
        let done = self.parts(upload.as_mut(), source, wanted, sent).await;
        if done.is_err() {
            // What is not forgotten costs room, and a rule of the bucket can remove it after a day.
            let _ = upload.abort().await;
        }
        done
    }

    async fn parts(
        &self,
        upload: &mut dyn MultipartUpload,
        source: &Source,
        wanted: Wanted<'_>,
        sent: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), Failure> {
        let mut reading = source.open().await.map_err(Failure::Own)?;
        let (mut hash, mut bytes) = (Sha256::new(), 0);
        while bytes < wanted.bytes || bytes == 0 {
            let part = reading.next(PART).await;
            if part.is_err() {
                self.check_stop().map_err(Failure::Own)?;
            }
            let part = part.map_err(|cause| Failure::Own(Error::Io { path: source.path(), cause }))?;
            if part.is_empty() && bytes > 0 {
                break;
            }
            hash.update(&part);
            bytes += part.len() as u64;
            let length = part.len() as u64;
            if !self.keeps_fields() {
                self.connection.pace(part.len()).await;
            }
            upload.put_part(PutPayload::from(part)).await.map_err(|error| failure(&error))?;
            sent(length);
            self.check_stop().map_err(Failure::Own)?;
            if length == 0 {
                break;
            }
        }
        if (bytes, Digest(hash.finalize().into())) != (wanted.bytes, wanted.digest) {
            return Err(Failure::Own(Error::Damaged { path: source.path(), expected: wanted.digest }));
        }
        upload.complete().await.map(drop).map_err(|error| failure(&error))
    }

    fn attributes(&self, wanted: Wanted<'_>) -> Attributes {
        if !self.keeps_fields() {
            return Attributes::new();
        }
        [
            (Attribute::ContentType, wanted.fields.content_type.clone()),
            (Attribute::CacheControl, wanted.fields.cache_control.clone()),
            (Attribute::Metadata(DIGEST.into()), wanted.digest.to_string()),
        ]
        .into_iter()
        .collect()
    }
}

/// One part that failed is sent again, not the whole file.
#[derive(Debug)]
struct PartsAgain {
    patience: Patience,
    waits: Waits,
    connection: Connection,
}

#[async_trait]
impl RetryPolicy for PartsAgain {
    async fn retry(&self, context: RetryContext) -> bool {
        let attempts = u32::try_from(context.attempt).unwrap_or(u32::MAX);
        // The connection says `Unknown` of what will not pass.
        let why = match context.failure {
            RetryFailure::Transport(HttpErrorKind::Unknown) => return false,
            RetryFailure::Transport(HttpErrorKind::Connect) => "there is no connection to the store",
            RetryFailure::Transport(HttpErrorKind::Timeout) => "the store has fallen silent",
            _ => "the store has not taken a part",
        };
        if attempts >= self.patience.attempts {
            return false;
        }
        let wait = self.patience.wait(attempts);
        let _told = self.waits.begin(why, attempts, wait);
        tokio::select! {
            () = tokio::time::sleep(wait) => true,
            () = self.connection.stopped() => false,
        }
    }
}
