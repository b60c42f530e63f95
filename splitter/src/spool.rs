//! A film that comes as a stream of bytes is kept in a file first: only the end of some films says where their samples
//! are, and every byte of media is read where its table says.
//!
//! The file has no name, so nothing is left of it however the splitter ends. It takes as much room as the film, beside
//! the output.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::source::Input;
use crate::{Error, Stop};

/// Bytes read and written at a time.
const PIECE: usize = 256 << 10;

/// Reads everything that comes. `name` is what messages call the film; `out` need not exist yet.
pub(crate) fn spool(from: &mut dyn Read, name: PathBuf, out: &Path, stop: &Stop) -> Result<Input, Error> {
    let place = nearest(out);
    let mut file = tempfile::tempfile_in(&place).map_err(Error::io("write to", &place))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; PIECE];
    loop {
        stop.check()?;
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::io("read", &name)(error)),
        };
        hash.update(&buffer[..read]);
        file.write_all(&buffer[..read]).map_err(Error::io("write to", &place))?;
    }
    let digest: [u8; 32] = hash.finalize().into();
    let (stamp, _) = digest.split_first_chunk::<16>().expect("32 bytes are more than 16");
    Input::of_spool(file, name, u128::from_be_bytes(*stamp))
}

/// The directory itself, or the first one around it that exists.
pub(crate) fn nearest(out: &Path) -> PathBuf {
    let exists = out.ancestors().find(|path| path.is_dir());
    exists.map_or_else(|| PathBuf::from("."), Path::to_owned)
}
