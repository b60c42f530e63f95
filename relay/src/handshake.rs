//! The opening handshake (RFC 6455 section 4.2), as far as it is decided before anything is upgraded.

use std::borrow::Cow;

use http::header::{
    CONNECTION, HOST, HeaderMap, HeaderName, ORIGIN, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{Method, Request, StatusCode, Version};

use crate::RoomId;

/// Below it the rooms are.
const PATH: &str = "/party/";

/// Why a request is not upgraded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What to answer.
    pub status: StatusCode,
    /// Why, for people.
    pub what: &'static str,
}

/// A request that may be upgraded.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) room: RoomId,
    /// For `Sec-WebSocket-Accept`.
    pub(crate) key: String,
}

/// Whether a request is for the relay.
#[must_use]
pub fn is_upgrade<B>(request: &Request<B>) -> bool {
    request.uri().path().starts_with(PATH)
}

/// A request's path as logs may have it: of a room's name only the beginning, for who knows all of it may enter.
#[must_use]
pub fn logged_path(path: &str) -> Cow<'_, str> {
    match path.strip_prefix(PATH).and_then(RoomId::parse) {
        Some(room) => format!("{PATH}{room}").into(),
        None => path.into(),
    }
}

/// Looks at a request for the relay. `allowed` are the sites whose pages may connect; none is the host that was asked.
pub(crate) fn open<B>(request: &Request<B>, allowed: &[String]) -> Result<Opening, Refusal> {
    let refused = |status, what| Err(Refusal { status, what });
    let fields = request.headers();
    let is_websocket = request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && has_word(fields, &CONNECTION, "upgrade")
        && has_word(fields, &UPGRADE, "websocket");
    if !is_websocket {
        return refused(StatusCode::UPGRADE_REQUIRED, "rooms are WebSockets over HTTP/1.1");
    }
    if text(fields, &SEC_WEBSOCKET_VERSION) != Some("13") {
        return refused(StatusCode::UPGRADE_REQUIRED, "only version 13 of WebSocket is spoken");
    }
    let Some(key) = text(fields, &SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24) else {
        return refused(StatusCode::BAD_REQUEST, "no Sec-WebSocket-Key");
    };
    let Some(room) = request.uri().path().strip_prefix(PATH).and_then(RoomId::parse) else {
        return refused(StatusCode::NOT_FOUND, "a room's name has 22 to 64 characters of base64url, and is random");
    };
    if !is_allowed(fields, allowed) {
        return refused(StatusCode::FORBIDDEN, "pages of that site may not connect");
    }
    Ok(Opening { room, key: key.to_owned() })
}

/// Browsers say which page connects, and no page can make them say otherwise; others need not say anything, for they could
/// say what they liked.
fn is_allowed(fields: &HeaderMap, allowed: &[String]) -> bool {
    if !fields.contains_key(ORIGIN) {
        return true;
    }
    let Some(origin) = text(fields, &ORIGIN) else { return false };
    if !allowed.is_empty() {
        return allowed.iter().any(|allowed| allowed.trim_end_matches('/').eq_ignore_ascii_case(origin));
    }
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    host.is_some_and(|host| text(fields, &HOST).is_some_and(|own| own.eq_ignore_ascii_case(host)))
}

/// The only value of a field.
fn text<'a>(fields: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = fields.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())?.to_str().ok()
}

fn has_word(fields: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = fields.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|value| value.trim().eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(fields: &[(&str, &str)]) -> Request<()> {
        let mut request = Request::builder().uri("/party/abcdefghijklmnopqrstuv").header("Host", "example.org");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        request.body(()).expect("it is one")
    }

    fn opening() -> Vec<(&'static str, &'static str)> {
        vec![
            ("Connection", "keep-alive, Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ]
    }

    fn status(fields: &[(&str, &str)], allowed: &[&str]) -> Option<u16> {
        let allowed: Vec<String> = allowed.iter().map(|origin| (*origin).to_owned()).collect();
        open(&request(fields), &allowed).err().map(|refusal| refusal.status.as_u16())
    }

    #[test]
    fn what_is_no_handshake_is_refused() {
        assert_eq!(status(&opening(), &[]), None);
        for left_out in 0..4 {
            let mut fields = opening();
            fields.remove(left_out);
            assert!(matches!(status(&fields, &[]), Some(426 | 400)), "{left_out}");
        }
    }

    #[test]
    fn pages_of_other_sites_do_not_connect() {
        let with = |origin| [opening(), vec![("Origin", origin)]].concat();
        assert_eq!(status(&with("https://example.org"), &[]), None);
        assert_eq!(status(&with("https://evil.example"), &[]), Some(403));
        assert_eq!(status(&with("null"), &[]), Some(403));
        assert_eq!(status(&with("https://example.org.evil.example"), &[]), Some(403));
        assert_eq!(status(&with("https://films.example"), &["https://films.example/"]), None);
        assert_eq!(status(&with("https://example.org"), &["https://films.example"]), Some(403));
        let twice = [with("https://example.org"), vec![("Origin", "https://example.org")]].concat();
        assert_eq!(status(&twice, &[]), Some(403));
    }
}
