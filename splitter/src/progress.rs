//! Hearing how it goes.

/// Hears how a cut goes. Called from several threads.
pub trait Progress: Sync {
    /// The cut is planned and will write so many bytes of chunks.
    fn planned(&self, bytes: u64) {
        let _ = bytes;
    }

    /// So many more bytes of chunks are written.
    fn written(&self, bytes: u64) {
        let _ = bytes;
    }
}

/// Nobody listens.
impl Progress for () {}
