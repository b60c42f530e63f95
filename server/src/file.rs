//! One open file: its length, its identity, its bytes. The handle pins the version: a file that is renamed over is
//! still read to its end, and one that is written over in place is noticed.

use std::fs::File;
use std::io;
use std::sync::Arc;

use crate::identity::Identity;
use crate::stream::Stream;

/// A regular file, open for reading.
#[derive(Clone, Debug)]
pub(crate) struct OpenFile {
    file: Arc<File>,
    identity: Identity,
}

impl OpenFile {
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "not a regular file"));
        }
        Ok(Self { identity: Identity::of_file(&metadata), file: Arc::new(file) })
    }

    /// As it was when the file was opened.
    #[must_use]
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Fills `buffer` from `offset`, and makes sure that the bytes are of the version that was opened. Blocks.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::InvalidData`] when the file was changed in place.
    pub(crate) fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let mut done = 0;
        while done < buffer.len() {
            match read_at(&self.file, &mut buffer[done..], offset + done as u64) {
                Ok(0) => return Err(changed()),
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.check_unchanged()
    }

    /// As [`Self::read_exact_at`], but reads only what is in memory: the number of bytes, perhaps zero.
    pub(crate) fn read_cached_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let read = read_cached_at(&self.file, buffer, offset);
        if read > 0 {
            self.check_unchanged()?;
        }
        Ok(read)
    }

    /// Whether sending from `offset` would wait for the disk, as far as the first and the last byte tell.
    pub(crate) fn is_cached_at(&self, offset: u64, bytes: usize) -> bool {
        let mut byte = [0];
        let last = offset + (bytes.max(1) as u64 - 1);
        read_cached_at(&self.file, &mut byte, offset) == 1 && read_cached_at(&self.file, &mut byte, last) == 1
    }

    /// Sends up to `bytes` from `offset` to a socket, without their passing through this program: the number sent.
    ///
    /// # Errors
    /// Those of the system; [`io::ErrorKind::InvalidData`] when the file was changed in place, before or while they went.
    #[cfg(target_os = "linux")]
    pub(crate) fn send_to(&self, socket: &Stream, offset: u64, bytes: usize) -> io::Result<usize> {
        self.check_unchanged()?;
        let mut offset = offset;
        let sent = rustix::fs::sendfile(socket, &self.file, Some(&mut offset), bytes)?;
        if sent == 0 {
            return Err(changed());
        }
        self.check_unchanged()?;
        Ok(sent)
    }

    /// Never called: where the system cannot tell what is in memory, nothing is sent so.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn send_to(&self, _socket: &Stream, _offset: u64, _bytes: usize) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// A write sets the file's times before it sets the bytes: times that still stand after a read vouch for the bytes.
    fn check_unchanged(&self) -> io::Result<()> {
        if Identity::of_file(&self.file.metadata()?).same_content(&self.identity) { Ok(()) } else { Err(changed()) }
    }
}

fn changed() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the file was changed in place while it was sent; publish by renaming instead",
    )
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// Zero where a read would wait for the disk, where the system cannot tell, and on any error: the blocking read that
/// follows meets it again.
#[cfg(target_os = "linux")]
fn read_cached_at(file: &File, buffer: &mut [u8], offset: u64) -> usize {
    let mut buffers = [io::IoSliceMut::new(buffer)];
    rustix::io::preadv2(file, &mut buffers, offset, rustix::io::ReadWriteFlags::NOWAIT).unwrap_or(0)
}

#[cfg(not(target_os = "linux"))]
fn read_cached_at(_file: &File, _buffer: &mut [u8], _offset: u64) -> usize {
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::time::SystemTime;

    fn fixture(content: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("file");
        std::fs::write(&path, content).expect("room for a file");
        (dir, path)
    }

    fn open(path: &std::path::Path) -> OpenFile {
        OpenFile::new(File::open(path).expect("it was written")).expect("a regular file")
    }

    #[test]
    fn a_file_renamed_over_is_read_to_its_end() {
        let (dir, path) = fixture(b"old bytes");
        let file = open(&path);
        std::fs::write(dir.path().join("new"), b"new bytes").expect("room");
        std::fs::rename(dir.path().join("new"), &path).expect("same directory");
        let mut buffer = [0; 9];
        file.read_exact_at(&mut buffer, 0).expect("the old file is still there");
        assert_eq!(&buffer, b"old bytes");
        assert_ne!(open(&path).identity().etag(), file.identity().etag());
    }

    #[test]
    fn a_file_written_over_is_noticed() {
        let (_dir, path) = fixture(b"old bytes");
        let file = open(&path);
        let mut writer = std::fs::OpenOptions::new().write(true).open(&path).expect("it is there");
        writer.write_all(b"new bytes").expect("room");
        writer.set_modified(SystemTime::now() + std::time::Duration::from_secs(1)).expect("own file");
        let error = file.read_exact_at(&mut [0; 9], 0).expect_err("the bytes are of another version");
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn a_file_cut_short_is_noticed() {
        let (_dir, path) = fixture(b"old bytes");
        let file = open(&path);
        std::fs::OpenOptions::new().write(true).open(&path).expect("it is there").set_len(4).expect("own file");
        assert!(file.read_exact_at(&mut [0; 9], 0).is_err());
    }

    #[test]
    fn a_time_set_back_does_not_bring_the_tag_back() {
        let (_dir, path) = fixture(b"old bytes");
        let before = open(&path);
        std::thread::sleep(std::time::Duration::from_millis(20));
        std::fs::write(&path, b"new bytes").expect("room");
        let modified = before.identity().modified.expect("a time");
        std::fs::OpenOptions::new()
            .write(true)
            .open(&path)
            .expect("it is there")
            .set_modified(modified)
            .expect("own file");
        assert_ne!(open(&path).identity().etag(), before.identity().etag());
    }

    #[test]
    fn a_directory_is_no_file() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        assert!(OpenFile::new(File::open(dir.path()).expect("it is there")).is_err());
    }
}
