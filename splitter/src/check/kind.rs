//! Kinds of files, as far as caches are concerned.

/// What a file is to caches and players.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Names the current film.
    Manifest,
    /// The same, answered to a signed link.
    Signed,
    /// Played in ranges.
    Media,
    /// Read whole.
    Side,
}
