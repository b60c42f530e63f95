//! The file of a Unix socket: made when it is bound, removed when it is dropped.

use std::fmt;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

/// A file that clients connect by. Whoever may write to it may connect: its directory and the umask say who that is.
#[derive(Debug)]
pub(crate) struct UnixSocket {
    path: PathBuf,
    /// Device and inode: another program may have bound the path anew since.
    made: (u64, u64),
}

impl UnixSocket {
    /// Listens at `path`. A socket that a program has left there when it was killed is replaced.
    pub(crate) fn bind(path: &Path) -> io::Result<(UnixListener, Self)> {
        let listener = match UnixListener::bind(path) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && is_left_over(path) => {
                std::fs::remove_file(path)?;
                UnixListener::bind(path)?
            }
            result => result?,
        };
        let file = std::fs::symlink_metadata(path)?;
        Ok((listener, Self { path: path.to_owned(), made: (file.dev(), file.ino()) }))
    }
}

/// Whether there is a socket on which nobody listens.
fn is_left_over(path: &Path) -> bool {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    is_socket && std::os::unix::net::UnixStream::connect(path).is_err_and(|error| refused(&error))
}

impl fmt::Display for UnixSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

impl Drop for UnixSocket {
    fn drop(&mut self) {
        let is_ours = std::fs::symlink_metadata(&self.path).is_ok_and(|file| (file.dev(), file.ino()) == self.made);
        if is_ours {
            // It may be on a disk that takes no writes any more; the next one to bind replaces it.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_a_killed_program_left_is_replaced_and_nothing_else() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("origin.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).expect("room"));
        let (listener, file) = UnixSocket::bind(&path).expect("nobody listens there any more");
        assert!(UnixSocket::bind(&path).is_err(), "somebody listens there");
        drop((listener, file));
        assert!(!path.exists());
        std::fs::write(&path, "a file").expect("room");
        assert!(UnixSocket::bind(&path).is_err());
        assert!(path.exists());
    }
}
