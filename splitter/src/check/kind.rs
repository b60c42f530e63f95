//! Kinds of files, as far as caches are concerned.

/// What a file is to caches and players.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Names the current film.
    Manifest,
    /// Played in ranges.
    Media,
    /// Read whole.
    Side,
}
