//! Hearing how it goes.

/// Hears how a cut goes. Called from several threads.
pub trait Progress: Sync {
    /// So much of the film has been converted by ffmpeg before it is cut: `seconds` of film, `of` its whole length.
    fn converted(&self, seconds: f64, of: Option<f64>) {
        let _ = (seconds, of);
    }

    /// The cut is planned and will write so many bytes of chunks.
    fn planned(&self, bytes: u64) {
        let _ = bytes;
    }

    /// So many thumbnails are made, `of` so many.
    fn pictured(&self, made: usize, of: usize) {
        let _ = (made, of);
    }

    /// So many more bytes of chunks are written.
    fn written(&self, bytes: u64) {
        let _ = bytes;
    }
}

/// Nobody listens.
impl Progress for () {}
