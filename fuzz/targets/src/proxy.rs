//! What proxies in front of the origin say of a client: whatever the client has written itself is not believed.

use std::net::{IpAddr, SocketAddr};

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName, HeaderValue};
use origin::{by_forwarded, by_x_forwarded_for, read_proxy_header};
use tokio::runtime::{Builder, Runtime};

/// Whom the last proxy has been connected from.
const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

thread_local! {
    static RUNTIME: Runtime = Builder::new_current_thread().build().expect("a runtime");
}

/// Reads bytes as the header of a connection, and as fields of a request, to which a proxy adds what it knows.
pub fn proxy(bytes: &[u8]) {
    let (client, rest) = header(bytes);
    if client.is_some() {
        let taken = &bytes[..bytes.len() - rest.len()];
        assert_eq!(header(taken), (client, &[][..]), "what stands behind it makes no difference");
    }
    let text = String::from_utf8_lossy(bytes);
    let by_x = |fields: &HeaderMap| by_x_forwarded_for(fields, |_| false);
    let by_standard = |fields: &HeaderMap| by_forwarded(fields, |_| false);
    let x_forwarded_for = HeaderName::from_static("x-forwarded-for");
    for is_joined in [true, false] {
        // Nobody is named where the client has opened quotes in the same line, or has written what is no text.
        let is_right = |found: Option<IpAddr>| found == Some(CLIENT) || found.is_none() && is_joined;
        let found = fields(&x_forwarded_for, &text, "192.0.2.1", is_joined).map(|fields| by_x(&fields));
        assert!(found.is_none_or(is_right), "{found:?}");
        let found = fields(&FORWARDED, &text, "for=192.0.2.1", is_joined).map(|fields| by_standard(&fields));
        assert!(found.is_none_or(is_right), "{found:?}");
    }
}

/// What the header of a connection says, and what stands behind it.
fn header(mut bytes: &[u8]) -> (Option<Option<SocketAddr>>, &[u8]) {
    let read = RUNTIME.with(|runtime| runtime.block_on(read_proxy_header(&mut bytes)));
    (read.ok(), bytes)
}

/// What a client has written, a field in each line, and what a proxy adds: to the last of them, or in a field of its own.
fn fields(name: &HeaderName, text: &str, added: &str, is_joined: bool) -> Option<HeaderMap> {
    let mut lines: Vec<_> = text.lines().take(16).map(str::to_owned).collect();
    match lines.last_mut().filter(|_| is_joined) {
        Some(last) => *last += &format!(", {added}"),
        None => lines.push(added.to_owned()),
    }
    let mut fields = HeaderMap::new();
    for line in lines {
        fields.append(name, HeaderValue::from_bytes(line.as_bytes()).ok()?);
    }
    Some(fields)
}
