//! Where an origin listens, as people write it.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// A place to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A port of every interface; 0 takes a free one.
    Port(u16),
    /// An address and a port.
    Address(SocketAddr),
    /// Every address that a name has, and a port.
    Name(String, u16),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

/// Text that names no such place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write a port (8080), an address or a name with one (127.0.0.1:8080, [::1]:8080, localhost:8080), or unix:/run/origin.sock"
)]
pub struct NoListen;

impl FromStr for Listen {
    type Err = NoListen;

    fn from_str(text: &str) -> Result<Self, NoListen> {
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.is_empty() { Err(NoListen) } else { Ok(Self::Unix(path.into())) };
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let (name, port) = text.rsplit_once(':').unwrap_or(("", text));
        let port = port.parse().map_err(|_| NoListen)?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        match name {
            "" | "*" => Ok(Self::Port(port)),
            name if name.chars().all(is_name) => Ok(Self::Name(name.to_owned(), port)),
            _ => Err(NoListen),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(port) => write!(f, "port {port}"),
            Self::Address(address) => address.fmt(f),
            Self::Name(name, port) => write!(f, "{name}:{port}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl From<SocketAddr> for Listen {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_place() {
        let address = |text: &str| Listen::Address(text.parse().expect("an address"));
        for (text, expected) in [
            ("8080", Listen::Port(8080)),
            (":80", Listen::Port(80)),
            ("*:80", Listen::Port(80)),
            ("127.0.0.1:0", address("127.0.0.1:0")),
            ("[::1]:443", address("[::1]:443")),
            ("localhost:8080", Listen::Name("localhost".into(), 8080)),
            ("unix:/run/origin.sock", Listen::Unix("/run/origin.sock".into())),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["", "localhost", "unix:", "http://localhost:80", "::1:80", "a b:80", "65536", "127.0.0.1:x"] {
            assert_eq!(text.parse::<Listen>(), Err(NoListen), "{text}");
        }
    }
}
