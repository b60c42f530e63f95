//! Bringing files to the disk while others are still being written.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use crate::Error;

/// Takes finished files and sees to it that they get to the disk.
pub(crate) struct Syncer(SyncSender<(File, PathBuf)>);

/// The most files that wait to be brought to the disk: each is open, and a system allows a process some hundreds of them.
const WAITING: usize = 32;

impl Syncer {
    /// Runs `work` beside a thread that syncs what it hands over; back only when all of that is on the disk.
    pub(crate) fn run<T>(work: impl FnOnce(&Self) -> Result<T, Error>) -> Result<T, Error> {
        let (sender, receiver) = sync_channel::<(File, PathBuf)>(WAITING);
        thread::scope(|scope| {
            let synced = scope.spawn(move || {
                receiver.into_iter().try_for_each(|(file, path)| file.sync_all().map_err(Error::io("sync", &path)))
            });
            let syncer = Self(sender);
            let done = work(&syncer);
            drop(syncer);
            synced.join().unwrap_or_else(|_| Err(panicked())).and(done)
        })
    }

    /// Has what has been written of a file so far brought to the disk, unless that is busy enough: otherwise it would be idle
    /// until the first file is whole.
    pub(crate) fn urge(&self, file: &File, path: &Path) {
        if let Ok(file) = file.try_clone() {
            let _ = self.0.try_send((file, path.to_owned()));
        }
    }

    /// Hands over a file to which nothing more is written; waits while too many others do.
    pub(crate) fn take(&self, file: File, path: PathBuf) {
        // Nobody is at the other end only after a failure there, which is told in the end.
        let _ = self.0.send((file, path));
    }
}

fn panicked() -> Error {
    Error::Io { action: "sync", path: PathBuf::new(), cause: io::Error::other("the thread that does it panicked") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_work_comes_through() {
        assert!(matches!(Syncer::run(|_| Err::<(), _>(Error::Interrupted)), Err(Error::Interrupted)));
        let file = tempfile::tempfile().expect("a file");
        assert!(
            Syncer::run(|syncer| {
                syncer.take(file, PathBuf::new());
                Ok(7)
            })
            .is_ok_and(|seven| seven == 7)
        );
    }
}
