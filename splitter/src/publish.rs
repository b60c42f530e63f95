//! A finished cut goes up into object storage, and is visible there only once all of it is there.
//!
//! 1. Read the manifest; list what it names, and the playlists that belong to it.
//! 2. Below the content id, several files at once: look whether the file lies there as it should; if not, send it and look
//!    again. What was killed half-way goes on from there, since what is there is not sent again.
//! 3. Then the files at the top that name it, one after the other, the manifest last.
//!
//! The names are those of the directory. What belongs to earlier cuts is left alone.

mod files;
mod prune;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use manifest::Digest;
use serde::Serialize;
use store::{Address, Environment, Fields, Patience, Store};
use tokio::runtime::Runtime;

use crate::{ByteSize, Error, Progress, Stop};
use files::{Files, Upload};

pub use prune::prune;

/// What to publish, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory that a film was cut into.
    pub directory: PathBuf,
    /// Where it goes.
    pub address: Address,
    /// Where keys come from.
    pub environment: Environment,
    /// The most bytes to send in a second.
    pub limit_rate: Option<ByteSize>,
    /// How many files are sent at once.
    pub jobs: usize,
    /// Read every file back after it was sent.
    pub read_back: bool,
    /// How long the store is asked again.
    pub patience: Patience,
    /// The largest file that goes in one request, in bytes, where the store is S3.
    pub largest_put: u64,
    /// Whether somebody wants it to end.
    pub stop: Stop,
}

impl Options {
    /// Four files at once, no cap, keys from the environment of this process.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>, address: Address) -> Self {
        let store = store::Options::default();
        Self {
            directory: directory.into(),
            address,
            environment: Environment::of_process(),
            limit_rate: None,
            jobs: 4,
            read_back: false,
            patience: store.patience,
            largest_put: store.largest_put,
            stop: Stop::default(),
        }
    }

    pub(crate) fn open(&self) -> Result<Store, Error> {
        let options = store::Options {
            limit_rate: self.limit_rate.map(|rate| rate.0),
            patience: self.patience,
            largest_put: self.largest_put,
            stop: self.stop.flag(),
        };
        Ok(Store::open(&self.address, &self.environment, options)?)
    }
}

/// What was published, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    /// Where it is.
    pub url: String,
    /// The content id.
    pub id: String,
    /// What was sent, in the order in which it was done.
    pub sent: Vec<SentFile>,
    /// Bytes of them together.
    pub sent_bytes: u64,
    /// Files that lay there already as they should.
    pub kept: usize,
    /// Bytes of them together.
    pub kept_bytes: u64,
}

/// One file that was sent, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentFile {
    /// Below the address.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its digest, which the store keeps with it as `sha256`.
    pub sha256: Digest,
    /// `Content-Type`.
    pub content_type: String,
    /// `Cache-Control`.
    pub cache_control: String,
}

/// Publishes a cut.
///
/// # Errors
/// When there is no whole cut, the store refuses or cannot be reached, or it was asked to stop. What players are given is then
/// what it was before.
pub fn publish(options: &Options, progress: &dyn Progress) -> Result<Published, Error> {
    run(options, progress, false)
}

/// Says what [`publish`] would send, and sends nothing; the store is asked what it has.
///
/// # Errors
/// Those of [`publish`].
pub fn preview(options: &Options) -> Result<Published, Error> {
    run(options, &(), true)
}

fn run(options: &Options, progress: &dyn Progress, is_preview: bool) -> Result<Published, Error> {
    let files = Files::of(&options.directory)?;
    progress.planned(files.bytes());
    let runtime = runtime()?;
    let store = options.open()?;
    let publisher = Publisher {
        store,
        read_back: options.read_back,
        is_preview,
        stop: options.stop.clone(),
        done: Mutex::default(),
    };
    let (below, top) = (files.below, files.top);
    runtime.block_on(async {
        let work = publisher.all(below, top, options.jobs.clamp(1, 64));
        with_progress(work, &publisher.done, progress).await
    })?;
    let Done { sent, kept, kept_bytes, .. } =
        publisher.done.into_inner().expect("no thread panics while it holds this");
    let sent_bytes = sent.iter().map(|file| file.bytes).sum();
    Ok(Published { url: options.address.to_string(), id: files.id, sent, sent_bytes, kept, kept_bytes })
}

/// Where a store is talked to.
pub(crate) fn runtime() -> Result<Runtime, Error> {
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    threads.map_err(Error::io("start threads for", Path::new("the store")))
}

/// What has been done so far.
#[derive(Debug, Default)]
struct Done {
    sent: Vec<SentFile>,
    kept: usize,
    kept_bytes: u64,
    /// Bytes that were handed to the network, those in vain taken back, and bytes that were there.
    moved: Arc<AtomicU64>,
}

/// Tells how it goes while something is done: what sends lives in other threads than who listens.
async fn with_progress<T>(work: impl Future<Output = T>, done: &Mutex<Done>, progress: &dyn Progress) -> T {
    let moved = done.lock().expect("no thread panics while it holds this").moved.clone();
    let mut told = 0;
    let mut tell = || {
        let now = moved.load(Ordering::Relaxed);
        if now >= told {
            progress.written(now - told);
        } else {
            progress.unwritten(told - now);
        }
        told = now;
    };
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            result = &mut work => {
                tell();
                return result;
            }
            _ = ticks.tick() => tell(),
        }
    }
}

struct Publisher {
    store: Store,
    read_back: bool,
    is_preview: bool,
    stop: Stop,
    done: Mutex<Done>,
}

impl Publisher {
    async fn all(&self, below: Vec<Upload>, top: Vec<Upload>, jobs: usize) -> Result<(), Error> {
        let mut all = stream::iter(below).map(|file| self.bring(file)).buffer_unordered(jobs);
        let mut done = Ok(());
        while let Some(result) = all.next().await {
            if done.is_ok() && result.is_err() {
                // What else is under way ends by itself, so that it can clean up behind itself.
                self.stop.ask();
                done = result;
            }
        }
        done?;
        for file in top {
            self.bring(file).await?;
        }
        Ok(())
    }

    /// Sees to it that a file lies there as it should.
    async fn bring(&self, file: Upload) -> Result<(), Error> {
        if self.stop.is_asked() {
            return Err(store::Error::Interrupted.into());
        }
        let Upload { name, source, bytes, sha256 } = &file;
        let fields = file.fields();
        let moved = self.done.lock().expect("no thread panics while it holds this").moved.clone();
        if self.store.has(name, *bytes, *sha256, &fields).await? {
            moved.fetch_add(*bytes, Ordering::Relaxed);
            let mut done = self.done.lock().expect("no thread panics while it holds this");
            done.kept += 1;
            done.kept_bytes += bytes;
            return Ok(());
        }
        if !self.is_preview {
            let sent: Arc<dyn Fn(i64) + Send + Sync> = Arc::new(move |bytes| {
                // What is taken back was added before.
                moved.fetch_add(bytes as u64, Ordering::Relaxed);
            });
            self.store.put(name, source, *sha256, &fields, self.read_back, &sent).await?;
        }
        let Fields { content_type, cache_control } = fields;
        let sent = SentFile { name: name.clone(), bytes: *bytes, sha256: *sha256, content_type, cache_control };
        self.done.lock().expect("no thread panics while it holds this").sent.push(sent);
        Ok(())
    }
}
