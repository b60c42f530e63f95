//! Publishing: nothing is visible before all of it is on the disk.
//!
//! 1. Everything is written under `.partial-…`, and synced.
//! 2. That directory is renamed to the content id. Where a cut of this id is there already, the two change places in one
//!    step.
//! 3. The playlists of other players are swapped by a rename each, and the manifest last.
//! 4. A cut that was replaced, which has the partial's name since step 2, is removed.
//!
//! A crash at any moment leaves the whole old film or the whole new one. Between two renames of step 3 some players get the
//! new film and others the old one; either is whole, because each of these files names one content id and nothing outside
//! it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::Error;

/// Beginning of the names of things that nobody may see yet.
pub(crate) const PARTIAL: &str = ".partial-";

/// The file that is locked while somebody cuts or prunes.
const LOCK: &str = ".splitter.lock";

/// The place that a film is published in, held against other splitters. What was made for it and stays empty is removed
/// with it.
pub(crate) struct Directory {
    path: PathBuf,
    /// The directory and those around it that were not there, from the inside out.
    made: Vec<PathBuf>,
    /// Locked for as long as it is open.
    _lock: File,
}

impl Directory {
    /// Opens the directory, making it where it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let is_missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let made = path.ancestors().take_while(is_missing).map(Path::to_owned).collect();
        fs::create_dir_all(path).map_err(Error::io("create", path))?;
        let lock_path = path.join(LOCK);
        let lock = File::create(&lock_path).map_err(Error::io("create", &lock_path))?;
        match lock.try_lock() {
            Ok(()) if lock_path.exists() => Ok(Self { path: path.to_owned(), made, _lock: lock }),
            // It is gone where who held it has removed it just now, and is then no lock.
            Ok(()) | Err(TryLockError::WouldBlock) => Err(Error::Busy { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(Error::io("lock", &lock_path)(source)),
        }
    }

    /// A directory inside it that nobody sees.
    pub(crate) fn partial(&self, key: &str) -> Result<Partial, Error> {
        let path = self.path.join(format!("{PARTIAL}{key}"));
        fs::create_dir_all(&path).map_err(Error::io("create", &path))?;
        Ok(Partial { path, keep: false })
    }

    /// Makes a finished cut visible under its content id, and then the files at the top that name it, in this order.
    pub(crate) fn publish(&self, mut partial: Partial, id: &str, files: &[(&str, Vec<u8>)]) -> Result<(), Error> {
        self.show(&mut partial, id)?;
        self.swap(files, &self.path.join(id))?;
        partial.keep = false;
        Ok(())
    }

    /// Gives the cut its name. One that had it has the partial's from then on.
    fn show(&self, partial: &mut Partial, id: &str) -> Result<(), Error> {
        let place = self.path.join(id);
        sync_directory(&partial.path)?;
        if place.exists() {
            keep_times(&partial.path, &place)?;
            if exchange(&partial.path, &place).is_err() {
                replace_files(&partial.path, &place)?;
            }
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
    fn swap(&self, files: &[(&str, Vec<u8>)], cut: &Path) -> Result<(), Error> {
        let fresh = |name: &str| self.path.join(format!("{PARTIAL}{name}"));
        let written = files.iter().try_for_each(|(name, bytes)| {
            write_synced(&fresh(name), bytes)?;
            date(&fresh(name), cut)
        });
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

impl Drop for Directory {
    fn drop(&mut self) {
        let is_lock = |entry: io::Result<fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name() == LOCK);
        let is_empty = || fs::read_dir(&self.path).is_ok_and(|mut entries| entries.all(is_lock));
        if !self.made.is_empty() && is_empty() {
            // What cannot be removed is an empty directory, and does no harm.
            let _ = fs::remove_file(self.path.join(LOCK));
            let _ = self.made.iter().try_for_each(fs::remove_dir);
        }
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

/// Has two directories change places in one step, where the file system can do that.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Gives every file of a cut the time of the one of the same name and length in another of the same id, which has the same bytes: an origin
/// would have another tag for those who are in the middle of it, until the manifest is swapped, too.
fn keep_times(from: &Path, to: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(from).map_err(Error::io("list", from))? {
        let entry = entry.map_err(Error::io("list", from))?;
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            keep_times(&path, &place)?;
            continue;
        }
        let Ok(other) = fs::metadata(&place) else { continue };
        let kept =
            File::options().append(true).open(&path).and_then(|file| match file.metadata()?.len() == other.len() {
                true => file.set_modified(other.modified()?),
                false => Ok(()),
            });
        kept.map_err(Error::io("date", &path))?;
    }
    Ok(())
}

/// Renames every file of a cut over the one of the same name in another. Equal ids mean equal bytes, unless somebody damaged
/// them: with each rename the other cut is as whole as before, or more so.
fn replace_files(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(Error::io("create", to))?;
    for entry in fs::read_dir(from).map_err(Error::io("list", from))? {
        let entry = entry.map_err(Error::io("list", from))?;
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            replace_files(&path, &place)?;
        } else {
            fs::rename(&path, &place).map_err(Error::io("rename", &path))?;
        }
    }
    sync_directory(to)
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

/// Sees to it that a file which names a cut is no older than what it names, though the clock may have been set back meanwhile: an origin
/// takes a manifest's digests only for files that were not written after it.
pub(crate) fn date(file: &Path, cut: &Path) -> Result<(), Error> {
    let newest = newest(cut).map_err(Error::io("look at", cut))?;
    let opened = File::options().append(true).open(file).and_then(|opened| {
        let is_older = opened.metadata()?.modified()? < newest;
        if is_older { opened.set_modified(newest) } else { Ok(()) }
    });
    opened.map_err(Error::io("date", file))
}

/// When the file that was written last in a directory was written.
fn newest(directory: &Path) -> io::Result<SystemTime> {
    fs::read_dir(directory)?.try_fold(SystemTime::UNIX_EPOCH, |found, entry| {
        let entry = entry?;
        let time = if entry.file_type()?.is_dir() { newest(&entry.path())? } else { entry.metadata()?.modified()? };
        Ok(found.max(time))
    })
}

/// Sees to it that the names in a directory are on the disk.
pub(crate) fn sync_directory(path: &Path) -> Result<(), Error> {
    // Windows has no such call, and writes names through by itself.
    if cfg!(unix) {
        File::open(path).and_then(|directory| directory.sync_all()).map_err(Error::io("sync", path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const ID: &str = "0123456789abcdef0123456789abcdef";
    const FILE: &str = "video-1/0001.mp4";

    /// Makes a cut of one file.
    fn fill(cut: &Path, bytes: &str) {
        fs::create_dir_all(cut.join("video-1")).expect("room");
        fs::write(cut.join(FILE), bytes).expect("room");
    }

    fn read(cut: &Path) -> Option<String> {
        fs::read_to_string(cut.join(FILE)).ok()
    }

    /// A place with a cut, and a new one of the same id that is still to be published.
    fn stage(place: &TempDir) -> (Directory, Partial, PathBuf) {
        let directory = Directory::open(place.path()).expect("nobody else is there");
        let partial = directory.partial("key").expect("room");
        fill(&partial.path, "new");
        fill(&place.path().join(ID), "old");
        (directory, partial, place.path().join(ID))
    }

    #[test]
    fn a_cut_of_the_same_id_is_replaced_and_then_removed() {
        let place = TempDir::new().expect("a directory");
        let (directory, mut partial, cut) = stage(&place);
        let under_way = partial.path.clone();
        directory.show(&mut partial, ID).expect("it has a name");
        assert_eq!(read(&cut).as_deref(), Some("new"));
        // Where the file system cannot exchange directories, nothing is left to remove.
        assert_ne!(read(&under_way).as_deref(), Some("new"));

        fill(&partial.path, "newer");
        directory.publish(partial, ID, &[("manifest.json", b"{}".to_vec())]).expect("it is published");
        assert_eq!(read(&cut).as_deref(), Some("newer"));
        assert!(!under_way.exists() && place.path().join("manifest.json").exists());
    }

    #[test]
    fn a_manifest_that_cannot_be_replaced_leaves_a_whole_cut() {
        let place = TempDir::new().expect("a directory");
        let (directory, partial, cut) = stage(&place);
        fs::create_dir_all(place.path().join("manifest.json/in the way")).expect("room");
        let refused = directory.publish(partial, ID, &[("manifest.json", b"{}".to_vec())]);
        assert!(matches!(refused, Err(Error::Io { action: "rename", .. })));
        assert_eq!(read(&cut).as_deref(), Some("new"));
    }

    #[test]
    fn what_cannot_change_places_is_replaced_file_by_file() {
        let place = TempDir::new().expect("a directory");
        let (_directory, partial, cut) = stage(&place);
        fs::create_dir(partial.path.join("subtitles")).expect("room");
        fs::write(partial.path.join("subtitles/en.vtt"), "WEBVTT").expect("room");
        replace_files(&partial.path, &cut).expect("one file system");
        assert_eq!(read(&cut).as_deref(), Some("new"));
        assert!(cut.join("subtitles/en.vtt").exists());
    }

    #[test]
    fn a_directory_that_was_made_for_nothing_is_removed() {
        let place = TempDir::new().expect("a directory");
        let (outer, inner) = (place.path().join("media"), place.path().join("media/current"));
        drop(Directory::open(&inner).expect("nobody else is there"));
        assert!(!outer.exists());

        let directory = Directory::open(&inner).expect("nobody else is there");
        fs::write(inner.join("manifest.json"), "{}").expect("room");
        drop(directory);
        assert!(inner.join("manifest.json").exists());

        fs::remove_file(inner.join("manifest.json")).expect("it is there");
        drop(Directory::open(&inner).expect("nobody else is there"));
        assert!(inner.exists(), "it was there before");
    }
}
