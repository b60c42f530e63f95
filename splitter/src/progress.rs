//! Hearing how it goes.

/// Hears how a cut goes. Called from several threads.
pub trait Progress: Sync {
    /// ffmpeg, which converts the film before it is cut, has come to `seconds` of it. `of` is its whole length in seconds, where
    /// that is known.
    fn converted(&self, seconds: f64, of: Option<f64>) {
        let _ = (seconds, of);
    }

    /// ffmpeg, which makes a rung of the film (such as `720p`), has come to `seconds` of it, of `of`.
    fn encoded(&self, rung: &str, seconds: f64, of: f64) {
        let _ = (rung, seconds, of);
    }

    /// The cut is planned: `bytes` of chunks are to be written.
    fn planned(&self, bytes: u64) {
        let _ = bytes;
    }

    /// `bytes` are to be sent to a store.
    fn sending(&self, bytes: u64) {
        self.planned(bytes);
    }

    /// `made` thumbnails of `of` are there.
    fn pictured(&self, made: usize, of: usize) {
        let _ = (made, of);
    }

    /// `bytes` more of chunks are written, or were found written already.
    fn written(&self, bytes: u64) {
        let _ = bytes;
    }

    /// A store is waited for, for this reason, and is asked again in `seconds`. Told anew as they go by.
    fn waiting(&self, why: &str, seconds: u64) {
        let _ = (why, seconds);
    }

    /// Nothing is waited for any more.
    fn going_on(&self) {}

    /// `bytes` that were told as written are not, and are still to come.
    fn unwritten(&self, bytes: u64) {
        let _ = bytes;
    }
}

/// Nobody listens.
impl Progress for () {}
