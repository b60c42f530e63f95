//! A film goes into a store while it is cut: nothing of it is kept on the disk.
//!
//! 1. Make every chunk and keep its digests alone. With them the manifest is known, and with that the content id, which stands in
//!    the name of every file; a request to S3 is signed with the digest of its body, too.
//! 2. Ask for what is there. Make each chunk that is not once more while it is sent, a thread each. Its bytes are held
//!    against the digest of the first time: a film that has changed since is an error, and never a manifest.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;
use manifest::{Digest, Document};
use sha2::{Digest as _, Sha256};
use store::{Made, Pieces, Source};
use tempfile::TempDir;
use tokio::sync::mpsc::Sender;

use super::files::{Files, Upload};
use super::{Options, Published, runtime, sending};
use crate::beside::Beside;
use crate::chunk::{self, PIECE, Sink, Written};
use crate::cut::{checked, encoded, planned, thumbnails};
use crate::describe::{self, CutStream};
use crate::jobs::Jobs;
use crate::plan::{ChunkPlan, StreamPlan};
use crate::preview::Preview;
use crate::spool::nearest;
use crate::stream::Stream;
use crate::{Error, Progress, Report, Stop, Warning, waits};

/// Pieces of a chunk that wait to be sent; one more is being made, and one is on its way.
const WAITING: usize = 2;

/// What was cut and published.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The manifest, and what the user should know.
    pub report: Report,
    /// What was sent.
    pub published: Published,
}

/// Cuts a film into a store. Of its options [`crate::Options::out`] is where ffmpeg puts what it makes: nothing else is written there.
///
/// # Errors
/// Every [`Error`]; what players are given is then what it was before.
pub fn cut(film: &crate::Options, options: &Options, progress: &dyn Progress) -> Result<Cut, Error> {
    let side_files = checked(film)?;
    look(options, progress)?;
    planned(film, side_files, progress, true, |beside, streams, plans, warnings, _| {
        Film { film, options, beside, streams, plans, warnings, progress }.publish(false)
    })
}

/// Says what [`cut`] would write and send, and sends nothing. What would be sent is not known where ffmpeg would have to make rungs
/// first.
///
/// # Errors
/// Those of [`cut`].
pub fn preview_cut(
    film: &crate::Options,
    options: &Options,
    progress: &dyn Progress,
) -> Result<(Preview, Option<Published>), Error> {
    let side_files = checked(film)?;
    look(options, progress)?;
    planned(film, side_files, progress, false, |beside, streams, plans, warnings, rungs| {
        let is_whole = rungs.is_empty();
        let preview = Preview::new(&beside.film_tracks, streams, plans, rungs, warnings.clone());
        let film = Film { film, options, beside, streams, plans, warnings, progress };
        let published = if is_whole { Some(film.publish(true)?.published) } else { None };
        Ok((preview, published))
    })
}

/// Has the store say no before a long film is read, if that is what it says.
fn look(options: &Options, progress: &dyn Progress) -> Result<(), Error> {
    let (store, runtime) = (options.open()?, runtime()?);
    waits::told(&options.waits, progress, || runtime.block_on(store.head("manifest.json")))?;
    Ok(())
}

/// A film that is planned.
struct Film<'a> {
    film: &'a crate::Options,
    options: &'a Options,
    beside: &'a Beside,
    streams: &'a [Stream<'a>],
    plans: &'a [StreamPlan],
    warnings: Vec<Warning>,
    progress: &'a dyn Progress,
}

impl Film<'_> {
    fn publish(mut self, is_preview: bool) -> Result<Cut, Error> {
        let Self { film, options, beside, streams, plans, progress, .. } = self;
        let jobs = Jobs::new(streams, plans);
        progress.planned(jobs.bytes());
        let written = jobs.digest(progress, &film.stop)?;
        let place = nearest(&film.out);
        let pictures = TempDir::new_in(&place).map_err(Error::io("write to", &place))?;
        let thumbnails = thumbnails(film, streams, pictures.path(), progress, &mut self.warnings)?;
        let cuts = CutStream::all(streams, plans, &written);
        let document = describe::document(&cuts, beside, thumbnails.as_ref(), film.name.clone(), film.private.as_ref());
        let json = encoded(&document, &self.warnings, film)?;
        streams.iter().try_for_each(|stream| stream.input.check_unchanged())?;
        let known = Known { id: &document.id, streams, beside, written: &written, pictures: pictures.path().into() };
        let making = Making { chunks: chunks(&document, streams, plans), stop: &film.stop, fault: Mutex::default() };
        let sent = making.run(|orders| {
            let files = Files::of(document.clone(), json, |name, known_file| known.file(name, known_file, orders))?;
            sending::send(options, files, progress, is_preview)
        });
        let published = match (sent, making.fault()) {
            (Err(_), Some(fault)) => return Err(fault),
            (Err(Error::Store(store::Error::Damaged { path, .. })), _) => return Err(self.changed(&path)),
            (sent, _) => sent?,
        };
        Ok(Cut { report: Report { document, warnings: self.warnings }, published })
    }

    /// What it means that a chunk had other bytes the second time.
    fn changed(&self, chunk: &Path) -> Error {
        let of = |stream: &&Stream<'_>| chunk.components().any(|part| part.as_os_str() == &*stream.name);
        let stream = self.streams.iter().find(of);
        Error::Changed { path: stream.map_or_else(|| self.film.film.clone(), |stream| stream.input.path.clone()) }
    }
}

/// Every chunk by its name below the address.
fn chunks<'a>(
    document: &Document,
    streams: &'a [Stream<'a>],
    plans: &'a [StreamPlan],
) -> HashMap<String, (&'a Stream<'a>, &'a ChunkPlan)> {
    let entries = document.streams.iter().zip(streams).zip(plans);
    let of = |((entry, stream), plan): ((&manifest::StreamEntry, &'a Stream<'a>), &'a StreamPlan)| {
        let named = entry.chunks.iter().zip(&plan.chunks);
        named.map(|(chunk, plan)| (chunk.url.clone(), (stream, plan))).collect::<Vec<_>>()
    };
    entries.flat_map(of).collect()
}

/// What is at hand of a film whose chunks have been digested.
struct Known<'a> {
    id: &'a str,
    streams: &'a [Stream<'a>],
    beside: &'a Beside,
    written: &'a [Vec<Written>],
    /// Where ffmpeg has put thumbnails.
    pictures: PathBuf,
}

impl Known<'_> {
    /// What is to lie under a name of the manifest. What is none of the small files is a chunk, to be ordered when it is sent.
    fn file(&self, name: &str, known: Option<(u64, Digest)>, orders: &Orders) -> Result<Upload, Error> {
        let below = name.strip_prefix(self.id).and_then(|name| name.strip_prefix('/')).unwrap_or(name);
        if let Some(bytes) = self.small(below)? {
            return Ok(Upload::of_bytes(name, bytes));
        }
        let (bytes, sha256) = known.unwrap_or((0, Digest(Sha256::digest([]).into())));
        let (orders, chunk) = (orders.clone(), name.to_owned());
        let begin = Arc::new(move || {
            let (to, pieces) = tokio::sync::mpsc::channel(WAITING);
            // Where nobody takes orders any more, no piece comes, which is an error there.
            let _ = orders.send(Order { chunk: chunk.clone(), to });
            pieces
        });
        let made = Made { path: name.into(), bytes, begin: begin as Arc<dyn Fn() -> Pieces + Send + Sync> };
        Ok(Upload { name: name.to_owned(), source: Source::Made(made), bytes, sha256 })
    }

    fn small(&self, below: &str) -> Result<Option<Vec<u8>>, Error> {
        if let Some(text) = self.beside.subtitles.iter().find(|text| text.url() == below) {
            return Ok(Some(text.text.as_bytes().to_vec()));
        }
        if let Some((stream, written, file)) = self.of_stream(below) {
            if file == "init.mp4" {
                return Ok(Some(stream.init.to_vec()));
            }
            let number = file.strip_suffix(".bin").and_then(|number| number.parse::<usize>().ok()?.checked_sub(1));
            return Ok(number.and_then(|number| written.get(number)).map(|written| written.fragments.encode()));
        }
        let path = self.pictures.join(below);
        std::fs::read(&path).map(Some).map_err(Error::io("read", &path))
    }

    fn of_stream<'n>(&self, below: &'n str) -> Option<(&Stream<'_>, &[Written], &'n str)> {
        let (directory, file) = below.split_once('/')?;
        let mut streams = self.streams.iter().zip(self.written);
        streams.find(|(stream, _)| stream.name == directory).map(|(stream, written)| (stream, &written[..], file))
    }
}

/// Where it is said which chunk is to be made now.
type Orders = mpsc::Sender<Order>;

/// A chunk that is to be made.
struct Order {
    chunk: String,
    to: Sender<io::Result<Bytes>>,
}

/// What makes chunks when they are ordered.
struct Making<'a> {
    chunks: HashMap<String, (&'a Stream<'a>, &'a ChunkPlan)>,
    stop: &'a Stop,
    /// The first thing that went wrong.
    fault: Mutex<Option<Error>>,
}

impl Making<'_> {
    /// Does `work`, which may order chunks, each of which then has a thread: as many as requests are under way.
    fn run<T>(&self, work: impl FnOnce(&Orders) -> T) -> T {
        let (orders, incoming) = mpsc::channel::<Order>();
        thread::scope(|scope| {
            scope.spawn(move || {
                for order in incoming {
                    scope.spawn(move || self.make(order));
                }
            });
            let done = work(&orders);
            drop(orders);
            done
        })
    }

    fn make(&self, order: Order) {
        let Order { chunk, to } = order;
        let Some((stream, plan)) = self.chunks.get(&chunk) else { return };
        let mut sink = Pipe { to, is_closed: false };
        let Err(fault) = chunk::repeat(stream, plan, &mut sink, self.stop) else { return };
        // Where everything is to stop, its request knows that by itself.
        if !sink.is_closed && !matches!(fault, Error::Interrupted) {
            let told = io::Error::other(fault.to_string());
            self.fault.lock().expect("no thread panics while it holds this").get_or_insert(fault);
            // Its request ends with it.
            let _ = sink.to.blocking_send(Err(told));
        }
    }

    fn fault(&self) -> Option<Error> {
        self.fault.lock().expect("no thread panics while it holds this").take()
    }
}

/// Hands pieces to a request, which takes them as the network does.
struct Pipe {
    to: Sender<io::Result<Bytes>>,
    /// Whether the request is over before it had all.
    is_closed: bool,
}

impl Sink for Pipe {
    fn take(&mut self, piece: &mut Vec<u8>) -> Result<(), Error> {
        let full = std::mem::replace(piece, Vec::with_capacity(PIECE));
        self.to.blocking_send(Ok(full.into())).map_err(|_| {
            self.is_closed = true;
            Error::Interrupted
        })
    }
}
