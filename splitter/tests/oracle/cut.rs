//! A film cut by the splitter, with each stream put together again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use manifest::{Digest, Document, StreamEntry};
use sha2::{Digest as _, Sha256};
use splitter::{Options, Report};
use tempfile::TempDir;

use crate::packets::{self, Packets};
use crate::program::output;

/// What the splitter made of a film. Removed when dropped.
pub(crate) struct Cut {
    pub(crate) directory: TempDir,
    pub(crate) report: Report,
}

impl Cut {
    /// Cuts a film into chunks so small that there are several.
    pub(crate) fn new(film: &Path, chunk_size: &str) -> Self {
        let mut options = Options::new(film, "");
        options.chunk_size = chunk_size.parse().expect("a size");
        Self::with(options)
    }

    /// Cuts with these options, but into a directory of its own.
    pub(crate) fn with(mut options: Options) -> Self {
        let directory = TempDir::new().expect("a directory");
        directory.path().clone_into(&mut options.out);
        let film = options.film.display();
        let report = splitter::cut(&options, &()).unwrap_or_else(|error| panic!("{film}: {error}"));
        keep(directory.path());
        Self { directory, report }
    }

    pub(crate) fn document(&self) -> &Document {
        &self.report.document
    }

    /// A stream as one file: its init and all its chunks, one behind the other. Holds them against the manifest.
    pub(crate) fn whole(&self, stream: &StreamEntry) -> PathBuf {
        let root = self.directory.path();
        let mut bytes = checked(root, &stream.init.url, stream.init.bytes, stream.init.sha256);
        for chunk in &stream.chunks {
            bytes.extend(checked(root, &chunk.url, chunk.bytes, chunk.sha256));
        }
        let path = root.join(stream.init.url.replace('/', "-"));
        fs::write(&path, bytes).expect("written");
        path
    }

    /// The packets of every stream, as ffprobe reads them from the whole stream.
    pub(crate) fn packets(&self) -> Vec<Packets> {
        let read = |stream| {
            let mut streams = packets::read(&self.whole(stream), &[]);
            assert_eq!(streams.len(), 1, "one track a stream");
            streams.remove(0)
        };
        self.document().streams.iter().map(read).collect()
    }
}

/// Copies a cut, with its times, into `WATCHPARTY_CUTS` under the name of the test that made it, for a browser to play.
fn keep(cut: &Path) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let Some(kept) = env::var_os("WATCHPARTY_CUTS") else { return };
    let name = thread::current().name().expect("libtest names it").replace("::", "-");
    let to = Path::new(&kept).join(format!("{name}-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
    output(Command::new("cp").arg("-a").args([cut, &to]));
}

fn checked(root: &Path, url: &str, bytes: u64, sha256: Digest) -> Vec<u8> {
    let read = fs::read(root.join(url)).unwrap_or_else(|error| panic!("{url}: {error}"));
    assert_eq!(read.len() as u64, bytes, "{url}");
    assert_eq!(Digest(Sha256::digest(&read).into()), sha256, "{url}");
    read
}
