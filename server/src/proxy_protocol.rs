//! The header that a proxy puts in front of a connection (HAProxy's PROXY protocol, versions 1 and 2).

use std::io;
use std::net::{IpAddr, SocketAddr};

use ppp::{HeaderResult, PartialResult, v1, v2};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes that every header has: the shortest of version 1 is `PROXY UNKNOWN` and the end of its line.
const SHORTEST: usize = 15;
/// The longest line of version 1 (section 2.1).
const LONGEST_LINE: usize = 107;
/// Bytes of version 2 up to the end of its length (section 2.2).
const FIXED: usize = 16;
/// The longest header of version 2 that is read: addresses take 216 bytes at most, certificates and the like follow.
const LONGEST: usize = 4096;

/// Reads the header, and nothing behind it. `None` where the proxy speaks for itself, or of nobody with an address.
///
/// # Errors
/// Those of the connection; [`io::ErrorKind::InvalidData`] where it begins with something else.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<SocketAddr>> {
    let mut header = vec![0; SHORTEST];
    stream.read_exact(&mut header).await?;
    if header.starts_with(v2::PROTOCOL_PREFIX) {
        header.push(stream.read_u8().await?);
        let length = usize::from(u16::from_be_bytes([header[FIXED - 2], header[FIXED - 1]]));
        if FIXED + length > LONGEST {
            return Err(invalid("it is too long"));
        }
        header.resize(FIXED + length, 0);
        stream.read_exact(&mut header[FIXED..]).await?;
    } else {
        // The end of the line is known only when it has come; what follows is the client's.
        while header.starts_with(v1::PROTOCOL_PREFIX.as_bytes())
            && !header.ends_with(b"\n")
            && header.len() < LONGEST_LINE
        {
            header.push(stream.read_u8().await?);
        }
    }
    parse(&header)
}

fn parse(header: &[u8]) -> io::Result<Option<SocketAddr>> {
    let result = HeaderResult::parse(header);
    if result.is_incomplete() {
        return Err(invalid("it ends too early"));
    }
    match result {
        HeaderResult::V1(Ok(header)) => Ok(match header.addresses {
            v1::Addresses::Tcp4(ip) => Some(socket(ip.source_address, ip.source_port)),
            v1::Addresses::Tcp6(ip) => Some(socket(ip.source_address, ip.source_port)),
            v1::Addresses::Unknown => None,
        }),
        HeaderResult::V2(Ok(header)) => Ok(match (header.command, header.addresses) {
            // A health check of the proxy's own (section 2.2).
            (v2::Command::Local, _) => None,
            (v2::Command::Proxy, v2::Addresses::IPv4(ip)) => Some(socket(ip.source_address, ip.source_port)),
            (v2::Command::Proxy, v2::Addresses::IPv6(ip)) => Some(socket(ip.source_address, ip.source_port)),
            (v2::Command::Proxy, _) => None,
        }),
        HeaderResult::V1(Err(error)) => Err(invalid(error)),
        HeaderResult::V2(Err(error)) => Err(invalid(error)),
    }
}

fn socket(address: impl Into<IpAddr>, port: u16) -> SocketAddr {
    SocketAddr::new(address.into(), port)
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn of(mut bytes: &[u8]) -> (io::Result<Option<String>>, &[u8]) {
        let client = read(&mut bytes).await.map(|client| client.map(|client| client.to_string()));
        (client, bytes)
    }

    /// Version 2, of a command and a family with the bytes of its addresses.
    fn second(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
        let length = u16::try_from(addresses.len()).expect("short");
        [v2::PROTOCOL_PREFIX, &[0x20 | command, family], &length.to_be_bytes(), addresses, b"GET /"].concat()
    }

    #[tokio::test]
    async fn the_client_is_read_and_nothing_behind_the_header() {
        let ipv4 = [192, 0, 2, 1, 10, 0, 0, 1, 0x12, 0x34, 0, 80];
        for (bytes, expected) in [
            (b"PROXY TCP4 192.0.2.1 10.0.0.1 4660 80\r\nGET /".to_vec(), Some("192.0.2.1:4660")),
            (b"PROXY TCP6 2001:db8::1 2001:db8::2 4660 80\r\nGET /".to_vec(), Some("[2001:db8::1]:4660")),
            (b"PROXY UNKNOWN\r\nGET /".to_vec(), None),
            (b"PROXY UNKNOWN ff::1 ff::2 1 2\r\nGET /".to_vec(), None),
            (second(1, 0x11, &ipv4), Some("192.0.2.1:4660")),
            (second(1, 0x11, &[&ipv4[..], &[4, 0, 1, 7]].concat()), Some("192.0.2.1:4660")),
            (second(0, 0x11, &ipv4), None),
            (second(0, 0, &[]), None),
            (second(1, 0x31, &[0; 216]), None),
        ] {
            let (client, rest) = of(&bytes).await;
            let client = client.unwrap_or_else(|error| panic!("{:?}: {error}", String::from_utf8_lossy(&bytes)));
            assert_eq!(client.as_deref(), expected);
            assert_eq!(rest, b"GET /");
        }
    }

    #[tokio::test]
    async fn what_is_no_header_is_refused() {
        let long = [b"PROXY TCP4 ", &[b'1'; 200][..], b"\r\n"].concat();
        for bytes in [
            &b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"[..],
            b"PROXY TCP4 192.0.2.1 10.0.0.1 4660\r\nGET /",
            b"PROXY TCP4 192.0.2.999 10.0.0.1 1 2\r\n",
            b"PROXY",
            &long,
            &second(1, 0x11, &[0; LONGEST]),
            &second(1, 0x11, &[0; 4]),
            &second(7, 0x11, &[0; 12]),
        ] {
            assert!(of(bytes).await.0.is_err(), "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
