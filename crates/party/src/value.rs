//! Values that messages and states are made of.

mod text;

use serde::{Deserialize, Serialize};

pub use text::Text;

/// What people call a member: at most 64 bytes.
pub type Name = Text<64>;
/// What names one cut of one film: at most 128 bytes.
pub type ContentId = Text<128>;
/// What only one member and the room know, by which a member that comes back is known: at most 64 bytes.
pub type Secret = Text<64>;
/// A signed leave to enter: at most 1,024 bytes.
pub type Token = Text<1024>;

/// Names a member of a room for as long as the room lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemberId(pub u32);

/// A media time as whole microseconds. Fractions of seconds would be rounded, and reading them costs a page more.
pub(crate) mod micros {
    use manifest::MediaTime;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(time: &MediaTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(time.as_micros())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MediaTime, D::Error> {
        i64::deserialize(deserializer).map(MediaTime::from_micros)
    }
}

/// The same where there may be none.
pub(crate) mod maybe_micros {
    use manifest::MediaTime;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(crate) fn serialize<S: Serializer>(time: &Option<MediaTime>, serializer: S) -> Result<S::Ok, S::Error> {
        time.map(MediaTime::as_micros).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MediaTime>, D::Error> {
        Option::deserialize(deserializer).map(|micros| micros.map(MediaTime::from_micros))
    }
}
