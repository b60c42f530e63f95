//! Names of rooms: whoever knows one may enter, so none must be guessed.

use std::fmt;

/// The least characters of a room's name: shorter names could be tried one after the other, 22 hold 128 random bits in base64url.
const SHORTEST: usize = 22;
const LONGEST: usize = 64;

/// A room's name: 22 to 64 characters of base64url.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RoomId(String);

impl RoomId {
    /// `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        ((SHORTEST..=LONGEST).contains(&text.len()) && text.bytes().all(is_fine)).then(|| Self(text.to_owned()))
    }

    /// All of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Only the beginning: logs must not let anybody enter.
impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", &self.0[..6])
    }
}

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_guessed_is_no_room() {
        for name in ["", "living-room", "a/b", "aaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaa.", &"a".repeat(65)] {
            assert!(RoomId::parse(name).is_none(), "{name}");
        }
        let id = RoomId::parse("Zx81_-abcdefghijklmnop").expect("long enough");
        assert_eq!(format!("{id} {id:?}"), "Zx81_-… Zx81_-…");
    }
}
