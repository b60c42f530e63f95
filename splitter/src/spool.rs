//! A film that comes as a stream of bytes is kept in a file first: only the end of some films says where their samples
//! are, and every byte of media is read where its table says.
//!
//! The file has no name, so nothing is left of it however the splitter ends. It takes as much room as the film, beside
//! the output.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::source::Input;
use crate::{Error, Stop};

/// Bytes read at a time: what a pipe holds.
const PIECE: usize = 64 << 10;
/// The most pieces that wait to be written.
const WAITING: usize = 4;
/// Longest wait for input before the wish to stop is looked at again.
const PATIENCE: Duration = Duration::from_millis(100);

/// Reads everything that comes. `name` is what messages call the film; `out` need not exist yet.
///
/// A thread of its own reads, because nothing ends a read from a source that says nothing. After an error it ends with the
/// next piece, or with the source.
pub(crate) fn spool(from: impl Read + Send + 'static, name: PathBuf, out: &Path, stop: &Stop) -> Result<Input, Error> {
    let place = nearest(out);
    let mut file = tempfile::tempfile_in(&place).map_err(Error::io("write to", &place))?;
    let mut hash = Sha256::new();
    let (sender, pieces) = sync_channel(WAITING);
    let reader = thread::spawn(move || read(from, &sender));
    loop {
        stop.check()?;
        match pieces.recv_timeout(PATIENCE) {
            Ok(piece) => {
                hash.update(&piece);
                file.write_all(&piece).map_err(Error::io("write to", &place))?;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    reader.join().expect("it only reads").map_err(Error::io("read", &name))?;
    let digest: [u8; 32] = hash.finalize().into();
    let (stamp, _) = digest.split_first_chunk::<16>().expect("32 bytes are more than 16");
    Input::of_spool(file, name, u128::from_be_bytes(*stamp))
}

/// Hands on what comes, until it ends or nobody takes it.
fn read(mut from: impl Read, to: &SyncSender<Vec<u8>>) -> io::Result<()> {
    loop {
        let mut piece = vec![0; PIECE];
        match from.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(read) => piece.truncate(read),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        }
        if to.send(piece).is_err() {
            return Ok(());
        }
    }
}

/// The directory itself, or the first one around it that exists.
pub(crate) fn nearest(out: &Path) -> PathBuf {
    let exists = out.ancestors().find(|path| path.is_dir());
    exists.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes, and then an error where it has one.
    struct Source(&'static [u8], Option<io::ErrorKind>);

    impl Read for Source {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return self.1.take().map_or(Ok(0), |kind| Err(kind.into()));
            }
            // One byte at a time, so that more pieces come than may wait.
            self.0.read(&mut buffer[..1])
        }
    }

    fn spooled(source: Source) -> Result<Vec<u8>, Error> {
        let input = spool(source, "film".into(), Path::new(""), &Stop::default())?;
        input.read_box(0, input.bytes)
    }

    #[test]
    fn everything_is_kept_in_its_order() {
        let interrupted = Some(io::ErrorKind::Interrupted);
        assert_eq!(spooled(Source(b"a long film", interrupted)).expect("it was read"), b"a long film");
        assert_eq!(spooled(Source(b"", None)).expect("it was read"), b"");
    }

    #[test]
    fn what_cannot_be_read_to_its_end_is_no_film() {
        let broken = spooled(Source(b"half a film", Some(io::ErrorKind::ConnectionReset)));
        assert!(matches!(broken, Err(Error::Io { action: "read", .. })));
    }

    /// Says nothing once it is asked, when somebody wishes to stop.
    struct Silent(Stop, io::PipeReader);

    impl Read for Silent {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.ask();
            self.1.read(buffer)
        }
    }

    #[test]
    fn a_source_that_says_nothing_keeps_nobody_from_stopping() {
        let (reader, _open) = io::pipe().expect("a pipe");
        let stop = Stop::default();
        let silent = Silent(stop.clone(), reader);
        assert!(matches!(spool(silent, "film".into(), Path::new(""), &stop), Err(Error::Interrupted)));
    }
}
