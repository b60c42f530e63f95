//! Sending what is not there, several files at once.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use manifest::whole_id;
use store::{Fields, Scheme, Store};
use tokio::sync::watch;

use super::files::{Files, Upload};
use super::growing::{Growing, Grown};
use super::{Options, Published, SentFile, leftovers, runtime};
use crate::{Error, Progress, Stop, directory, waits};

/// Least time between two manifests of a film that grows: R2 takes one write a second to a name.
const GROWTH: Duration = Duration::from_secs(2);

/// Sends what is not there; with `is_preview` it only says what that would be.
pub(super) fn send(
    options: &Options,
    files: Files,
    progress: &dyn Progress,
    is_preview: bool,
) -> Result<Published, Error> {
    progress.sending(files.bytes());
    let id = files.document.id.clone();
    let runtime = runtime()?;
    let held = if is_preview { None } else { leftovers::hold(options)? };
    let publisher = Publisher {
        store: options.open()?,
        jobs: options.jobs.clamp(1, 64),
        read_back: options.read_back,
        is_preview,
        stop: options.stop.clone(),
        done: Mutex::default(),
    };
    if let Some(held) = &held {
        runtime.block_on(leftovers::forget(&publisher.store, &id, held))?;
    }
    let is_progressive = options.progressive && !is_preview;
    let sending = with_progress(publisher.all(files, is_progressive), &publisher.done, progress);
    waits::told(&options.waits, progress, || runtime.block_on(sending))?;
    let Done { sent, kept, kept_bytes, .. } =
        publisher.done.into_inner().expect("no thread panics while it holds this");
    let sent_bytes = sent.iter().map(|file| file.bytes).sum();
    Ok(Published { url: options.address.to_string(), id, sent, sent_bytes, kept, kept_bytes })
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
    /// How many files are sent at once.
    jobs: usize,
    read_back: bool,
    is_preview: bool,
    stop: Stop,
    done: Mutex<Done>,
}

impl Publisher {
    async fn all(&self, files: Files, is_progressive: bool) -> Result<(), Error> {
        let Files { document, small, chunks, top } = files;
        self.each(small, |_| ()).await?;
        let mut growing = match is_progressive {
            true => Growing::begin(&document, &self.store).await?,
            false => None,
        };
        let (tell, news) = watch::channel(None);
        let chunks = async {
            let told = self.each(chunks, |file| {
                if let Some(grown) = growing.as_mut().and_then(|growing| growing.note(&file.name)) {
                    tell.send_replace(Some(grown));
                }
            });
            let told = told.await;
            // Nothing more is to come.
            drop(tell);
            told
        };
        let (sent, grown) = tokio::join!(chunks, self.grow(news));
        match (sent, grown) {
            // Whoever was asked to stop had nothing go wrong.
            (Err(Error::Store(store::Error::Interrupted)), Err(grown)) => return Err(grown),
            (sent, grown) => sent.and(grown)?,
        }
        for file in top {
            self.bring(&file).await?;
        }
        self.date(&document.id)
    }

    /// Where it is a directory, its manifest is no older than what it names.
    fn date(&self, id: &str) -> Result<(), Error> {
        let address = self.store.address();
        if address.scheme != Scheme::File || self.is_preview {
            return Ok(());
        }
        let place = Path::new(&address.prefix);
        directory::date(&place.join("manifest.json"), &place.join(whole_id(id)))
    }

    /// Brings files, in about their order; tells of each that is there.
    async fn each(&self, files: Vec<Upload>, mut there: impl FnMut(&Upload)) -> Result<(), Error> {
        let brought = |file: Upload| async move { self.bring(&file).await.map(|()| file) };
        let mut all = stream::iter(files).map(brought).buffer_unordered(self.jobs);
        let mut done = Ok(());
        while let Some(result) = all.next().await {
            match result {
                Ok(file) => there(&file),
                Err(error) => {
                    // What else is under way ends by itself, so that it can clean up behind itself.
                    self.stop.ask();
                    done = done.and(Err(error));
                }
            }
        }
        done
    }

    /// Replaces the manifest by what is told, until nobody tells any more.
    async fn grow(&self, mut news: watch::Receiver<Option<Grown>>) -> Result<(), Error> {
        while news.changed().await.is_ok() {
            let Some(grown) = news.borrow_and_update().clone() else { continue };
            let Grown { manifest: Upload { name, source, sha256, .. }, fields } = grown;
            let nobody: Arc<dyn Fn(i64) + Send + Sync> = Arc::new(|_| ());
            if let Err(error) = self.store.put(&name, &source, sha256, &fields, false, &nobody).await {
                self.stop.ask();
                return Err(error.into());
            }
            tokio::time::sleep(GROWTH).await;
        }
        Ok(())
    }

    /// Sees to it that a file lies there as it should.
    async fn bring(&self, file: &Upload) -> Result<(), Error> {
        if self.stop.is_asked() {
            return Err(store::Error::Interrupted.into());
        }
        let Upload { name, source, bytes, sha256 } = file;
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
