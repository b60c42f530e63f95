//! What proxies write of the client into a request: `X-Forwarded-For`, and `Forwarded` (RFC 7239).
//!
//! Each proxy adds the address that it was connected from behind what stood there before. What a client has written itself
//! therefore stands in front, and is never believed: the list is read from its end, as far as the proxies are trusted.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};

/// The older of the two fields, which every proxy knows.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The last address of `X-Forwarded-For` that is no trusted proxy's; of trusted ones alone, the first.
pub fn by_x_forwarded_for(fields: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let lines = fields.get_all(X_FORWARDED_FOR).iter().rev();
    let entries = lines.flat_map(|line| line.to_str().unwrap_or("").rsplit(','));
    last_untrusted(entries.map(address), is_trusted)
}

/// The same by `Forwarded`.
pub fn by_forwarded(fields: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut named = Vec::new();
    for line in fields.get_all(FORWARDED) {
        named.extend(line.to_str().map_or_else(|_| vec![None], elements));
    }
    last_untrusted(named.into_iter().rev(), is_trusted)
}

/// Reads a list from its end. What cannot be read ends it: nothing in front of it is vouched for.
fn last_untrusted(
    entries: impl Iterator<Item = Option<IpAddr>>,
    is_trusted: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    let mut client = None;
    for entry in entries.map_while(|entry| entry) {
        client = Some(entry);
        if !is_trusted(entry) {
            break;
        }
    }
    client
}

/// An address as proxies write it: some with a port, some in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

/// What each element of a list says after `for=`: no address where it hides it, and none of a list that ends inside of
/// quotes. A client may have opened those to swallow what a proxy adds behind them.
fn elements(list: &str) -> Vec<Option<IpAddr>> {
    let Some(elements) = split(list, ',') else { return vec![None] };
    elements
        .into_iter()
        .filter(|element| !element.trim().is_empty())
        .map(|element| {
            let pairs = split(element, ';')?.into_iter().filter_map(|pair| pair.split_once('='));
            let mut nodes = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
            let (_, node) = nodes.next()?;
            let node = node.trim();
            address(node.strip_prefix('"').and_then(|node| node.strip_suffix('"')).unwrap_or(node))
        })
        .collect()
}

/// Splits at a character, but not inside of quotes. Addresses need no backslash, so one in quotes only has to be passed.
/// `None` if the quotes do not end.
fn split(text: &str, at: char) -> Option<Vec<&str>> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let parts = text
        .split(|c| {
            let is_end = c == at && !is_quoted;
            is_quoted ^= c == '"' && !is_escaped;
            is_escaped = c == '\\' && is_quoted && !is_escaped;
            is_end
        })
        .collect();
    (!is_quoted).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn client(name: &HeaderName, lines: &[&'static str]) -> Option<String> {
        let mut fields = HeaderMap::new();
        for line in lines {
            fields.append(name, HeaderValue::from_static(line));
        }
        let is_trusted = |address: IpAddr| address.to_string().starts_with("10.");
        let found = if *name == FORWARDED {
            by_forwarded(&fields, is_trusted)
        } else {
            by_x_forwarded_for(&fields, is_trusted)
        };
        found.map(|address| address.to_string())
    }

    #[test]
    fn the_last_that_is_no_proxy_is_the_client() {
        for (lines, expected) in [
            (&["192.0.2.1"][..], Some("192.0.2.1")),
            (&["198.51.100.7, 192.0.2.1"], Some("192.0.2.1")),
            (&["198.51.100.7, 192.0.2.1, 10.0.0.1,10.0.0.2"], Some("192.0.2.1")),
            (&["192.0.2.9", "192.0.2.1, 10.0.0.1"], Some("192.0.2.1")),
            (&["10.0.0.3, 10.0.0.1"], Some("10.0.0.3")),
            (&["192.0.2.1:4711"], Some("192.0.2.1")),
            (&["[2001:db8::1]:4711"], Some("2001:db8::1")),
            (&["2001:db8::1"], Some("2001:db8::1")),
            (&["192.0.2.1, unknown, 10.0.0.1"], Some("10.0.0.1")),
            (&["192.0.2.1, nonsense"], None),
            (&[""], None),
            (&[], None),
        ] {
            assert_eq!(client(&X_FORWARDED_FOR, lines).as_deref(), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_standard_field_says_the_same() {
        for (lines, expected) in [
            (&["for=192.0.2.60;proto=http;by=203.0.113.43"][..], Some("192.0.2.60")),
            (&["For=\"[2001:db8:cafe::17]:4711\""], Some("2001:db8:cafe::17")),
            (&["for=198.51.100.7, for=192.0.2.43 , proto=https; for=10.0.0.2"], Some("192.0.2.43")),
            (&["for=192.0.2.1, for=_hidden, for=10.0.0.1"], Some("10.0.0.1")),
            (&["for=192.0.2.1;ext=\"a, for=198.51.100.7\""], Some("192.0.2.1")),
            (&["for=192.0.2.1;ext=\"a\\\", for=198.51.100.7\""], Some("192.0.2.1")),
            (&["for=6.6.6.6;x=\", for=192.0.2.1"], None),
            (&["for=6.6.6.6;x=\", for=\"[2001:db8::1]\""], None),
            (&["for=192.0.2.1", "for=192.0.2.2,"], Some("192.0.2.2")),
            (&["proto=https"], None),
            (&["for=unknown"], None),
        ] {
            assert_eq!(client(&FORWARDED, lines).as_deref(), expected, "{lines:?}");
        }
    }
}
