//! Digests that manifests already know, so that a chunk has the same tag on every machine that serves it.
//!
//! A manifest vouches for files below its own directory: that of one film at the root of the media, those of many in a
//! directory for each. It does so only if their lengths agree and the file was not written after the manifest: the manifest
//! is published last. An object of a bucket that was stored with its digest needs no manifest. Whatever none vouches for is
//! identified by the file system, or by the bucket. A manifest that is replaced vouches on for
//! what the next one does not name: viewers of the cut before, and edges that have half a chunk of it, go on under the same
//! tags.
//!
//! And whether a manifest names only what is there of a film that still goes up, by its id: such a one is not kept for long.

use std::collections::HashMap;
use std::iter::successors;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use manifest::{Digest, Document, VERSION, whole_id};

use crate::fault::Fault;
use crate::identity::Identity;
use crate::path::RequestPath;
use crate::storage::{Content, Storage};
use crate::validator::StrongEtag;

/// Its name, wherever the splitter publishes one.
const MANIFEST: &str = "manifest.json";
/// Most files that are remembered, of all films and their earlier cuts: those of some thousand films, in some ten megabytes.
const MAX_FILES: usize = 100_000;
/// Directories above a file that are looked into for its manifest: the splitter puts it three above a chunk.
const MAX_ABOVE: usize = 8;

/// The digests of the manifests that were read.
#[derive(Debug, Default)]
pub(crate) struct Digests {
    films: RwLock<Films>,
}

#[derive(Debug, Default)]
struct Films {
    /// By the directory of the manifest, below that of the media.
    by_directory: HashMap<String, Arc<Film>>,
    /// Of all of them together.
    files: usize,
}

/// A manifest, and those before it in the same place.
#[derive(Debug)]
struct Film {
    /// Of the manifest that was read last.
    source: Identity,
    /// By path below the manifest's directory.
    files: HashMap<String, Voucher>,
    /// Whether that manifest names only what is there of a film that still goes up.
    grows: bool,
    /// Whether the log says already that files are newer than the manifest.
    has_warned: AtomicBool,
}

/// What a manifest says of a file.
#[derive(Clone, Debug)]
struct Voucher {
    bytes: u64,
    known: Known,
    /// When the manifest was written.
    since: Option<SystemTime>,
}

/// A digest, as responses say it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The tag that is made of it.
    pub(crate) etag: StrongEtag,
    /// `Repr-Digest` (RFC 9530 section 3).
    pub(crate) repr_digest: HeaderValue,
}

impl Known {
    fn new(digest: Digest) -> Self {
        let repr_digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(digest.0));
        Self {
            etag: StrongEtag::new(format_args!("sha256-{digest}")),
            repr_digest: HeaderValue::try_from(repr_digest).expect("base64 is visible ASCII"),
        }
    }
}

impl Digests {
    /// The digest of a file below `media`, if it was stored with it or a manifest there vouches for it.
    ///
    /// # Errors
    /// Where a bucket does not say whether there is a manifest: what is then sent could have another tag a moment later, and
    /// nobody puts parts together under two tags.
    pub(crate) async fn of(&self, media: &Storage, name: &str, file: &Content) -> Result<Option<Known>, Fault> {
        if let Some(digest) = file.identity().digest {
            return Ok(Some(Known::new(digest)));
        }
        let known = self.vouch(name, file.identity());
        if known.is_some() {
            return Ok(known);
        }
        for (directory, _) in above(name) {
            let path = if directory.is_empty() { MANIFEST.to_owned() } else { format!("{directory}/{MANIFEST}") };
            let manifest = match media.file(&path, false).await {
                Ok(manifest) => manifest,
                Err(Fault::Missing | Fault::Unreadable(_)) => continue,
                Err(fault) => return Err(fault),
            };
            match self.read(directory, &manifest).await {
                Ok(_) | Err(Fault::Missing) => {}
                Err(fault) => return Err(fault),
            }
        }
        // Even if nothing was read: somebody who asked at the same time may have done it.
        Ok(self.vouch(name, file.identity()))
    }

    /// Whether a file is the manifest of a film that still goes up, by the id in it.
    ///
    /// # Errors
    /// Where it is gone, or cannot be read at the moment.
    pub(crate) async fn grows(&self, name: &str, file: &Content) -> Result<bool, Fault> {
        let (directory, file_name) = name.rsplit_once('/').unwrap_or(("", name));
        Ok(file_name == MANIFEST && self.read(directory, file).await?.grows)
    }

    /// What the manifest of a directory says; it is read where another was read last.
    async fn read(&self, directory: &str, manifest: &Content) -> Result<Arc<Film>, Fault> {
        let before = self.film(directory);
        if let Some(film) = before.as_ref().filter(|film| film.source == *manifest.identity()) {
            return Ok(film.clone());
        }
        let text = match manifest.read(manifest::Film::LARGEST_MANIFEST).await {
            Ok(text) => text.unwrap_or_default(),
            Err(Fault::Unreadable(_)) => Bytes::new(),
            Err(fault) => return Err(fault),
        };
        let source = manifest.identity().clone();
        let read = move || Film::read(source, &text, before.as_deref());
        match tokio::task::spawn_blocking(read).await {
            Ok(film) => Ok(self.remember(directory, film)),
            Err(error) => Err(Fault::Unreadable(error.to_string())),
        }
    }

    fn vouch(&self, name: &str, file: &Identity) -> Option<Known> {
        let films = self.films.read().unwrap_or_else(PoisonError::into_inner);
        above(name).find_map(|(directory, rest)| films.by_directory.get(directory)?.vouch(rest, file))
    }

    fn film(&self, directory: &str) -> Option<Arc<Film>> {
        self.films.read().unwrap_or_else(PoisonError::into_inner).by_directory.get(directory).cloned()
    }

    fn remember(&self, directory: &str, film: Film) -> Arc<Film> {
        let film = Arc::new(film);
        let mut films = self.films.write().unwrap_or_else(PoisonError::into_inner);
        if films.files + film.files.len() > MAX_FILES {
            // What is asked for is read again.
            *films = Films::default();
        }
        films.files += film.files.len();
        if let Some(before) = films.by_directory.insert(directory.to_owned(), film.clone()) {
            films.files -= before.files.len();
        }
        film
    }
}

/// The directories above a file, the nearest first, each with the rest of the path.
fn above(name: &str) -> impl Iterator<Item = (&str, &str)> {
    let split = |end: usize| name[..end].rfind('/');
    let slashes = successors(split(name.len()), move |&at| split(at)).map(|at| (&name[..at], &name[at + 1..]));
    slashes.take(MAX_ABOVE - 1).chain([("", name)])
}

impl Film {
    /// What a manifest says, on top of those before it. One that cannot be read, or is of another form, says nothing.
    fn read(source: Identity, text: &[u8], before: Option<&Self>) -> Self {
        let document = load(text).unwrap_or_else(|error| {
            tracing::debug!(%error, "a manifest names no digests; files are told apart by the file system");
            None
        });
        let said = document.as_ref().map(files).unwrap_or_default();
        let grows = document.is_some_and(|document| whole_id(&document.id) != document.id);
        let mut files = before.map(|film| film.files.clone()).unwrap_or_default();
        if files.len() >= MAX_FILES / 2 {
            files.clear();
        }
        let since = source.modified;
        files.extend(
            said.into_iter().map(|(name, bytes, digest)| (name, Voucher { bytes, known: Known::new(digest), since })),
        );
        Self { source, files, grows, has_warned: AtomicBool::new(false) }
    }

    fn vouch(&self, name: &str, file: &Identity) -> Option<Known> {
        let voucher = self.files.get(name).filter(|voucher| voucher.bytes == file.bytes)?;
        let is_older = file.modified? <= voucher.since?;
        if !is_older && !self.has_warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                name,
                "a file is newer than its manifest, whose digests are not used for it: copy films with their times, as \
                 `rsync -a` does, or the manifest last"
            );
        }
        is_older.then(|| voucher.known.clone())
    }
}

/// `None` where its version is another.
fn load(text: &[u8]) -> Result<Option<Document>, serde_json::Error> {
    let document: Document = serde_json::from_slice(text)?;
    Ok(Some(document).filter(|document| document.version == VERSION))
}

/// Path below the manifest's directory, length and digest.
fn files(document: &Document) -> Vec<(String, u64, Digest)> {
    let of_stream = |stream: &manifest::StreamEntry| {
        let mut entries = vec![(stream.init.url.clone(), stream.init.bytes, stream.init.sha256)];
        for chunk in &stream.chunks {
            entries.push((chunk.url.clone(), chunk.bytes, chunk.sha256));
            entries.extend(chunk.fragments.as_ref().map(|table| (table.url.clone(), table.bytes, table.sha256)));
        }
        entries
    };
    let named = |(url, bytes, digest): (String, u64, Digest)| {
        // Relative to the manifest; a URL of another place names no file below it.
        let path = RequestPath::parse(&format!("/{url}")).ok()?;
        Some((path.as_str().to_owned(), bytes, digest))
    };
    let of_texts = document.subtitles.iter().filter_map(|text| Some((text.url.clone(), text.bytes?, text.sha256?)));
    let of_thumbnails = document.thumbnails.iter().flat_map(|thumbnails| {
        let pictures = thumbnails.pictures.iter().map(|picture| (picture.url.clone(), picture.bytes, picture.sha256));
        let cues = thumbnails.bytes.zip(thumbnails.sha256);
        pictures.chain(cues.map(|(bytes, digest)| (thumbnails.url.clone(), bytes, digest)))
    });
    let of_streams = document.streams.iter().flat_map(of_stream);
    of_streams.chain(of_texts).chain(of_thumbnails).filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_above_a_file() {
        let found: Vec<_> = above("a/b/c.mp4").collect();
        assert_eq!(found, [("a/b", "c.mp4"), ("a", "b/c.mp4"), ("", "a/b/c.mp4")]);
        assert_eq!(above("c.mp4").collect::<Vec<_>>(), [("", "c.mp4")]);
        let deep = "x/".repeat(30) + "c.mp4";
        assert_eq!(above(&deep).count(), MAX_ABOVE);
    }
}
