//! Where in a film a fault strikes.

use serde::Deserialize;

/// The film's chunks of pictures that a fault may strike, and where the viewer is then.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// In the first chunk, before there is a picture.
    Start,
    /// In the middle of the third chunk.
    Middle,
    /// At the first byte of the fourth.
    Border,
    /// In the last chunk but one, while the viewer seeks there.
    Seek,
}

impl Place {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Start, Self::Middle, Self::Border, Self::Seek];

    /// For tables and the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::Border => "border",
            Self::Seek => "seek",
        }
    }

    /// Which of so many chunks, from 0.
    pub(super) fn chunk(self, count: usize) -> usize {
        match self {
            Self::Start => 0,
            Self::Middle => 2,
            Self::Border => 3,
            Self::Seek => count - 2,
        }
    }

    /// The first byte of a chunk of that length that is struck.
    pub(super) fn offset(self, length: u64) -> u64 {
        if self == Self::Middle { length / 2 } else { 0 }
    }

    /// How many bytes come before a body is struck.
    pub(super) const fn grace(self) -> u64 {
        match self {
            Self::Start | Self::Seek => 20_000,
            Self::Middle => 0,
            Self::Border => 1,
        }
    }
}
