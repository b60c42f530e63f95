//! Digests that a manifest already knows, so that a chunk has the same tag on every machine that serves it.
//!
//! A manifest vouches for a file only if their lengths agree and the file was not written after the manifest: the
//! manifest is published last. Whatever none vouches for is identified by the file system. A manifest that is replaced
//! vouches on for what the next one does not name: viewers of the cut before, and edges that have half a chunk of it, go
//! on under the same tags.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, RwLock};
use std::time::SystemTime;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderValue;
use manifest::{Digest, Document, VERSION};

use crate::file::{Identity, OpenFile};
use crate::path::RequestPath;
use crate::root::Root;
use crate::validator::StrongEtag;

/// Where the splitter publishes it, below the media directory.
const MANIFEST: &str = "manifest.json";
/// Longer manifests are not read: a two-hour film has 60 kB.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Most files of earlier cuts that are remembered: those of some thousand films, in some ten megabytes.
const MAX_EARLIER: usize = 100_000;

/// The digests of the manifests that were read.
#[derive(Debug, Default)]
pub(crate) struct Digests {
    table: RwLock<Arc<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    /// Of the manifest that was read last; `None` before the first.
    source: Option<Identity>,
    /// By path below the media directory.
    files: HashMap<String, Voucher>,
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
    /// The digest of a file below `media`, if the manifest there vouches for it.
    pub(crate) async fn of(&self, media: &Root, name: &str, file: &OpenFile) -> Option<Known> {
        let table = self.current();
        if let Some(digest) = table.vouch(name, file.identity()) {
            return Some(digest);
        }
        let manifest = media.file(MANIFEST).await.ok()?;
        if table.source.as_ref() == Some(manifest.identity()) {
            return None;
        }
        let table = Arc::new(tokio::task::spawn_blocking(move || table.and_then_read(&manifest)).await.ok()?);
        let digest = table.vouch(name, file.identity());
        *self.table.write().unwrap_or_else(std::sync::PoisonError::into_inner) = table;
        digest
    }

    fn current(&self) -> Arc<Table> {
        self.table.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl Table {
    /// With what a manifest says on top. One that cannot be read, or is of another form, says nothing.
    fn and_then_read(&self, manifest: &OpenFile) -> Self {
        let said = load(manifest).map(|document| files(&document)).unwrap_or_else(|error| {
            tracing::debug!(%error, "the manifest names no digests; files are told apart by the file system");
            Vec::new()
        });
        let mut files = if self.files.len() < MAX_EARLIER { self.files.clone() } else { HashMap::new() };
        let since = manifest.identity().modified;
        files.extend(
            said.into_iter().map(|(name, bytes, digest)| (name, Voucher { bytes, known: Known::new(digest), since })),
        );
        Self { source: Some(*manifest.identity()), files }
    }

    fn vouch(&self, name: &str, file: &Identity) -> Option<Known> {
        let voucher = self.files.get(name)?;
        let is_older = file.modified? <= voucher.since?;
        (voucher.bytes == file.bytes && is_older).then(|| voucher.known.clone())
    }
}

fn load(manifest: &OpenFile) -> io::Result<Document> {
    let bytes = usize::try_from(manifest.identity().bytes.min(MAX_BYTES + 1)).map_err(io::Error::other)?;
    if bytes as u64 > MAX_BYTES {
        return Err(io::Error::other("it is too long to be one"));
    }
    let mut text = vec![0; bytes];
    manifest.read_exact_at(&mut text, 0)?;
    let document: Document = serde_json::from_slice(&text)?;
    if document.version == VERSION { Ok(document) } else { Err(io::Error::other("its version is another")) }
}

/// Path below the media directory, length and digest.
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
        // Relative to the manifest, hence to the media directory; a URL of another place names no file here.
        let path = RequestPath::parse(&format!("/{url}")).ok()?;
        Some((path.as_str().to_owned(), bytes, digest))
    };
    document.streams.iter().flat_map(of_stream).filter_map(named).collect()
}
