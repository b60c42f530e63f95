//! A file of keys that is read again on request.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use crate::{Error, Keys};

/// The keys of a file as it was when it was last read.
#[derive(Debug)]
pub struct KeyFile {
    path: PathBuf,
    current: RwLock<Arc<Keys>>,
}

impl KeyFile {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error`], with what to do about it.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let current = RwLock::new(Arc::new(Keys::read(path)?));
        Ok(Self { path: path.to_owned(), current })
    }

    /// Reads it again: what only keys have signed that are gone is good no more.
    ///
    /// # Errors
    /// [`Error`]; the keys then stay as they were.
    pub fn reload(&self) -> Result<(), Error> {
        let fresh = Arc::new(Keys::read(&self.path)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// The keys now.
    #[must_use]
    pub fn keys(&self) -> Arc<Keys> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_key_counts_once_the_file_is_read_again_and_a_bad_one_never() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let write = |text: &str| std::fs::write(file.path(), text).expect("room");
        write("0123456789abcdef");
        let keys = KeyFile::load(file.path()).expect("a key");
        let signature = keys.keys().sign(b"message");
        write("short");
        keys.reload().expect_err("a short key");
        assert!(keys.keys().verify(b"message", &signature));
        write("fedcba9876543210");
        assert!(keys.keys().verify(b"message", &signature));
        keys.reload().expect("a key");
        assert!(!keys.keys().verify(b"message", &signature));
    }
}
