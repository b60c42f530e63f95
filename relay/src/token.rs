//! Signed leave to enter a room: `payload.signature`, both base64url without padding. The payload is JSON, the signature its
//! HMAC-SHA-256 (RFC 2104) as it is written, so that a page's server makes one in three lines.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use party::{Grant, Name};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{Error, RoomId};

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The room that it opens.
    pub room: String,
    /// Until when, in seconds since 1970.
    pub exp: u64,
    /// Whether its bearer is the host; absent where the first one becomes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<bool>,
    /// What its bearer is called, whatever it says itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What tokens are signed with.
#[derive(Clone)]
pub struct Key(Vec<u8>);

impl Key {
    /// Reads it from a file; spaces and line ends around it are not part of it.
    ///
    /// # Errors
    /// When it cannot be read, or is too short.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(|source| Error::Secret { path: path.to_owned(), source })?;
        let secret = bytes.trim_ascii();
        if secret.len() < 16 {
            return Err(Error::ShortSecret { path: path.to_owned() });
        }
        Ok(Self(secret.to_vec()))
    }

    /// Makes a token.
    #[must_use]
    pub fn sign(&self, claims: &Claims) -> String {
        let json = serde_json::to_string(claims).expect("claims have no odd keys");
        let payload = URL_SAFE_NO_PAD.encode(json);
        let signature = URL_SAFE_NO_PAD.encode(self.mac(&payload).finalize().into_bytes());
        format!("{payload}.{signature}")
    }

    /// What a token lets its bearer do in a room; `None` where it lets nobody in, or no longer.
    #[must_use]
    pub fn check(&self, token: &str, room: &RoomId, now: SystemTime) -> Option<Grant> {
        let (payload, signature) = token.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        // In a time that does not depend on where they differ.
        self.mac(payload).verify_slice(&signature).ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        let seconds = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
        let name = claims.name.as_deref().map(Name::cut);
        (claims.room == room.as_str() && seconds < claims.exp).then_some(Grant { host: claims.host, name })
    }

    fn mac(&self, payload: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key may have any length");
        mac.update(payload.as_bytes());
        mac
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const ROOM: &str = "abcdefghijklmnopqrstuv";

    fn key() -> Key {
        Key(b"0123456789abcdef0123456789abcdef".to_vec())
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_token_opens_its_room_until_it_expires() {
        let (key, room) = (key(), RoomId::parse(ROOM).expect("long enough"));
        let claims = Claims { room: ROOM.to_owned(), exp: 1_000, host: Some(true), name: Some("Ada".to_owned()) };
        let token = key.sign(&claims);
        assert_eq!(key.check(&token, &room, at(999)), Some(Grant { host: Some(true), name: Name::new("Ada") }));
        assert_eq!(key.check(&token, &room, at(1_000)), None);
        let other = RoomId::parse("vutsrqponmlkjihgfedcba").expect("long enough");
        assert_eq!(key.check(&token, &other, at(999)), None);
        assert_eq!(Key(b"another secret, as long".to_vec()).check(&token, &room, at(999)), None);
        for end in 0..token.len() {
            assert_eq!(key.check(&token[..end], &room, at(999)), None);
        }
    }

    /// The three lines of docs/party.md, run by Python: `hmac.new(secret, payload, "sha256")`.
    #[test]
    fn a_token_that_others_have_made_opens_too() {
        let token = include_str!("../tests/token.txt").trim();
        let room = RoomId::parse(ROOM).expect("long enough");
        let grant = Grant { host: Some(false), name: Name::new("Bo") };
        assert_eq!(key().check(token, &room, at(1_999_999_999)), Some(grant));
    }
}
