//! A directory whose files are served, and nothing outside it: not by `..`, not by a symbolic link, not by a race.
//!
//! The system itself keeps lookups inside (`openat2` with `RESOLVE_BENEATH` on Linux, one handle a component elsewhere).
//! A symbolic link that stays inside is followed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cap_std::ambient_authority;
use cap_std::fs::Dir;

use crate::file::OpenFile;

/// Longest use of an open directory before its path is looked up again.
const FRESH: Duration = Duration::from_secs(1);

/// A served directory.
#[derive(Debug)]
pub(crate) struct Root {
    path: PathBuf,
    opened: Mutex<(Arc<Dir>, Instant)>,
}

impl Root {
    /// Opens a directory; `path` itself may be or contain symbolic links, since whoever starts the origin names it.
    ///
    /// # Errors
    /// Those of the system, above all that there is no such directory.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let opened = Mutex::new((open_dir(path)?, Instant::now()));
        Ok(Self { path: path.to_owned(), opened })
    }

    /// The directory, which another may have been renamed over. One that is gone is served on: it may be coming back.
    fn dir(&self) -> Arc<Dir> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.1.elapsed() > FRESH {
            *opened = (open_dir(&self.path).unwrap_or_else(|_| opened.0.clone()), Instant::now());
        }
        opened.0.clone()
    }

    /// Whether the path still leads to a directory.
    pub(crate) fn is_there(&self) -> bool {
        open_dir(&self.path).is_ok()
    }

    /// Opens the regular file at `path`, a checked path of [`crate::path::RequestPath`].
    ///
    /// What the kernel has at hand is opened at once; the rest is waited for on another thread, so that a slow disk
    /// delays nobody else.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::NotFound`] for directories, pipes and whatever else is no regular file.
    pub(crate) async fn file(&self, path: &str) -> io::Result<OpenFile> {
        let dir = self.dir();
        if let Some(file) = file_if_cached(&dir, path) {
            return file;
        }
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || OpenFile::new(open(&dir, &path)?)).await.map_err(io::Error::other)?
    }
}

fn open_dir(path: &Path) -> io::Result<Arc<Dir>> {
    Ok(Arc::new(Dir::open_ambient_dir(path, ambient_authority())?))
}

/// `None` where the kernel would have to wait for the disk, or cannot tell. That a name is not there it can tell too.
#[cfg(target_os = "linux")]
fn file_if_cached(dir: &Dir, path: &str) -> Option<io::Result<OpenFile>> {
    use rustix::fs::{Mode, OFlags, ResolveFlags};
    use rustix::io::Errno;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::CACHED;
    match rustix::fs::openat2(dir, path, flags, Mode::empty(), resolve) {
        Ok(file) => Some(OpenFile::new(file.into())),
        Err(error @ (Errno::NOENT | Errno::NOTDIR)) => Some(Err(error.into())),
        Err(_) => None,
    }
}

#[cfg(not(target_os = "linux"))]
fn file_if_cached(_dir: &Dir, _path: &str) -> Option<io::Result<OpenFile>> {
    None
}

fn open(dir: &Dir, path: &str) -> io::Result<std::fs::File> {
    let mut options = cap_std::fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt;
        // A pipe without a writer would otherwise hold the thread for ever.
        options.custom_flags(nonblocking_flag());
    }
    Ok(dir.open_with(path, &options)?.into_std())
}

#[cfg(target_os = "linux")]
fn nonblocking_flag() -> i32 {
    rustix::fs::OFlags::NONBLOCK.bits().cast_signed()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn nonblocking_flag() -> i32 {
    // O_NONBLOCK of the BSDs and macOS.
    4
}
