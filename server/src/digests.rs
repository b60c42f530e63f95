//! Digests that the manifest already knows, so that a chunk has the same tag on every machine that serves it.
//!
//! The manifest vouches for a file only if their lengths agree and the file was not written after the manifest: the
//! manifest is published last. Whatever it does not vouch for is identified by the file system.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, RwLock};

use manifest::{Digest, Document, VERSION};

use crate::file::{Identity, OpenFile};
use crate::path::RequestPath;
use crate::root::Root;

/// Where the splitter publishes it, below the media directory.
const MANIFEST: &str = "manifest.json";
/// Longer manifests are not read: a two-hour film has 60 kB.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The digests of the manifest that was read last.
#[derive(Debug, Default)]
pub(crate) struct Digests {
    table: RwLock<Arc<Table>>,
}

#[derive(Debug, Default)]
struct Table {
    /// Of the manifest; `None` before the first was read.
    source: Option<Identity>,
    /// Length and digest by path below the media directory.
    files: HashMap<String, (u64, Digest)>,
}

impl Digests {
    /// The digest of a file below `media`, if the manifest there vouches for it.
    pub(crate) async fn of(&self, media: &Root, name: &str, file: &OpenFile) -> Option<Digest> {
        let table = self.current();
        if let Some(digest) = table.vouch(name, file.identity()) {
            return Some(digest);
        }
        let manifest = media.file(MANIFEST).await.ok()?;
        if table.source.as_ref() == Some(manifest.identity()) {
            return None;
        }
        let table = Arc::new(tokio::task::spawn_blocking(move || Table::read(&manifest)).await.ok()?);
        let digest = table.vouch(name, file.identity());
        *self.table.write().unwrap_or_else(std::sync::PoisonError::into_inner) = table;
        digest
    }

    fn current(&self) -> Arc<Table> {
        self.table.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl Table {
    /// A manifest that cannot be read, or is of another form, vouches for nothing.
    fn read(manifest: &OpenFile) -> Self {
        let files = load(manifest).map(|document| files(&document)).unwrap_or_else(|error| {
            tracing::debug!(%error, "the manifest names no digests; files are told apart by the file system");
            HashMap::new()
        });
        Self { source: Some(*manifest.identity()), files }
    }

    fn vouch(&self, name: &str, file: &Identity) -> Option<Digest> {
        let (bytes, digest) = self.files.get(name)?;
        let is_older = file.modified? <= self.source.as_ref()?.modified?;
        (*bytes == file.bytes && is_older).then_some(*digest)
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

fn files(document: &Document) -> HashMap<String, (u64, Digest)> {
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
        Some((path.as_str().to_owned(), (bytes, digest)))
    };
    document.streams.iter().flat_map(of_stream).filter_map(named).collect()
}
