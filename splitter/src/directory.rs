//! Publishing: nothing is visible before all of it is on the disk.
//!
//! 1. Everything is written under `.partial-…`, and synced.
//! 2. That directory is renamed to the content id.
//! 3. The playlists of other players are swapped by a rename each, and the manifest last.
//!
//! A crash at any moment leaves the old film playable. Between two renames of step 3 some players get the new film and
//! others the old one; either is whole, because each of these files names one content id and nothing outside it.

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::Error;

/// What the names of things that nobody may see begin with.
pub(crate) const PARTIAL: &str = ".partial-";

/// Digits of a content id.
pub(crate) const ID_DIGITS: usize = 32;

/// Whether a name is one that a cut is published under.
pub(crate) fn is_content_id(name: &str) -> bool {
    name.len() == ID_DIGITS && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The place that a film is published in, held against other splitters.
pub(crate) struct Directory {
    path: PathBuf,
    /// Locked for as long as it is open.
    _lock: File,
}

impl Directory {
    /// Opens the directory, making it where it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        fs::create_dir_all(path).map_err(Error::io("create", path))?;
        let lock_path = path.join(".splitter.lock");
        let lock = File::create(&lock_path).map_err(Error::io("create", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(Error::io("lock", &lock_path)(source)),
        }
    }

    /// A directory inside it that nobody sees.
    pub(crate) fn partial(&self, key: &str) -> Result<Partial, Error> {
        let path = self.path.join(format!("{PARTIAL}{key}"));
        fs::create_dir_all(&path).map_err(Error::io("create", &path))?;
        Ok(Partial { path, keep: false })
    }

    /// Makes a finished cut visible under its content id. One that is there already stays.
    pub(crate) fn publish(&self, mut partial: Partial, id: &str) -> Result<(), Error> {
        let place = self.path.join(id);
        sync_directory(&partial.path)?;
        if place.exists() {
            // Equal ids mean equal bytes, unless somebody damaged them; the new copy is known to be whole.
            let old = self.path.join(format!("{PARTIAL}old-{id}"));
            fs::rename(&place, &old).map_err(Error::io("rename", &place))?;
            fs::rename(&partial.path, &place).map_err(Error::io("rename", &partial.path))?;
            fs::remove_dir_all(&old).map_err(Error::io("remove", &old))?;
        } else {
            fs::rename(&partial.path, &place).map_err(Error::io("rename", &partial.path))?;
        }
        partial.keep = true;
        sync_directory(&self.path)
    }

    /// Replaces files at the top, such as the manifest, each in one step and in this order.
    ///
    /// All of them are on the disk under other names before the first is replaced, so that a full disk stops it before
    /// anything is seen.
    pub(crate) fn swap(&self, files: &[(&str, Vec<u8>)]) -> Result<(), Error> {
        let fresh = |name: &str| self.path.join(format!("{PARTIAL}{name}"));
        let written = files.iter().try_for_each(|(name, bytes)| write_synced(&fresh(name), bytes));
        let swapped = written.and_then(|()| {
            files.iter().try_for_each(|(name, _)| {
                fs::rename(fresh(name), self.path.join(name)).map_err(Error::io("rename", &fresh(name)))
            })
        });
        if swapped.is_err() {
            // What cannot be removed stays invisible, and the next cut writes over it.
            files.iter().for_each(|(name, _)| drop(fs::remove_file(fresh(name))));
        }
        swapped?;
        sync_directory(&self.path)
    }
}

/// A directory that is removed again unless it is published.
pub(crate) struct Partial {
    pub(crate) path: PathBuf,
    keep: bool,
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.keep {
            // What cannot be removed stays invisible, and the next cut of the same film goes on from there.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Writes a file, which is still to be brought to the disk.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<File, Error> {
    let mut file = File::create(path).map_err(Error::io("create", path))?;
    file.write_all(bytes).map_err(Error::io("write", path))?;
    Ok(file)
}

/// Writes a file and sees to it that it is on the disk.
pub(crate) fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write(path, bytes)?.sync_all().map_err(Error::io("write", path))
}

/// Sees to it that the names in a directory are on the disk.
pub(crate) fn sync_directory(path: &Path) -> Result<(), Error> {
    // Windows has no such call, and writes names through by itself.
    if cfg!(unix) {
        File::open(path).and_then(|directory| directory.sync_all()).map_err(Error::io("sync", path))?;
    }
    Ok(())
}
