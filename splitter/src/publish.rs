//! A cut goes up into object storage, and is visible there only once all of it is there: a finished one from its directory, or one
//! that is made while it is sent (`film`).
//!
//! 1. Read the manifest; list what it names, and the playlists that belong to it.
//! 2. Below the content id, several files at once: look whether the file lies there as it should; if not, send it and look
//!    again. What was killed half-way goes on from there, since what is there is not sent again.
//! 3. Then the files at the top that name it, one after the other, the manifest last.
//!
//! The names are those of a directory. What belongs to earlier cuts is left alone. A film that may be watched while it goes up has
//! manifests of what is there before step 3 (`growing`).

mod files;
mod film;
mod growing;
mod leftovers;
mod prune;
mod sending;

use std::fs;
use std::path::{Path, PathBuf};

use manifest::Digest;
use serde::Serialize;
use store::{Address, Environment, Patience, Scheme, Store, Waits};
use tokio::runtime::Runtime;

use crate::{ByteSize, Error, Progress, Stop};
use files::Files;

pub(crate) use files::{MANIFEST, fields, fields_by};
pub(crate) use leftovers::is_of_a_cut;

pub use film::{Cut, cut, preview_cut};
pub use prune::prune;

/// What to publish, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// The directory that a film was cut into; not used where one is cut while it is sent.
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
    /// Have manifests name what is there while more is sent, so that the film can be watched meanwhile.
    pub progressive: bool,
    /// How long the store is asked again.
    pub patience: Patience,
    /// The largest file that goes in one request, in bytes, where the store is S3.
    pub largest_put: u64,
    /// Says what is waited for; progress is told of it, too.
    pub waits: Waits,
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
            progressive: false,
            patience: store.patience,
            largest_put: store.largest_put,
            waits: store.waits,
            stop: Stop::default(),
        }
    }

    pub(crate) fn open(&self) -> Result<Store, Error> {
        let options = store::Options {
            limit_rate: self.limit_rate.map(|rate| rate.0),
            patience: self.patience,
            largest_put: self.largest_put,
            waits: self.waits.clone(),
            stop: self.stop.flag(),
            ..store::Options::default()
        };
        Ok(Store::open(&self.address, &self.environment, options)?)
    }

    /// Opens a place to look at what lies there: no directory is made for that.
    pub(crate) fn open_there(&self) -> Result<Store, Error> {
        if self.address.scheme == Scheme::File {
            let directory = Path::new(&self.address.prefix);
            fs::metadata(directory).map_err(Error::io("read", directory))?;
        }
        self.open()
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
    let files = Files::of_directory(&options.directory)?;
    sending::send(options, files, progress, is_preview)
}

/// Where a store is talked to.
pub(crate) fn runtime() -> Result<Runtime, Error> {
    let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    threads.map_err(Error::io("start threads for", Path::new("the store")))
}
