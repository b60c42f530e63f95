//! Signed leave to enter a room: `payload.signature`, both base64url without padding. The payload is JSON, the signature its
//! HMAC-SHA-256 (RFC 2104) as it is written, so that a page's server makes one in three lines.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use party::{Grant, Name};
use serde::{Deserialize, Serialize};
use signing::Keys;

use crate::RoomId;

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

impl Claims {
    /// Makes a token of them.
    #[must_use]
    pub fn sign(&self, keys: &Keys) -> String {
        let json = serde_json::to_string(self).expect("claims have no odd keys");
        let payload = URL_SAFE_NO_PAD.encode(json);
        let signature = URL_SAFE_NO_PAD.encode(keys.sign(payload.as_bytes()));
        format!("{payload}.{signature}")
    }
}

/// What a token lets its bearer do in a room; `None` where it lets nobody in, or no longer.
pub(crate) fn check(keys: &Keys, token: &str, room: &RoomId, now: SystemTime) -> Option<Grant> {
    let (payload, signature) = token.split_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    if !keys.verify(payload.as_bytes(), &signature) {
        return None;
    }
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let seconds = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let name = claims.name.as_deref().map(Name::cut);
    (claims.room == room.as_str() && seconds < claims.exp).then_some(Grant { host: claims.host, name })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const ROOM: &str = "abcdefghijklmnopqrstuv";

    fn keys(text: &str) -> Keys {
        Keys::parse(text.as_bytes()).expect("good keys")
    }

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_token_opens_its_room_until_it_expires() {
        let (keys, room) = (self::keys(KEY), RoomId::parse(ROOM).expect("long enough"));
        let claims = Claims { room: ROOM.to_owned(), exp: 1_000, host: Some(true), name: Some("Ada".to_owned()) };
        let token = claims.sign(&keys);
        assert_eq!(check(&keys, &token, &room, at(999)), Some(Grant { host: Some(true), name: Name::new("Ada") }));
        assert_eq!(check(&keys, &token, &room, at(1_000)), None);
        let other = RoomId::parse("vutsrqponmlkjihgfedcba").expect("long enough");
        assert_eq!(check(&keys, &token, &other, at(999)), None);
        let another = "another secret, as long";
        assert_eq!(check(&self::keys(another), &token, &room, at(999)), None);
        assert!(check(&self::keys(&format!("{another}\n{KEY}")), &token, &room, at(999)).is_some());
        for end in 0..token.len() {
            assert_eq!(check(&keys, &token[..end], &room, at(999)), None);
        }
    }

    /// The three lines of docs/party.md, run by Python: `hmac.new(secret, payload, "sha256")`.
    #[test]
    fn a_token_that_others_have_made_opens_too() {
        let token = include_str!("../tests/token.txt").trim();
        let room = RoomId::parse(ROOM).expect("long enough");
        let grant = Grant { host: Some(false), name: Name::new("Bo") };
        assert_eq!(check(&keys(KEY), token, &room, at(1_999_999_999)), Some(grant));
    }
}
